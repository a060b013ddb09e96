#include <lambent/bloblang/iso_period.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/time_values.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/time_text.hpp>

#include <cstdlib>
#include <limits>
#include <string>

namespace lambent::bloblang {
namespace {

using data::value;

/// Years, months, weeks or days that may be added at once: far beyond what RFC 3339 can show.
constexpr std::int64_t calendar_field_max = 100'000'000;
__extension__ using wide_integer = __int128;

/// The offset may be another one on the other side of a change of clocks.
data::timestamp plus(data::timestamp at, std::int64_t nanos)
{
    const std::int64_t total = at.nanos + nanos % 1'000'000'000;
    const std::int64_t seconds = nanos / 1'000'000'000 + (total >= 1'000'000'000 ? 1 : total < 0 ? -1 : 0);
    at.seconds = static_cast<std::int64_t>(static_cast<std::uint64_t>(at.seconds) + static_cast<std::uint64_t>(seconds)); // wraps as Go's
    at.nanos = static_cast<std::int32_t>(total >= 1'000'000'000 ? total - 1'000'000'000 : total < 0 ? total + 1'000'000'000 : total);
    return at.zone.empty() ? at : in_zone(at, at.zone).value_or(at);
}

preparation prepare_period(const arguments& args, const environment&)
{
    auto made = parse_iso_period(args.text(0));
    if (auto* why = std::get_if<problem>(&made))
        return {nullptr, std::move(*why)};
    return {std::make_shared<iso_period>(std::get<iso_period>(made)), nullptr};
}

/// Whole years, months, weeks and days by the calendar, all else by the clock.
answer shifted(const call& c, bool back)
{
    answer target = time_of(c.target);
    if (!target.ok())
        return target;
    iso_period p = c.args.prepared<iso_period>();
    p.negative = p.negative != back;
    const data::timestamp& at = target.value().as_timestamp();
    if (!p.of_calendar())
        return value(plus(at, p.nanos()));
    for (const std::size_t i : {iso_period::years, iso_period::months, iso_period::weeks, iso_period::days})
        if (std::abs(p.fields[i].coefficient) > calendar_field_max)
            return failed("the result is out of the range of timestamps");
    const data::calendar f = data::calendar_of(at);
    const auto signed_field = [&](std::size_t i) { return p.negative ? -p.fields[i].coefficient : p.fields[i].coefficient; };
    const data::timestamp day = at_clock(f.year + signed_field(iso_period::years), f.month + signed_field(iso_period::months),
        f.day + 7 * signed_field(iso_period::weeks) + signed_field(iso_period::days), f.hour, f.minute, f.second, at.nanos, at);
    return value(plus(day, p.negative ? -p.clock_nanos() : p.clock_nanos()));
}

answer parse_duration(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    auto made = go_duration(*text);
    if (auto* why = std::get_if<problem>(&made))
        return std::move(*why);
    return value(std::get<std::int64_t>(made));
}

answer parse_duration_iso8601(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    auto made = parse_iso_period(*text);
    if (auto* why = std::get_if<problem>(&made))
        return std::move(*why);
    return value(std::get<iso_period>(made).nanos());
}

answer ts_add_iso8601(const call& c) { return shifted(c, false); }
answer ts_sub_iso8601(const call& c) { return shifted(c, true); }

/// Seconds; they wrap around where Go's do.
std::int64_t since_year_one(const data::timestamp& t)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(t.seconds) + 62'135'596'800u);
}

/// To a multiple of the duration since the year 1, halves up (Go's time.Time.Round).
answer ts_round(const call& c)
{
    answer target = time_of(c.target);
    if (!target.ok())
        return target;
    const std::int64_t step = c.args.integer(0);
    const data::timestamp& at = target.value().as_timestamp();
    if (step <= 0)
        return target;
    const auto since = static_cast<wide_integer>(since_year_one(at)) * 1'000'000'000 + at.nanos;
    auto rest = static_cast<std::int64_t>(since % step);
    if (rest < 0)
        rest += step;
    return value(plus(at, rest < step - rest ? -rest : step - rest));
}

answer ts_sub(const call& c)
{
    answer target = time_of(c.target);
    if (!target.ok())
        return target;
    const data::timestamp& a = target.value().as_timestamp();
    const data::timestamp& b = c.args.time(0);
    const auto seconds = static_cast<std::int64_t>(static_cast<std::uint64_t>(a.seconds) - static_cast<std::uint64_t>(b.seconds));
    const auto nanos = static_cast<wide_integer>(seconds) * 1'000'000'000 + (a.nanos - b.nanos);
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    if (nanos >= least && nanos <= most)
        return value(static_cast<std::int64_t>(nanos));
    // Too long for a duration: which of the ends it is, Go decides by seconds since the year 1.
    return value(since_year_one(a) < since_year_one(b) ? least : most);
}

preparation check_zone(const arguments& args, const environment&)
{
    if (args.given(1) && !in_zone({}, std::string(args.text(1))))
        return {nullptr, failed("failed to parse timezone location name: unknown time zone " + std::string(args.text(1)))};
    return {};
}

answer ts_strftime(const call& c)
{
    answer target = time_of(c.target);
    if (!target.ok())
        return target;
    data::timestamp at = target.value().as_timestamp();
    if (c.args.given(1))
        at = in_zone(at, std::string(c.args.text(1))).value_or(at);
    return value(percent_format(at, c.args.text(0)));
}

std::variant<data::timestamp, problem> read_strptime(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    return percent_parse(*text, c.args.text(0));
}

answer ts_strptime(const call& c)
{
    auto made = read_strptime(c);
    if (auto* why = std::get_if<problem>(&made))
        return std::move(*why);
    return value(std::get<data::timestamp>(made));
}

answer parse_timestamp_strptime(const call& c)
{
    auto made = read_strptime(c);
    if (auto* why = std::get_if<problem>(&made))
        return std::move(*why);
    return value(data::rfc3339_nano(std::get<data::timestamp>(made)));
}

} // namespace

const definitions& duration_methods()
{
    static const std::vector<parameter> format{{"format", parameter_type::string}, {"tz", parameter_type::string, std::nullopt, true}};
    static const std::vector<parameter> length{{"duration", parameter_type::string}};
    static const definitions all{
        {.name = "parse_duration", .run = parse_duration, .folds = true, .unsourced = true},
        {.name = "parse_duration_iso8601", .run = parse_duration_iso8601, .folds = true, .unsourced = true},
        {.name = "ts_add_iso8601", .parameters = length, .run = ts_add_iso8601, .prepare = prepare_period, .folds = true,
            .unsourced = true},
        {.name = "ts_sub_iso8601", .parameters = length, .run = ts_sub_iso8601, .prepare = prepare_period, .folds = true,
            .unsourced = true},
        {.name = "ts_round", .parameters = {{"duration", parameter_type::integer}}, .run = ts_round, .folds = true, .unsourced = true},
        {.name = "ts_sub", .parameters = {{"t2", parameter_type::timestamp}}, .run = ts_sub, .folds = true, .unsourced = true},
        {.name = "ts_strftime", .parameters = format, .run = ts_strftime, .prepare = check_zone, .folds = true, .unsourced = true},
        {.name = "format_timestamp_strftime", .parameters = format, .run = ts_strftime, .prepare = check_zone, .folds = true, .unsourced = true},
        {.name = "ts_strptime", .parameters = {{"format", parameter_type::string}}, .run = ts_strptime, .folds = true, .unsourced = true},
        {.name = "parse_timestamp_strptime", .parameters = {{"format", parameter_type::string}}, .run = parse_timestamp_strptime,
            .folds = true, .unsourced = true},
    };
    return all;
}

} // namespace lambent::bloblang
