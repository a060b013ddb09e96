#include <lambent/sigv4/amz_date.hpp>

#include <array>

namespace lambent::sigv4 {
namespace {

using seconds = std::chrono::sys_seconds;

void append_padded(char*& to, unsigned value, int digits) noexcept
{
    for (int i = digits - 1; i >= 0; --i) {
        to[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    to += digits;
}

// All digits, or -1.
int number(std::string_view text) noexcept
{
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

std::optional<core::wall_time> assemble(int year, int month, int day, int hour, int minute, int second)
{
    const std::chrono::year_month_day date(
        std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day)));
    // 60 is a leap second; the clock that is compared with has none.
    if (year < 1 || month < 1 || day < 1 || !date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return std::nullopt;
    const seconds at = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
    // core::wall_time counts nanoseconds in 64 bits: 1677 to 2262.
    if (year < 1678 || year > 2261)
        return std::nullopt;
    return core::wall_time(at);
}

} // namespace

bool append_amz_date(std::string& out, core::wall_time at)
{
    const auto days = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(days);
    const int year = static_cast<int>(date.year());
    if (year < 1 || year > 9999)
        return false;
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(at) - days);
    char text[16];
    char* to = text;
    append_padded(to, static_cast<unsigned>(year), 4);
    append_padded(to, static_cast<unsigned>(date.month()), 2);
    append_padded(to, static_cast<unsigned>(date.day()), 2);
    *to++ = 'T';
    append_padded(to, static_cast<unsigned>(clock.hours().count()), 2);
    append_padded(to, static_cast<unsigned>(clock.minutes().count()), 2);
    append_padded(to, static_cast<unsigned>(clock.seconds().count()), 2);
    *to = 'Z';
    out.append(text, sizeof text);
    return true;
}

std::optional<core::wall_time> parse_amz_date(std::string_view text)
{
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z')
        return std::nullopt;
    return assemble(number(text.substr(0, 4)), number(text.substr(4, 2)), number(text.substr(6, 2)), number(text.substr(9, 2)),
        number(text.substr(11, 2)), number(text.substr(13, 2)));
}

std::optional<core::wall_time> parse_http_date(std::string_view text)
{
    // "Sun, 06 Nov 1994 08:49:37 GMT": fixed columns.
    if (text.size() != 29 || text[3] != ',' || text[4] != ' ' || text[7] != ' ' || text[11] != ' ' || text[16] != ' '
        || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT")
        return std::nullopt;
    static constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int month = 0;
    for (std::size_t i = 0; i < months.size(); ++i)
        if (text.substr(8, 3) == months[i])
            month = static_cast<int>(i) + 1;
    return assemble(number(text.substr(12, 4)), month, number(text.substr(5, 2)), number(text.substr(17, 2)),
        number(text.substr(20, 2)), number(text.substr(23, 2)));
}

} // namespace lambent::sigv4
