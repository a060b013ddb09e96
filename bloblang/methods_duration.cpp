#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/time_values.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/time_text.hpp>

#include <array>
#include <cmath>
#include <string>

namespace lambent::bloblang {
namespace {

using data::value;

/// An ISO 8601 duration, its parts as written; fractions are allowed in each.
struct period
{
    bool negative = false;
    std::array<double, 7> parts{}; ///< years, months, weeks, days, hours, minutes, seconds
};
__extension__ using wide_integer = __int128;
constexpr std::string_view designators = "YMWDHMS";
/// Mean lengths in seconds of the Gregorian calendar; a year has 365.2425 days.
constexpr std::array<double, 7> lengths{31556952, 2629746, 604800, 86400, 3600, 60, 1};

std::variant<period, problem> parse_period(std::string_view text)
{
    const auto wrong = [&](const std::string& why) { return failed(std::string(text) + ": " + why); };
    if (text.empty())
        return failed("cannot parse a blank string as a period");
    period p;
    std::string_view rest = text;
    if (rest.front() == '-' || rest.front() == '+') {
        p.negative = rest.front() == '-';
        rest.remove_prefix(1);
    }
    if (!rest.starts_with('P'))
        return wrong("expected 'P' period mark at the start");
    rest.remove_prefix(1);
    bool in_time = false;
    bool any = false;
    std::size_t next = 0; // parts before this one have been seen or passed
    std::array<bool, 7> seen{};
    while (!rest.empty()) {
        if (rest.front() == 'T') {
            if (in_time)
                return wrong("'T' designator cannot occur more than once");
            in_time = true;
            next = 4;
            rest.remove_prefix(1);
            continue;
        }
        std::size_t length = 0;
        std::string number;
        while (length < rest.size() &&
            ((rest[length] >= '0' && rest[length] <= '9') || rest[length] == '.' || rest[length] == ',' ||
                ((rest[length] == '-' || rest[length] == '+') && length == 0))) {
            number += rest[length] == ',' ? '.' : rest[length];
            ++length;
        }
        if (length == 0)
            return wrong(std::string("expected a number but found '") + rest.front() + "'");
        if (length == rest.size())
            return wrong("missing designator at the end");
        const char c = rest[length];
        if (designators.find(c) == std::string_view::npos)
            return wrong(std::string("expected a designator Y, M, W, D, H, or S not '") + c + "'");
        std::size_t part = 7;
        for (std::size_t i = in_time ? 4 : 0; i < (in_time ? 7U : 4U); ++i)
            if (designators[i] == c)
                part = i;
        if (part == 7)
            return wrong(std::string("'") + c + "' designator cannot occur here");
        if (seen[part])
            return wrong(std::string("'") + c + "' designator cannot occur more than once");
        seen[part] = true;
        char* end = nullptr;
        p.parts[part] = std::strtod(number.c_str(), &end);
        if (end != number.c_str() + number.size())
            return wrong("number invalid or out of range");
        any = true;
        next = part + 1;
        rest.remove_prefix(length + 1);
    }
    (void)next;
    if (!any)
        return wrong("expected 'Y', 'M', 'W', 'D', 'H', 'M', or 'S' designator");
    return p;
}

std::int64_t nanoseconds_of(const period& p)
{
    long double seconds = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i)
        seconds += static_cast<long double>(p.parts[i]) * lengths[i];
    const long double nanos = seconds * 1e9L;
    return static_cast<std::int64_t>(p.negative ? -nanos : nanos);
}

data::timestamp plus(data::timestamp at, std::int64_t nanos)
{
    const std::int64_t total = at.nanos + nanos % 1'000'000'000;
    at.seconds += nanos / 1'000'000'000 + (total >= 1'000'000'000 ? 1 : total < 0 ? -1 : 0);
    at.nanos = static_cast<std::int32_t>(total >= 1'000'000'000 ? total - 1'000'000'000 : total < 0 ? total + 1'000'000'000 : total);
    return at;
}

/// Whole years, months and days by the calendar, all else by the clock.
answer shifted(const call& c, int direction)
{
    answer target = time_of(c.target);
    if (!target.ok())
        return target;
    auto parsed_period = parse_period(c.args.text(0));
    if (auto* why = std::get_if<problem>(&parsed_period))
        return std::move(*why);
    const period& p = std::get<period>(parsed_period);
    const int sign = p.negative ? -direction : direction;
    data::timestamp at = target.value().as_timestamp();
    bool whole = true;
    for (std::size_t i = 0; i < 4; ++i)
        whole = whole && p.parts[i] == std::floor(p.parts[i]);
    if (!whole)
        return value(plus(at, sign * (p.negative ? -nanoseconds_of(p) : nanoseconds_of(p))));
    const data::calendar f = data::calendar_of(at);
    const auto part = [&](std::size_t i) { return sign * static_cast<std::int64_t>(p.parts[i]); };
    at = at_clock(f.year + part(0), f.month + part(1), f.day + part(2) * 7 + part(3), f.hour, f.minute, f.second, at.nanos, at);
    long double clock = 0;
    for (std::size_t i = 4; i < 7; ++i)
        clock += static_cast<long double>(p.parts[i]) * lengths[i];
    at = plus(at, sign * static_cast<std::int64_t>(clock * 1e9L));
    // The offset may differ on the other side of a change of clocks.
    if (const auto shown = in_zone(at, at.zone); shown && !at.zone.empty())
        at = *shown;
    return value(at);
}

answer parse_duration(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    auto made = go_duration(c.target.text());
    if (auto* why = std::get_if<problem>(&made))
        return std::move(*why);
    return value(std::get<std::int64_t>(made));
}

answer parse_duration_iso8601(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    auto made = parse_period(c.target.text());
    if (auto* why = std::get_if<problem>(&made))
        return std::move(*why);
    return value(nanoseconds_of(std::get<period>(made)));
}

answer ts_add_iso8601(const call& c) { return shifted(c, 1); }
answer ts_sub_iso8601(const call& c) { return shifted(c, -1); }

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
    constexpr std::int64_t year_one = -62'135'596'800; // seconds from 1970 back to the year 1
    const auto since = static_cast<wide_integer>(at.seconds - year_one) * 1'000'000'000 + at.nanos;
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
    const auto nanos = static_cast<wide_integer>(a.seconds - b.seconds) * 1'000'000'000 + (a.nanos - b.nanos);
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    return value(nanos > most ? most : nanos < least ? least : static_cast<std::int64_t>(nanos));
}

answer ts_strftime(const call& c)
{
    answer target = time_of(c.target);
    if (!target.ok())
        return target;
    data::timestamp at = target.value().as_timestamp();
    if (c.args.given(1)) {
        const std::string zone(c.args.text(1));
        const auto shown = in_zone(at, zone);
        if (!shown)
            return failed("failed to parse timezone location name: unknown time zone " + zone);
        at = *shown;
    }
    return value(percent_format(at, c.args.text(0)));
}

std::variant<data::timestamp, problem> read_strptime(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    return percent_parse(c.target.text(), c.args.text(0));
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
        {.name = "ts_add_iso8601", .parameters = length, .run = ts_add_iso8601, .folds = true, .unsourced = true},
        {.name = "ts_sub_iso8601", .parameters = length, .run = ts_sub_iso8601, .folds = true, .unsourced = true},
        {.name = "ts_round", .parameters = {{"duration", parameter_type::integer}}, .run = ts_round, .folds = true, .unsourced = true},
        {.name = "ts_sub", .parameters = {{"t2", parameter_type::timestamp}}, .run = ts_sub, .folds = true, .unsourced = true},
        {.name = "ts_strftime", .parameters = format, .run = ts_strftime, .folds = true, .unsourced = true},
        {.name = "format_timestamp_strftime", .parameters = format, .run = ts_strftime, .folds = true, .unsourced = true},
        {.name = "ts_strptime", .parameters = {{"format", parameter_type::string}}, .run = ts_strptime, .folds = true, .unsourced = true},
        {.name = "parse_timestamp_strptime", .parameters = {{"format", parameter_type::string}}, .run = parse_timestamp_strptime,
            .folds = true, .unsourced = true},
    };
    return all;
}

} // namespace lambent::bloblang
