#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/time_values.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <cmath>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

answer string(const call& c)
{
    // NaN has a text where it stands alone, and none in JSON.
    const bool narrow = c.target.kind() == kind::float64 && c.target.width() != 0;
    if (narrow && !std::isfinite(c.target.as_float64()))
        return value();
    std::string text = to_text(c.target);
    if (text.empty() && (c.target.is_array() || c.target.is_object()))
        return value();
    return value(std::move(text));
}
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

/// A conversion with a default, which also stands in for a target that cannot be evaluated.
answer with_default(const expression& target, const arguments& args, const frame& at, answer (*convert)(const value& v))
{
    answer a = target.eval(at);
    if (a.ok()) {
        a = convert(a.value());
        if (!a.ok())
            a = named_by(std::move(a).take_failure(), target.annotation());
    }
    return a.ok() || !args.given(0) ? std::move(a) : answer(args.any(0));
}

answer number(const expression& target, const arguments& args, const frame& at)
{
    return with_default(target, args, at, [](const value& v) { return parsed_number(v, 64); });
}

answer float64(const call& c) { return parsed_number(c.target, 64); }

answer float32(const call& c)
{
    // The original does not take its own result again.
    if (c.target.width() == 32 && c.target.kind() == kind::float64)
        return wrong_type("number", c.target);
    answer a = parsed_number(c.target, c.target.is_text() ? 32 : 64);
    if (!a.ok())
        return a;
    return value(static_cast<double>(static_cast<float>(a.value().as_float64()))).narrowed(32);
}

answer parsed_bool(const value& v)
{
    if (const auto truth = truth_of(v))
        return value(*truth);
    if (v.is_text()) {
        if (const auto read = parse_bool(v.text()))
            return value(*read);
    }
    return wrong_type("bool", v);
}

answer bool_(const expression& target, const arguments& args, const frame& at)
{
    return with_default(target, args, at, parsed_bool);
}

answer timestamp(const expression& target, const arguments& args, const frame& at)
{
    return with_default(target, args, at, time_of);
}

} // namespace

const definitions& conversion_methods()
{
    using type = parameter_type;
    static const definitions all = {
        {.name = "array", .run = array},
        {.name = "bool", .parameters = {{"default", type::boolean, std::nullopt, true}}, .run_unevaluated = bool_},
        {.name = "bytes", .run = bytes},
        {.name = "float32", .run = float32, .unsourced = true},
        {.name = "float64", .run = float64, .unsourced = true},
        {.name = "number", .parameters = {{"default", type::real, std::nullopt, true}}, .run_unevaluated = number},
        {.name = "string", .run = string},
        {.name = "timestamp", .parameters = {{"default", type::timestamp, std::nullopt, true}}, .run_unevaluated = timestamp},
    };
    return all;
}

} // namespace lambent::bloblang
