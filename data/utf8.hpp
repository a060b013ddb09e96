#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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
inline decoded_rune decode_utf8(std::string_view text) noexcept;
/// Surrogates and codes out of range become U+FFFD.
void append_utf8(std::string& out, char32_t code);
bool is_utf8(std::string_view text) noexcept;
/// Has no byte above 0x7f.
inline bool is_ascii(std::string_view text) noexcept
{
    constexpr std::uint64_t tops = 0x8080808080808080;
    const char* at = text.data();
    std::uint64_t seen = 0;
    for (const char* const last = at + text.size() / 8 * 8; at < last; at += 8) {
        std::uint64_t word;
        std::memcpy(&word, at, sizeof word);
        seen |= word;
    }
    for (const char* const end = text.data() + text.size(); at < end; ++at)
        seen |= static_cast<unsigned char>(*at);
    return (seen & tops) == 0;
}

namespace detail {
/// The same for a first byte above 0x7f.
decoded_rune decode_long(std::string_view text) noexcept;
}

inline decoded_rune decode_utf8(std::string_view text) noexcept
{
    const auto first = static_cast<unsigned char>(text[0]);
    return first < 0x80 ? decoded_rune{first, 1, true} : detail::decode_long(text);
}

} // namespace lambent::data
