#pragma once

#include <string_view>

namespace lambent::http {

// The grammar that requests and responses share (RFC 9110 §5.6, RFC 9112).

bool is_token_char(char c) noexcept;
/// Not empty, and nothing but token characters: methods and field names.
bool is_token(std::string_view text) noexcept;
/// HTAB, SP, VCHAR and obs-text: field values and reasons. False for CR, LF, NUL and other controls.
bool is_text(std::string_view text) noexcept;
bool is_text_char(char c) noexcept;
/// Without blanks and tabs at both ends.
std::string_view trimmed(std::string_view text) noexcept;
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
