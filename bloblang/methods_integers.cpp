#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/registry.hpp>

#include <cmath>
#include <limits>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

std::string bits_named(int bits) { return (bits == 8 ? "an " : "a ") + std::to_string(bits) + "-bit "; }

problem decimals(const char* what)
{
    return failed("float value contains decimals and therefore cannot be cast as " + std::string(what) +
        " integer, if you intend to round the value then call `.round()` explicitly before this cast");
}

problem unlimited(double f, const char* what)
{
    return failed((std::isnan(f) ? "cannot convert NAN to " : "cannot convert +/-INF to ") + std::string(what));
}

answer ranged_signed(std::int64_t i, int bits)
{
    const std::int64_t most = bits == 64 ? std::numeric_limits<std::int64_t>::max() : (std::int64_t{1} << (bits - 1)) - 1;
    if (i > most)
        return failed("value is too large to be cast as " + bits_named(bits) + "signed integer");
    if (i < -most - 1)
        return failed("value is too small to be cast as " + bits_named(bits) + "signed integer");
    return value(i);
}

answer ranged_unsigned(std::uint64_t u, int bits)
{
    if (bits < 64 && u >> bits != 0)
        return failed("value is too large to be cast as " + bits_named(bits) + "unsigned integer");
    return value::unsigned_integer(u);
}

answer as_signed(const value& v, int bits)
{
    switch (v.kind()) {
    case kind::int64:
        return ranged_signed(v.as_int64(), bits);
    case kind::uint64:
        if (v.as_uint64() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return failed("unsigned integer value is too large to be cast as a signed integer");
        return ranged_signed(static_cast<std::int64_t>(v.as_uint64()), bits);
    case kind::float64: {
        const double f = v.as_float64();
        if (!std::isfinite(f))
            return unlimited(f, "an integer");
        if (f != std::trunc(f))
            return decimals("a signed");
        if (f >= 9223372036854775808.0)
            return failed("float value is too large to be cast as a signed integer");
        if (f < -9223372036854775808.0)
            return failed("float value is too small to be cast as a signed integer");
        return ranged_signed(static_cast<std::int64_t>(f), bits);
    }
    case kind::number:
    case kind::string:
    case kind::bytes: {
        auto read = parse_int(v.text(), v.kind() == kind::number ? 10 : 0, 64);
        if (auto* why = std::get_if<problem>(&read))
            return std::move(*why);
        return ranged_signed(std::get<std::int64_t>(read), bits);
    }
    default:
        return wrong_type("number", v);
    }
}

answer as_unsigned(const value& v, int bits)
{
    const auto from_signed = [&](std::int64_t i) -> answer {
        if (i < 0)
            return failed("signed integer value is negative and cannot be cast as an unsigned integer");
        return ranged_unsigned(static_cast<std::uint64_t>(i), bits);
    };
    switch (v.kind()) {
    case kind::int64:
        return from_signed(v.as_int64());
    case kind::uint64:
        return ranged_unsigned(v.as_uint64(), bits);
    case kind::float64: {
        const double f = v.as_float64();
        if (f < 0)
            return failed("float value is negative and cannot be cast as an unsigned integer");
        if (!std::isfinite(f))
            return unlimited(f, "an unsigned integer");
        if (f != std::trunc(f))
            return decimals("an unsigned");
        if (f >= 18446744073709551616.0)
            return failed("float value is too large to be cast as an unsigned integer");
        return ranged_unsigned(static_cast<std::uint64_t>(f), bits);
    }
    case kind::number: {
        auto read = parse_int(v.text(), 10, 64);
        if (auto* why = std::get_if<problem>(&read))
            return std::move(*why);
        return from_signed(std::get<std::int64_t>(read));
    }
    case kind::string:
    case kind::bytes: {
        auto read = parse_uint(v.text(), 0, 64);
        if (auto* why = std::get_if<problem>(&read))
            return std::move(*why);
        return ranged_unsigned(std::get<std::uint64_t>(read), bits);
    }
    default:
        return wrong_type("number", v);
    }
}

template <int Bits>
answer signed_cast(const call& c)
{
    answer a = as_signed(c.target, Bits);
    return a.ok() && Bits < 64 ? answer(a.value().narrowed(Bits)) : std::move(a);
}

template <int Bits>
answer unsigned_cast(const call& c)
{
    answer a = as_unsigned(c.target, Bits);
    return a.ok() && Bits < 64 ? answer(a.value().narrowed(Bits)) : std::move(a);
}

} // namespace

const definitions& integer_methods()
{
    static const definitions all = {
        {.name = "int16", .run = signed_cast<16>, .unsourced = true},
        {.name = "int32", .run = signed_cast<32>, .unsourced = true},
        {.name = "int64", .run = signed_cast<64>, .unsourced = true},
        {.name = "int8", .run = signed_cast<8>, .unsourced = true},
        {.name = "uint16", .run = unsigned_cast<16>, .unsourced = true},
        {.name = "uint32", .run = unsigned_cast<32>, .unsourced = true},
        {.name = "uint64", .run = unsigned_cast<64>, .unsourced = true},
        {.name = "uint8", .run = unsigned_cast<8>, .unsourced = true},
    };
    return all;
}

} // namespace lambent::bloblang
