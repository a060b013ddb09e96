#pragma once

#include <lambent/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace lambent::aws {

/// Inflates a gzip body (RFC 1952, one or more members). We ask for none, yet proxies and emulators send some.
/// @param bytes_max  of the result; beyond, and for what is not gzip, malformed_response.
core::result<std::string> inflate_gzip(std::string_view bytes, std::size_t bytes_max);

} // namespace lambent::aws
