#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace lambent::http {

// The grammar that requests and responses share (RFC 9110 §5.6, RFC 9112).

namespace detail {

constexpr std::array<bool, 256> make_token_table()
{
    std::array<bool, 256> table{};
    for (int c = 'a'; c <= 'z'; ++c)
        table[static_cast<std::size_t>(c)] = true;
    for (int c = 'A'; c <= 'Z'; ++c)
        table[static_cast<std::size_t>(c)] = true;
    for (int c = '0'; c <= '9'; ++c)
        table[static_cast<std::size_t>(c)] = true;
    for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}
inline constexpr auto token_table = make_token_table(); // RFC 9110 §5.6.2, tchar

} // namespace detail

inline bool is_token_char(char c) noexcept { return detail::token_table[static_cast<unsigned char>(c)]; }
/// Not empty, and nothing but token characters: methods and field names.
bool is_token(std::string_view text) noexcept;
/// HTAB, SP, VCHAR and obs-text: field values and reasons. False for CR, LF, NUL and other controls.
bool is_text(std::string_view text) noexcept;
inline bool is_text_char(char c) noexcept
{
    const auto u = static_cast<unsigned char>(c);
    return (u >= 0x20 && u != 0x7f) || c == '\t';
}
/// How many bytes from the beginning are token characters; are text.
std::size_t token_prefix(std::string_view text) noexcept;
std::size_t text_prefix(std::string_view text) noexcept;
inline bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
/// Without blanks and tabs at both ends.
inline std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}
/// -1 where it is none.
int hex_digit(char c) noexcept;

/// A field line without its CRLF, taken apart. Both empty where it is no field: folded, no colon, a name that is no token, a value
/// with controls.
struct field_line
{
    std::string_view name;
    std::string_view value;
    const char* wrong = nullptr; ///< why it is none
};
field_line split_field(std::string_view line) noexcept;

} // namespace lambent::http
