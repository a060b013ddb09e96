#pragma once

#include <lambent/core/error.hpp>

#include <string>
#include <vector>

namespace lambent::stream {

/// Glob patterns (`*`, `?`, `[a-z]`, and `**` for any depth) as sorted paths, each once; what has no pattern in it stays as it is.
/// A pattern that matches nothing gives nothing.
core::result<std::vector<std::string>> expand(const std::vector<std::string>& patterns);

} // namespace lambent::stream
