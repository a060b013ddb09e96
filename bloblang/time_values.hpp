#pragma once

#include <lambent/bloblang/failure.hpp>
#include <lambent/data/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lambent::bloblang {

/// The default layout of the time methods: Go's time.RFC3339Nano.
inline constexpr std::string_view rfc3339_nano_layout = "2006-01-02T15:04:05.999999999Z07:00";

/// A timestamp, RFC 3339 text, or unix seconds (with a fraction); the answer is a timestamp value.
answer time_of(const data::value& v);

/// Go's time.Time.Format and its String().
std::string go_time_format(const data::timestamp& at, std::string_view layout);
data::value go_time_text(const data::timestamp& at, std::string_view layout);
std::string go_time_string(const data::timestamp& at);
/// Go's time.Parse, its words included: parsing time "x" as "2006": cannot parse "x" as "2006".
std::variant<data::timestamp, problem> go_time_parse(std::string_view layout, std::string_view text);

/// Percent formats, as ts_strftime and ts_strptime know them.
std::string percent_format(const data::timestamp& at, std::string_view format);
std::variant<data::timestamp, problem> percent_parse(std::string_view text, std::string_view format);

/// The same moment shown in an IANA zone, "UTC", "" or "Local"; nullopt: unknown zone.
std::optional<data::timestamp> in_zone(const data::timestamp& at, const std::string& zone);
/// The moment whose clock in `zone` shows these fields (as Go's time.Date: carries over what is out of range).
data::timestamp at_clock(std::int64_t year, std::int64_t month, std::int64_t day, std::int64_t hour, std::int64_t minute,
    std::int64_t second, std::int64_t nanos, const data::timestamp& zone_of);

/// How package time quotes in its errors: ASCII as it is, " and \ escaped, all else as \xNN.
std::string time_quote(std::string_view text);

/// Go's time.ParseDuration, in nanoseconds: time: invalid duration "x".
std::variant<std::int64_t, problem> go_duration(std::string_view text);

} // namespace lambent::bloblang
