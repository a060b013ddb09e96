#pragma once

#include <lambent/core/error.hpp>
#include <lambent/processor/jmespath/tree.hpp>

#include <string_view>

namespace lambent::processor::jmespath {

/// Parses one expression. The error is the original's: "SyntaxError: Incomplete expression". Bounded in depth.
core::result<node> parse(std::string_view expression);

} // namespace lambent::processor::jmespath
