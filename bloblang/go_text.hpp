#pragma once

#include <lambent/bloblang/failure.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// Small pieces of Go's strconv and unicode whose results and words show through the language.
namespace lambent::bloblang {

/// strconv.Quote; with `ascii_only` QuoteToASCII.
std::string go_quote(std::string_view text, bool ascii_only = false);
/// strconv.QuoteRune
std::string go_quote_rune(char32_t code, bool ascii_only = false);
/// strconv.Unquote of a text in ", ' or `; nullopt: invalid syntax.
std::optional<std::string> go_unquote(std::string_view text);
/// unicode.IsPrint
bool is_printable(char32_t code) noexcept;

/// unicode.ToUpper and ToLower: one code point to one.
char32_t upper_of(char32_t code) noexcept;
/// unicode.ToTitle
char32_t title_of(char32_t code) noexcept;
char32_t lower_of(char32_t code) noexcept;
bool is_letter_or_digit(char32_t code) noexcept;
/// unicode.IsSpace
bool is_space(char32_t code) noexcept;
/// Every code point mapped; invalid bytes become U+FFFD.
std::string mapped(std::string_view text, char32_t (*map)(char32_t) noexcept);

/// strconv.ParseBool
std::optional<bool> parse_bool(std::string_view text) noexcept;
/// strconv.ParseFloat: underscores between digits, hexadecimal floats, inf and nan.
/// The failure: `strconv.ParseFloat: parsing "x": invalid syntax`.
std::variant<double, problem> parse_float(std::string_view text, int bits = 64);
/// strconv.ParseInt with base 0 (prefixes 0x 0o 0b 0 and underscores) or another one.
std::variant<std::int64_t, problem> parse_int(std::string_view text, int base, int bits);
std::variant<std::uint64_t, problem> parse_uint(std::string_view text, int base, int bits);

} // namespace lambent::bloblang
