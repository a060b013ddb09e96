#pragma once

#include <string_view>

namespace lambent::processor::jq {

/// The only member of the object that a failure of the prelude carries: [kind, name, values...].
inline constexpr std::string_view failure_key = "\x01" "jq";

/// Definitions that stand before each query.
std::string_view prelude();

} // namespace lambent::processor::jq
