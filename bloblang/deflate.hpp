#pragma once

#include <lambent/bloblang/failure.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace lambent::bloblang {

enum class deflate_wrapping { none, zlib, gzip, pgzip };

/// What is decompressed to more than this is refused: a small text must not take all memory.
inline constexpr std::size_t inflated_max = 256u << 20;
problem too_large();

/// DEFLATE (RFC 1951) as the original's library frames it. Level -1: the default.
std::variant<std::string, problem> deflated(std::string_view text, int level, deflate_wrapping how);
/// Failures in Go's words: unexpected EOF, gzip: invalid header, flate: corrupt input before offset 5.
std::variant<std::string, problem> inflated(std::string_view text, deflate_wrapping how);

} // namespace lambent::bloblang
