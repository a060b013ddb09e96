#pragma once

#include <lambent/data/value.hpp>

#include <cstdint>
#include <string>

namespace lambent::data {

/// A moment's calendar fields in its own zone.
struct calendar
{
    std::int64_t year = 1970;
    unsigned month = 1; ///< 1..12
    unsigned day = 1;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    unsigned weekday = 0; ///< 0 = Sunday
    unsigned yearday = 1; ///< 1..366
};
calendar calendar_of(const timestamp& at) noexcept;
/// Days since 1970-01-01 of a proleptic Gregorian date; months beyond 1..12 and days beyond the month carry over.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) noexcept;

/// Go's time.RFC3339Nano: 2020-01-01T00:00:00.5Z, trailing zeros of the fraction cut.
std::string rfc3339_nano(const timestamp& at);

} // namespace lambent::data
