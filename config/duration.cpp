#include <lambent/config/errc.hpp>
#include <lambent/config/node.hpp>

#include <cmath>

namespace lambent::config {
namespace {

/// As Go quotes in these messages: printable ASCII as is, everything else as \xNN.
std::string quoted(std::string_view text)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte >= 0x80 || byte < ' ') {
            out += "\\x";
            out.push_back(digits[byte >> 4]);
            out.push_back(digits[byte & 15]);
        } else {
            out.push_back(c);
        }
    }
    return out + "\"";
}

core::error wrong(std::string what)
{
    core::error e;
    e.code = errc::invalid_duration;
    e.detail = std::move(what);
    return e;
}

/// Nanoseconds of a unit; 0 for none such. U+00B5 and U+03BC are both micro.
std::uint64_t nanoseconds_of(std::string_view unit)
{
    if (unit == "ns")
        return 1;
    if (unit == "us" || unit == "\u00b5s" || unit == "\u03bcs")
        return 1'000;
    if (unit == "ms")
        return 1'000'000;
    if (unit == "s")
        return 1'000'000'000;
    if (unit == "m")
        return 60'000'000'000;
    return unit == "h" ? 3'600'000'000'000 : 0;
}

constexpr std::uint64_t two_to_63 = std::uint64_t{1} << 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A decimal number split at its point. Fraction digits beyond 63 bits are read and ignored: they are below a nanosecond.
struct number
{
    std::uint64_t whole = 0;
    std::uint64_t fraction = 0;
    double scale = 1;
};

/// False: no digits, or more than 63 bits of them.
bool read_number(std::string_view& rest, number& out)
{
    bool any = false;
    for (; !rest.empty() && is_digit(rest[0]); rest.remove_prefix(1), any = true) {
        const auto digit = static_cast<std::uint64_t>(rest[0] - '0');
        if (out.whole > two_to_63 / 10 || out.whole * 10 + digit > two_to_63)
            return false;
        out.whole = out.whole * 10 + digit;
    }
    if (rest.empty() || rest[0] != '.')
        return any;
    rest.remove_prefix(1);
    bool full = false;
    for (; !rest.empty() && is_digit(rest[0]); rest.remove_prefix(1), any = true) {
        const auto digit = static_cast<std::uint64_t>(rest[0] - '0');
        full = full || out.fraction > (two_to_63 - 1) / 10 || out.fraction * 10 + digit > two_to_63;
        if (full)
            continue;
        out.fraction = out.fraction * 10 + digit;
        out.scale *= 10;
    }
    return any;
}

/// The unit's name in front of `rest`, which ends at the next digit or point.
std::string_view take_unit(std::string_view& rest)
{
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != '.' && !is_digit(rest[end]))
        ++end;
    const std::string_view unit = rest.substr(0, end);
    rest.remove_prefix(end);
    return unit;
}

/// False when it does not fit 63 bits.
bool add(std::uint64_t& total, const number& n, std::uint64_t unit)
{
    if (n.whole > two_to_63 / unit)
        return false;
    std::uint64_t value = n.whole * unit;
    if (n.fraction > 0)
        value += static_cast<std::uint64_t>(static_cast<double>(n.fraction) * (static_cast<double>(unit) / n.scale));
    if (value > two_to_63)
        return false;
    total += value;
    return total <= two_to_63;
}

} // namespace

core::result<core::duration> parse_duration(std::string_view text)
{
    const std::string invalid = "time: invalid duration " + quoted(text);
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+'))
        rest.remove_prefix(1);
    if (rest == "0")
        return core::duration{0};
    if (rest.empty())
        return wrong(invalid);
    std::uint64_t total = 0;
    while (!rest.empty()) {
        number n;
        if (!read_number(rest, n))
            return wrong(invalid);
        const std::string_view unit = take_unit(rest);
        if (unit.empty())
            return wrong("time: missing unit in duration " + quoted(text));
        const std::uint64_t nanoseconds = nanoseconds_of(unit);
        if (nanoseconds == 0)
            return wrong("time: unknown unit " + quoted(unit) + " in duration " + quoted(text));
        if (!add(total, n, nanoseconds))
            return wrong(invalid);
    }
    if (negative)
        return core::duration{static_cast<std::int64_t>(0 - total)};
    if (total == two_to_63)
        return wrong(invalid);
    return core::duration{static_cast<std::int64_t>(total)};
}

} // namespace lambent::config
