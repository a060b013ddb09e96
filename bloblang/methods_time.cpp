#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>
#include <lambent/bloblang/time_values.hpp>

namespace lambent::bloblang {
namespace {

using data::timestamp;
using data::value;

answer ts_parse(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    auto read = go_time_parse(c.args.text(0), *text);
    if (auto* why = std::get_if<problem>(&read))
        return std::move(*why);
    return value(std::get<timestamp>(std::move(read)));
}

/// The deprecated form gives a text.
answer parse_timestamp(const call& c)
{
    answer a = ts_parse(c);
    return a.ok() ? answer(value(go_time_format(a.value().as_timestamp(), rfc3339_nano_layout))) : std::move(a);
}

/// An optional zone, checked while parsing where it is constant.
preparation check_zone(const arguments& args, std::size_t i)
{
    if (args.given(i) && !in_zone({}, std::string(args.text(i)))) {
        return {nullptr, failed("failed to parse timezone location name: unknown time zone " + std::string(args.text(i)))};
    }
    return {};
}
preparation check_only_zone(const arguments& args, const environment&) { return check_zone(args, 0); }
preparation check_second_zone(const arguments& args, const environment&) { return check_zone(args, 1); }

answer ts_format(const call& c)
{
    answer t = time_of(c.target);
    if (!t.ok())
        return t;
    const timestamp& at = t.value().as_timestamp();
    if (c.args.given(1))
        return go_time_text(in_zone(at, std::string(c.args.text(1))).value_or(at), c.args.text(0));
    return go_time_text(at, c.args.text(0));
}

answer ts_tz(const call& c)
{
    answer t = time_of(c.target);
    if (!t.ok())
        return t;
    const timestamp& at = t.value().as_timestamp();
    return value(in_zone(at, std::string(c.args.text(0))).value_or(at));
}

template <std::int64_t PerSecond>
answer ts_unix(const call& c)
{
    answer t = time_of(c.target);
    if (!t.ok())
        return t;
    const timestamp& at = t.value().as_timestamp();
    // Go lets these sums wrap around.
    const auto whole = static_cast<std::uint64_t>(at.seconds) * static_cast<std::uint64_t>(PerSecond);
    return value(static_cast<std::int64_t>(whole + static_cast<std::uint64_t>(at.nanos / (1'000'000'000 / PerSecond))));
}

} // namespace

const definitions& time_methods()
{
    using enum parameter_type;
    static const std::vector<parameter> layout = {{"format", string}};
    static const std::vector<parameter> layout_zone = {
        {"format", string, value(rfc3339_nano_layout)}, {"tz", string, std::nullopt, true}};
    static const auto unix_of = [](std::string_view name, answer (*run)(const call&)) {
        return definition{.name = name, .run = run, .folds = true, .unsourced = true};
    };
    static const auto format_of = [](std::string_view name) {
        return definition{
            .name = name, .parameters = layout_zone, .run = ts_format, .prepare = check_second_zone, .folds = true, .unsourced = true};
    };
    static const definitions all = {
        format_of("format_timestamp"),
        format_of("ts_format"),
        unix_of("format_timestamp_unix", ts_unix<1>),
        unix_of("format_timestamp_unix_micro", ts_unix<1'000'000>),
        unix_of("format_timestamp_unix_milli", ts_unix<1'000>),
        unix_of("format_timestamp_unix_nano", ts_unix<1'000'000'000>),
        unix_of("ts_unix", ts_unix<1>),
        unix_of("ts_unix_micro", ts_unix<1'000'000>),
        unix_of("ts_unix_milli", ts_unix<1'000>),
        unix_of("ts_unix_nano", ts_unix<1'000'000'000>),
        {.name = "parse_timestamp", .parameters = layout, .run = parse_timestamp, .folds = true, .unsourced = true},
        {.name = "ts_parse", .parameters = layout, .run = ts_parse, .folds = true, .unsourced = true},
        {.name = "ts_tz", .parameters = {{"tz", string}}, .run = ts_tz, .prepare = check_only_zone, .folds = true, .unsourced = true},
    };
    return all;
}

} // namespace lambent::bloblang
