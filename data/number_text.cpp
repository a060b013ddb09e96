#include <lambent/data/number_text.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace lambent::data {
namespace {

/// The shortest digits that read back as `f`, and the decimal exponent of the first one.
struct digits
{
    std::string text; ///< no sign, no point
    int exponent = 0;
};

digits shortest_digits(double f, bool narrow)
{
    std::array<char, 40> room;
    char* const room_end = room.data() + room.size();
    const auto end = narrow ? std::to_chars(room.data(), room_end, static_cast<float>(f), std::chars_format::scientific).ptr
                            : std::to_chars(room.data(), room_end, f, std::chars_format::scientific).ptr;
    const std::string_view all(room.data(), static_cast<std::size_t>(end - room.data()));
    const auto e = all.find('e');
    digits d;
    for (const char c : all.substr(0, e)) {
        if (c != '.')
            d.text.push_back(c);
    }
    const char* first = all.data() + e + 1;
    if (*first == '+')
        ++first;
    std::from_chars(first, all.data() + all.size(), d.exponent);
    return d;
}

std::string exponent_form(const digits& d, std::size_t exponent_digits_min)
{
    std::string out(1, d.text[0]);
    if (d.text.size() > 1)
        out.append(1, '.').append(d.text, 1);
    out += d.exponent < 0 ? "e-" : "e+";
    const std::string e = std::to_string(std::abs(d.exponent));
    out.append(e.size() < exponent_digits_min ? exponent_digits_min - e.size() : 0, '0').append(e);
    return out;
}

std::string plain_form(const digits& d)
{
    if (d.exponent < 0)
        return "0." + std::string(static_cast<std::size_t>(-d.exponent - 1), '0') + d.text;
    const auto whole = static_cast<std::size_t>(d.exponent) + 1;
    if (d.text.size() <= whole)
        return d.text + std::string(whole - d.text.size(), '0');
    return d.text.substr(0, whole) + "." + d.text.substr(whole);
}

} // namespace

std::string json_float(double f, bool narrow)
{
    if (f == 0)
        return std::signbit(f) ? "-0" : "0";
    const digits d = shortest_digits(std::abs(f), narrow);
    const double size = std::abs(f);
    const std::string sign = f < 0 ? "-" : "";
    // encoding/json rewrites e-09 to e-9.
    return sign + (size < 1e-6 || size >= 1e21 ? exponent_form(d, 1) : plain_form(d));
}

std::string shortest_float(double f, bool narrow)
{
    if (std::isnan(f))
        return "NaN";
    if (std::isinf(f))
        return f < 0 ? "-Inf" : "+Inf";
    if (f == 0)
        return std::signbit(f) ? "-0" : "0";
    const digits d = shortest_digits(std::abs(f), narrow);
    const std::string sign = f < 0 ? "-" : "";
    return sign + (d.exponent < -4 || d.exponent >= 6 ? exponent_form(d, 2) : plain_form(d));
}

std::optional<std::int64_t> int64_of(std::string_view literal) noexcept
{
    std::int64_t i = 0;
    const char* end = literal.data() + literal.size();
    const auto read = std::from_chars(literal.data(), end, i);
    if (read.ec != std::errc{} || read.ptr != end)
        return std::nullopt;
    return i;
}

std::optional<double> float64_of(std::string_view literal) noexcept
{
    double f = 0;
    const char* end = literal.data() + literal.size();
    const auto read = std::from_chars(literal.data(), end, f);
    if (read.ptr != end)
        return std::nullopt;
    if (read.ec == std::errc::result_out_of_range) {
        // Too small is zero for Go, too large an error; from_chars leaves `f` alone for both.
        const auto e = literal.find_first_of("eE");
        const bool small = e != std::string_view::npos ? literal.substr(e + 1).starts_with('-') : literal.find('.') == 1;
        return small ? std::optional<double>(0.0) : std::nullopt;
    }
    if (read.ec != std::errc{})
        return std::nullopt;
    return f;
}

} // namespace lambent::data
