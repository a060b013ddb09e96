#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lambent::data {

struct decoded_rune
{
    char32_t code = 0xfffd;
    std::size_t size = 1; ///< bytes taken; 1 for an invalid byte
    bool valid = false;
};

/// The first code point of a text that is not empty; U+FFFD and one byte where it is not valid UTF-8 (Go's utf8.DecodeRune).
decoded_rune decode_utf8(std::string_view text) noexcept;
/// Surrogates and codes out of range become U+FFFD.
void append_utf8(std::string& out, char32_t code);
bool is_utf8(std::string_view text) noexcept;

} // namespace lambent::data
