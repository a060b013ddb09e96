#include <lambent/bloblang/time_values.hpp>
#include <lambent/bloblang/go_text.hpp>

#include <lambent/data/time_text.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>

#include <date/tz.h>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::timestamp;
using data::value;

/// A moment before 2037 with the same month, day, weekday and clock: compiled zone files list changes of clocks up to 2037 only,
/// and those go by weekdays of a month. Years without a leap day suffice: no zone changes its clocks around the 29th of February.
std::int64_t within_tables(std::int64_t seconds)
{
    constexpr std::int64_t end = 2'114'380'800; // 2037-01-01T00:00:00Z
    if (seconds < end)
        return seconds;
    const data::calendar f = data::calendar_of({.seconds = seconds});
    for (const int year : {2025, 2026, 2027, 2029, 2030, 2033, 2034}) {
        const std::int64_t days = data::days_of(year, f.month, f.day);
        if ((days + 4) % 7 == f.weekday) // 1970-01-01 was a Thursday
            return days * 86'400 + seconds % 86'400;
    }
    return seconds;
}

} // namespace

answer time_of(const value& v)
{
    switch (v.kind()) {
    case kind::timestamp:
        return v;
    case kind::int64:
    case kind::uint64:
    case kind::number:
    case kind::float64: {
        timestamp t;
        double f = 0;
        if (v.kind() == kind::int64) {
            t.seconds = v.as_int64();
            return value(std::move(t));
        }
        if (v.kind() == kind::uint64) {
            t.seconds = static_cast<std::int64_t>(v.as_uint64());
            return value(std::move(t));
        }
        if (v.kind() == kind::number) {
            auto whole = parse_int(v.text(), 10, 64);
            if (const auto* i = std::get_if<std::int64_t>(&whole)) {
                t.seconds = *i;
                return value(std::move(t));
            }
            auto real = parse_float(v.text());
            if (auto* why = std::get_if<problem>(&real))
                return std::move(*why);
            f = std::get<double>(real);
        } else {
            f = v.as_float64();
        }
        if (std::isnan(f)) {
            // Go on amd64: the smallest seconds and the smallest nanoseconds, the one carried over into the other.
            t.seconds = 9'223'372'027'631'403'771;
            t.nanos = 145'224'192;
            return value(std::move(t));
        }
        const double whole = std::trunc(f);
        // Go on amd64 gives the smallest int64 for what does not fit.
        const bool fits = whole >= -9223372036854775808.0 && whole < 9223372036854775808.0;
        t.seconds = fits ? static_cast<std::int64_t>(whole) : std::numeric_limits<std::int64_t>::min();
        t.nanos = fits ? static_cast<std::int32_t>((f - whole) * 1e9) : 0;
        if (t.nanos < 0) {
            t.nanos += 1'000'000'000;
            --t.seconds; // it fits, so that this is no smallest one
        }
        return value(std::move(t));
    }
    case kind::string:
    case kind::bytes: {
        auto read = go_time_parse(rfc3339_nano_layout, v.text());
        if (auto* why = std::get_if<problem>(&read))
            return std::move(*why);
        return value(std::get<timestamp>(std::move(read)));
    }
    default:
        return wrong_type("number or string", v);
    }
}

std::optional<timestamp> in_zone(const timestamp& at, const std::string& zone)
{
    timestamp out = at;
    if (zone.empty() || zone == "UTC" || zone == "Local") {
        out.offset = 0;
        out.zone = "UTC";
        out.abbreviation = "UTC";
        return out;
    }
    try {
        const date::time_zone* found = date::locate_zone(zone);
        const date::sys_info info = found->get_info(date::sys_seconds(std::chrono::seconds(within_tables(at.seconds))));
        out.offset = static_cast<std::int32_t>(info.offset.count());
        out.zone = zone;
        out.abbreviation = info.abbrev;
        return out;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

timestamp at_clock(std::int64_t year, std::int64_t month, std::int64_t day, std::int64_t hour, std::int64_t minute,
    std::int64_t second, std::int64_t nanos, const timestamp& zone_of)
{
    const std::int64_t carry = nanos >= 0 ? nanos / 1'000'000'000 : -((-nanos + 999'999'999) / 1'000'000'000);
    timestamp out = zone_of;
    out.nanos = static_cast<std::int32_t>(nanos - carry * 1'000'000'000);
    // Unsigned, for seconds wrap around as Go's do.
    const auto days = static_cast<std::uint64_t>(data::days_of(year, month, day));
    const std::uint64_t local = days * 86400 + static_cast<std::uint64_t>(hour * 3600 + minute * 60 + second + carry);
    const auto moment = [local](std::int64_t offset) { return static_cast<std::int64_t>(local - static_cast<std::uint64_t>(offset)); };
    out.seconds = moment(zone_of.offset);
    if (out.zone.empty() || out.zone == "UTC")
        return out;
    // As Go's time.Date: the offset that holds when this clock shows UTC, then the one that holds at the moment it leads to.
    timestamp guess = out;
    guess.seconds = moment(0);
    const auto there = in_zone(guess, out.zone);
    if (!there)
        return out;
    guess.seconds = moment(there->offset);
    const auto then = there->offset != 0 ? in_zone(guess, out.zone) : there;
    guess.seconds = moment(then->offset);
    if (const auto shown = in_zone(guess, out.zone))
        return *shown;
    return out;
}

} // namespace lambent::bloblang
