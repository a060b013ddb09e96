#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/time_values.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <array>
#include <charconv>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

answer string(const call& c) { return value(to_text(c.target)); }
answer bytes(const call& c) { return value::bytes(to_text(c.target)); }

answer array(const call& c) { return c.target.is_array() ? c.target : value::array({c.target}); }

answer parsed_number(const value& v, int bits)
{
    if (v.is_text() || v.kind() == kind::number) {
        auto read = parse_float(v.text(), bits);
        if (auto* why = std::get_if<problem>(&read))
            return std::move(*why);
        return value(std::get<double>(read));
    }
    const auto f = number_of(v);
    if (!f)
        return wrong_type("number", v);
    return value(*f);
}

answer number(const call& c)
{
    answer a = parsed_number(c.target, 64);
    if (!a.ok() && c.args.given(0))
        return value(c.args.real(0));
    return a;
}

answer float64(const call& c) { return parsed_number(c.target, 64); }

/// A float32 is kept as the float64 that prints like it: 0.1, not 0.10000000149011612.
answer float32(const call& c)
{
    answer a = parsed_number(c.target, c.target.is_text() ? 32 : 64);
    if (!a.ok())
        return a;
    const auto narrow = static_cast<float>(a.value().as_float64());
    std::array<char, 32> room;
    const auto end = std::to_chars(room.data(), room.data() + room.size(), narrow).ptr;
    double wide = narrow;
    std::from_chars(room.data(), end, wide);
    return value(wide).narrowed(32);
}

answer bool_(const call& c)
{
    if (const auto truth = truth_of(c.target))
        return value(*truth);
    if (c.target.is_text()) {
        if (const auto read = parse_bool(c.target.text()))
            return value(*read);
    }
    if (c.args.given(0))
        return c.args.any(0);
    return wrong_type("bool", c.target);
}

answer timestamp(const call& c)
{
    answer a = time_of(c.target);
    if (!a.ok() && c.args.given(0))
        return c.args.any(0);
    return a;
}

} // namespace

const definitions& conversion_methods()
{
    using type = parameter_type;
    static const definitions all = {
        {.name = "array", .run = array},
        {.name = "bool", .parameters = {{"default", type::boolean, std::nullopt, true}}, .run = bool_},
        {.name = "bytes", .run = bytes},
        {.name = "float32", .run = float32, .unsourced = true},
        {.name = "float64", .run = float64, .unsourced = true},
        {.name = "number", .parameters = {{"default", type::real, std::nullopt, true}}, .run = number},
        {.name = "string", .run = string},
        {.name = "timestamp", .parameters = {{"default", type::timestamp, std::nullopt, true}}, .run = timestamp},
    };
    return all;
}

} // namespace lambent::bloblang
