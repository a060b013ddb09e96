#include <lambent/data/time_text.hpp>

#include <cstdio>
#include <cstdlib>

namespace lambent::data {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept
{
    const std::int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

} // namespace

// Howard Hinnant's civil-calendar arithmetic: eras of 400 years = 146097 days, years starting in March.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) noexcept
{
    year += floor_div(month - 1, 12);
    month = (month - 1) - floor_div(month - 1, 12) * 12 + 1;
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = floor_div(year, 400);
    const std::int64_t of_era = year - era * 400;
    const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

calendar calendar_of(const timestamp& at) noexcept
{
    // Go counts from a year far back in unsigned seconds: any int64 has a date, and sums wrap around.
    constexpr std::uint64_t start_days = 106'751'991'073'400;
    const std::uint64_t local = static_cast<std::uint64_t>(at.seconds) + static_cast<std::uint64_t>(std::int64_t{at.offset}) + start_days * 86400;
    const auto days = static_cast<std::int64_t>(local / 86400 - start_days);
    const auto rest = static_cast<std::int64_t>(local % 86400);
    calendar c;
    c.hour = static_cast<unsigned>(rest / 3600);
    c.minute = static_cast<unsigned>(rest / 60 % 60);
    c.second = static_cast<unsigned>(rest % 60);
    c.weekday = static_cast<unsigned>(((days + 4) % 7 + 7) % 7);
    const std::int64_t shifted = days + 719468;
    const std::int64_t era = floor_div(shifted, 146097);
    const std::int64_t of_era = shifted - era * 146097;
    const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const std::int64_t m = (5 * of_year + 2) / 153;
    c.day = static_cast<unsigned>(of_year - (153 * m + 2) / 5 + 1);
    c.month = static_cast<unsigned>(m < 10 ? m + 3 : m - 9);
    c.year = year + era * 400 + (c.month <= 2 ? 1 : 0);
    c.yearday = static_cast<unsigned>(days - days_of(c.year, 1, 1) + 1);
    return c;
}

std::string rfc3339_nano(const timestamp& at)
{
    const calendar c = calendar_of(at);
    char room[64];
    const char* sign = c.year < 0 ? "-" : "";
    std::snprintf(room, sizeof room, "%s%04lld-%02u-%02uT%02u:%02u:%02u", sign, std::llabs(c.year), c.month, c.day, c.hour,
        c.minute, c.second);
    std::string out = room;
    if (at.nanos != 0) {
        std::snprintf(room, sizeof room, ".%09d", at.nanos);
        out += room;
        out.erase(out.find_last_not_of('0') + 1);
    }
    if (at.offset == 0)
        return out + "Z";
    const int minutes = std::abs(at.offset) / 60;
    std::snprintf(room, sizeof room, "%c%02d:%02d", at.offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return out + room;
}

} // namespace lambent::data
