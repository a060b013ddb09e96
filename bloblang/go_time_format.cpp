#include <lambent/bloblang/go_time.hpp>
#include <lambent/bloblang/time_names.hpp>
#include <lambent/bloblang/time_values.hpp>

#include <lambent/data/time_text.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace lambent::bloblang {
namespace {

using piece = layout_piece;

void append_number(std::string& out, std::int64_t n, std::size_t width)
{
    if (n >= 0 && n < 100 && width == 2) {
        const char two[] = {static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
        out.append(two, 2);
        return;
    }
    char room[24];
    const char* const end = std::to_chars(room, room + sizeof room, std::llabs(n)).ptr;
    const auto digits = static_cast<std::size_t>(end - room);
    if (n < 0)
        out.push_back('-');
    out.append(digits < width ? width - digits : 0, '0').append(room, digits);
}

void append_zone(std::string& out, piece p, const data::timestamp& at)
{
    const bool iso = p >= piece::iso_zone && p <= piece::iso_colon_seconds_zone;
    if (iso && at.offset == 0) {
        out.push_back('Z');
        return;
    }
    const int offset = std::abs(at.offset);
    out.push_back(at.offset < 0 ? '-' : '+');
    append_number(out, offset / 3600, 2);
    const bool colon = p == piece::iso_colon_zone || p == piece::iso_colon_seconds_zone || p == piece::number_colon_zone ||
        p == piece::number_colon_seconds_zone;
    if (p == piece::iso_short_zone || p == piece::number_short_zone)
        return;
    if (colon)
        out.push_back(':');
    append_number(out, offset / 60 % 60, 2);
    const bool seconds = p == piece::iso_seconds_zone || p == piece::iso_colon_seconds_zone ||
        p == piece::number_seconds_zone || p == piece::number_colon_seconds_zone;
    if (!seconds)
        return;
    if (colon)
        out.push_back(':');
    append_number(out, offset % 60, 2);
}

void append_fraction(std::string& out, char point, std::int32_t nanos, int digits, bool trim)
{
    std::string text;
    append_number(text, nanos, 9);
    text.resize(static_cast<std::size_t>(std::min(digits, 9)));
    if (trim) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.empty())
            return;
    }
    out.push_back(point);
    out += text;
}

void append_piece(std::string& out, const layout_split& s, const data::timestamp& at, const data::calendar& c)
{
    const unsigned hour12 = c.hour % 12 == 0 ? 12 : c.hour % 12;
    const auto number = [&](std::int64_t n, std::size_t width = 0) { append_number(out, n, width); };
    switch (s.piece) {
    case piece::year:
        number(((c.year % 100) + 100) % 100, 2);
        return;
    case piece::long_year:
        number(c.year, 4);
        return;
    case piece::month:
        out += month_names[c.month - 1].substr(0, 3);
        return;
    case piece::long_month:
        out += month_names[c.month - 1];
        return;
    case piece::number_month:
        return number(c.month);
    case piece::zero_month:
        return number(c.month, 2);
    case piece::weekday:
        out += day_names[c.weekday].substr(0, 3);
        return;
    case piece::long_weekday:
        out += day_names[c.weekday];
        return;
    case piece::day:
        return number(c.day);
    case piece::space_day:
        if (c.day < 10)
            out.push_back(' ');
        return number(c.day);
    case piece::zero_day:
        return number(c.day, 2);
    case piece::space_yearday:
        out.append(c.yearday < 10 ? 2 : c.yearday < 100 ? 1 : 0, ' ');
        return number(c.yearday);
    case piece::zero_yearday:
        return number(c.yearday, 3);
    case piece::hour24:
        return number(c.hour, 2);
    case piece::hour12:
        return number(hour12);
    case piece::zero_hour12:
        return number(hour12, 2);
    case piece::minute:
        return number(c.minute);
    case piece::zero_minute:
        return number(c.minute, 2);
    case piece::second:
        return number(c.second);
    case piece::zero_second:
        return number(c.second, 2);
    case piece::upper_pm:
        out += c.hour >= 12 ? "PM" : "AM";
        return;
    case piece::lower_pm:
        out += c.hour >= 12 ? "pm" : "am";
        return;
    case piece::zone_name:
        if (!at.abbreviation.empty()) {
            out += at.abbreviation;
            return;
        }
        // No name: the offset.
        out.push_back(at.offset < 0 ? '-' : '+');
        number(std::abs(at.offset) / 3600, 2);
        number(std::abs(at.offset) / 60 % 60, 2);
        return;
    case piece::fraction0:
    case piece::fraction9:
        return append_fraction(out, s.text[0], at.nanos, s.digits, s.piece == piece::fraction9);
    default:
        append_zone(out, s.piece, at);
    }
}

void append_time(std::string& out, const data::timestamp& at, std::string_view layout)
{
    const data::calendar c = data::calendar_of(at);
    for (const layout_split& s : pieces_of(layout).all) {
        out += s.before;
        if (s.piece != piece::none)
            append_piece(out, s, at, c);
    }
}

} // namespace

std::string go_time_format(const data::timestamp& at, std::string_view layout)
{
    std::string out;
    append_time(out, at, layout);
    return out;
}

data::value go_time_text(const data::timestamp& at, std::string_view layout)
{
    constexpr std::size_t kept_max = 4096;
    thread_local std::string out;
    out.clear();
    append_time(out, at, layout);
    const data::value made(out);
    if (out.capacity() > kept_max)
        std::string().swap(out);
    return made;
}

std::string go_time_string(const data::timestamp& at) { return go_time_format(at, "2006-01-02 15:04:05.999999999 -0700 MST"); }

} // namespace lambent::bloblang
