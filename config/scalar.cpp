#include <lambent/config/detail/tree.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace lambent::config::detail {
namespace {

bool one_of(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
bool looks_like_float(std::string_view text)
{
    std::size_t i = 0;
    const auto digits = [&] {
        const std::size_t start = i;
        while (i < text.size() && is_digit(text[i]))
            ++i;
        return i - start;
    };
    if (i < text.size() && (text[i] == '-' || text[i] == '+'))
        ++i;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (digits() == 0)
            return false;
    } else {
        if (digits() == 0)
            return false;
        if (i < text.size() && text[i] == '.') {
            ++i;
            digits();
        }
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '-' || text[i] == '+'))
            ++i;
        if (digits() == 0)
            return false;
    }
    return i == text.size();
}

std::string without_underscores(std::string_view text)
{
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != '_'; });
    return out;
}

/// Go's ParseInt and ParseUint with base 0 over text without underscores: sign, then 0x, 0o, 0b, a leading 0 (octal) or decimal.
bool read_magnitude(std::string_view text, bool& negative, std::uint64_t& magnitude)
{
    negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.size() >= 2 && text[0] == '0') {
        const char mark = static_cast<char>(text[1] | 0x20);
        if (mark == 'x' || mark == 'o' || mark == 'b') {
            base = mark == 'x' ? 16 : mark == 'o' ? 8 : 2;
            text.remove_prefix(2);
        } else {
            base = 8;
            text.remove_prefix(1);
        }
    }
    if (text.empty())
        return false;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
    return code == std::errc() && end == text.data() + text.size();
}

/// One or two digits, as Go's reference times "1", "2", "15", "4", "5" read them.
bool take_number(std::string_view& rest, int least, int most)
{
    int value = 0;
    std::size_t count = 0;
    while (count < 2 && count < rest.size() && is_digit(rest[count]))
        value = value * 10 + (rest[count++] - '0');
    rest.remove_prefix(count);
    return count > 0 && value >= least && value <= most;
}

bool take(std::string_view& rest, char c)
{
    if (!rest.starts_with(c))
        return false;
    rest.remove_prefix(1);
    return true;
}

bool take_clock(std::string_view& rest)
{
    if (!(take_number(rest, 0, 23) && take(rest, ':') && take_number(rest, 0, 59) && take(rest, ':') && take_number(rest, 0, 59)))
        return false;
    if (rest.size() >= 2 && (rest[0] == '.' || rest[0] == ',') && is_digit(rest[1])) {
        rest.remove_prefix(1);
        while (!rest.empty() && is_digit(rest[0]))
            rest.remove_prefix(1);
    }
    return true;
}

/// yyyy-m-d, with T or t a time and a zone, after a blank a time without. Go's parser tags these as timestamps; a text field does
/// not care, a number's field says so in its error.
bool looks_like_timestamp(std::string_view text)
{
    if (text.size() < 8 || !std::all_of(text.begin(), text.begin() + 4, is_digit) || text[4] != '-')
        return false;
    std::string_view rest = text.substr(5);
    if (!take_number(rest, 1, 12) || !take(rest, '-') || !take_number(rest, 1, 31))
        return false;
    if (rest.empty())
        return true;
    if (take(rest, ' '))
        return take_clock(rest) && rest.empty();
    if (!(take(rest, 'T') || take(rest, 't')) || !take_clock(rest))
        return false;
    if (rest == "Z")
        return true;
    return (take(rest, '+') || take(rest, '-')) && rest.size() == 5 && take_number(rest, 0, 24) && take(rest, ':') && take_number(rest, 0, 59);
}

} // namespace

std::string_view plain_scalar_tag(std::string_view text)
{
    if (one_of(text, {"", "~", "null", "Null", "NULL"}))
        return "!!null";
    if (one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"}))
        return "!!bool";
    if (one_of(text, {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"}))
        return "!!float";
    if (text == "<<")
        return "!!merge";
    const char first = text[0];
    if (first == '.')
        return looks_like_float(without_underscores(text)) ? "!!float" : "!!str";
    if (!is_digit(first) && first != '-' && first != '+')
        return "!!str";
    if (looks_like_timestamp(text))
        return "!!timestamp";
    const std::string plain = without_underscores(text);
    bool negative = false;
    std::uint64_t magnitude = 0;
    if (read_magnitude(plain, negative, magnitude)) {
        if (!negative || magnitude <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + 1)
            return "!!int";
    }
    return looks_like_float(plain) ? "!!float" : "!!str";
}

bool read_integer(std::string_view text, std::int64_t& out)
{
    bool negative = false;
    std::uint64_t magnitude = 0;
    if (!read_magnitude(without_underscores(text), negative, magnitude))
        return false;
    constexpr auto top = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (magnitude > top + (negative ? 1 : 0))
        return false;
    out = negative ? static_cast<std::int64_t>(0 - magnitude) : static_cast<std::int64_t>(magnitude);
    return true;
}

bool read_real(std::string_view text, double& out)
{
    if (one_of(text, {".nan", ".NaN", ".NAN"})) {
        out = std::numeric_limits<double>::quiet_NaN();
        return true;
    }
    std::string plain = without_underscores(text);
    const bool negative = !plain.empty() && plain[0] == '-';
    if (one_of(plain, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"})) {
        out = negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
        return true;
    }
    bool minus = false;
    std::uint64_t magnitude = 0;
    if (read_magnitude(plain, minus, magnitude)) {
        out = minus ? -static_cast<double>(magnitude) : static_cast<double>(magnitude);
        return true;
    }
    if (!looks_like_float(plain))
        return false;
    const char* start = plain.c_str() + (plain[0] == '+' ? 1 : 0);
    const auto [end, code] = std::from_chars(start, plain.c_str() + plain.size(), out);
    return code == std::errc() && end == plain.c_str() + plain.size();
}

} // namespace lambent::config::detail
