#include <lambent/http/syntax.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lambent::http {
namespace {

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
constexpr auto token_table = make_token_table(); // RFC 9110 §5.6.2, tchar

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

} // namespace

bool is_token_char(char c) noexcept { return token_table[static_cast<unsigned char>(c)]; }

bool is_token(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_text_char(char c) noexcept
{
    const auto u = static_cast<unsigned char>(c);
    return (u >= 0x20 && u != 0x7f) || c == '\t';
}

bool is_text(std::string_view text) noexcept
{
    // Eight bytes at a time; tabs are rare.
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t tops = 0x8080808080808080U;
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        const std::uint64_t below_blank = (word - ones * 0x20) & ~word & tops;
        const std::uint64_t without_del = word ^ (ones * 0x7f);
        const std::uint64_t del = (without_del - ones) & ~without_del & tops;
        if ((below_blank | del) != 0 && !std::all_of(at, at + 8, is_text_char))
            return false;
    }
    return std::all_of(at, at + left, is_text_char);
}

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char low = static_cast<char>(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

field_line split_field(std::string_view line) noexcept
{
    field_line out;
    if (line.empty() || is_blank(line.front())) {
        out.wrong = "a header line is folded";
        return out;
    }
    std::size_t colon = 0;
    while (colon < line.size() && is_token_char(line[colon]))
        ++colon;
    if (colon == 0 || colon == line.size() || line[colon] != ':') {
        out.wrong = "a header name is empty or holds what no token may";
        return out;
    }
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!is_text(value)) {
        out.wrong = "a header value holds control characters";
        return out;
    }
    out.name = line.substr(0, colon);
    out.value = value;
    return out;
}

} // namespace lambent::http
