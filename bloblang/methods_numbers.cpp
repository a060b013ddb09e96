#include <lambent/bloblang/go_math.hpp>
#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <cmath>
#include <limits>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

answer abs(const call& c)
{
    const value v = settled(c.target);
    if (v.kind() == kind::float64)
        return value(std::fabs(v.as_float64()));
    if (v.kind() != kind::int64)
        return wrong_type("number or integer", c.target);
    const std::int64_t i = v.as_int64();
    if (i == std::numeric_limits<std::int64_t>::min())
        return value(std::numeric_limits<std::int64_t>::max());
    return value(i < 0 ? -i : i);
}

/// The rounded number, as int64 where it fits.
answer rounded(const call& c, double (*round)(double))
{
    if (!c.target.is_numeric() || c.target.width() != 0)
        return wrong_type("number", c.target);
    if (c.target.kind() == kind::number) {
        auto read = parse_float(c.target.text());
        if (auto* why = std::get_if<problem>(&read))
            return within("failed to parse number: ", std::move(*why));
    }
    const value v = settled(c.target);
    if (v.kind() != kind::float64)
        return v;
    const double f = round(v.as_float64());
    if (f >= -9223372036854775808.0 && f < 9223372036854775808.0)
        return value(static_cast<std::int64_t>(f));
    return value(f);
}

answer ceil(const call& c) { return rounded(c, [](double f) { return std::ceil(f); }); }
answer floor(const call& c) { return rounded(c, [](double f) { return std::floor(f); }); }
answer round(const call& c) { return rounded(c, [](double f) { return std::round(f); }); }

answer calculated(const call& c, double (*function)(double) noexcept)
{
    const auto f = number_of(c.target);
    if (!f)
        return wrong_type("number", c.target);
    return value(function(*f));
}

/// The logarithms take full numbers only.
answer logarithm(const call& c, double (*function)(double) noexcept)
{
    return c.target.width() == 0 ? calculated(c, function) : answer(wrong_type("number", c.target));
}

answer log(const call& c) { return logarithm(c, go_log); }
answer log10(const call& c) { return logarithm(c, go_log10); }
answer sin(const call& c) { return calculated(c, go_sin); }
answer cos(const call& c) { return calculated(c, go_cos); }
answer tan(const call& c) { return calculated(c, go_tan); }

answer pow(const call& c)
{
    const auto f = number_of(c.target);
    if (!f)
        return wrong_type("number", c.target);
    return value(go_pow(*f, c.args.real(0)));
}

answer bits(const call& c, std::int64_t (*combine)(std::int64_t, std::int64_t))
{
    const auto i = integer_of(c.target);
    if (!i)
        return wrong_type("integer", c.target);
    return value(combine(*i, c.args.integer(0)));
}

answer bitwise_and(const call& c) { return bits(c, [](std::int64_t a, std::int64_t b) { return a & b; }); }
answer bitwise_or(const call& c) { return bits(c, [](std::int64_t a, std::int64_t b) { return a | b; }); }
answer bitwise_xor(const call& c) { return bits(c, [](std::int64_t a, std::int64_t b) { return a ^ b; }); }

} // namespace

const definitions& number_methods()
{
    static const std::vector<parameter> other = {{"value", parameter_type::integer}};
    static const definitions all = {
        {.name = "abs", .run = abs, .unsourced = true},
        {.name = "bitwise_and", .parameters = other, .run = bitwise_and},
        {.name = "bitwise_or", .parameters = other, .run = bitwise_or},
        {.name = "bitwise_xor", .parameters = other, .run = bitwise_xor},
        {.name = "ceil", .run = ceil},
        {.name = "cos", .run = cos, .unsourced = true},
        {.name = "floor", .run = floor},
        {.name = "log", .run = log},
        {.name = "log10", .run = log10},
        {.name = "pow", .parameters = {{"exponent", parameter_type::real}}, .run = pow, .unsourced = true},
        {.name = "round", .run = round},
        {.name = "sin", .run = sin, .unsourced = true},
        {.name = "tan", .run = tan, .unsourced = true},
    };
    return all;
}

} // namespace lambent::bloblang
