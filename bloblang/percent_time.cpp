#include <lambent/bloblang/time_values.hpp>

#include <lambent/bloblang/go_text.hpp>
#include <lambent/data/time_text.hpp>
#include <lambent/data/utf8.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>

namespace lambent::bloblang {
namespace {

constexpr std::array<std::string_view, 12> months{"January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> weekdays{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::size_t width_max = 1024;

/// Conversions that stand for others.
std::string_view composition(char c)
{
    switch (c) {
    case 'c':
        return "%a %b %e %H:%M:%S %Y";
    case '+':
        return "%a %b %e %H:%M:%S %Z %Y";
    case 'v':
        return "%e-%b-%Y";
    case 'r':
        return "%I:%M:%S %p";
    case 'F':
        return "%Y-%m-%d";
    case 'D':
    case 'x':
        return "%m/%d/%y";
    case 'T':
    case 'X':
        return "%H:%M:%S";
    case 'R':
        return "%H:%M";
    default:
        return {};
    }
}

struct iso_week
{
    std::int64_t year;
    unsigned week;
};

/// ISO 8601: the week that holds the year's first Thursday is its week 1.
iso_week iso_week_of(const data::calendar& c)
{
    const int from_monday = static_cast<int>((c.weekday + 6) % 7);
    const std::int64_t thursday = data::days_of(c.year, c.month, c.day) - from_monday + 3;
    std::int64_t year = c.year;
    if (thursday < data::days_of(year, 1, 1))
        --year;
    else if (thursday >= data::days_of(year + 1, 1, 1))
        ++year;
    return {year, static_cast<unsigned>((thursday - data::days_of(year, 1, 1)) / 7 + 1)};
}

struct flags
{
    std::optional<char> pad; ///< '\0': none
    std::size_t width = 0;
    bool upper = false;
    bool swap = false;
    int colons = 0;
};

class strftime_writer
{
public:
    explicit strftime_writer(const data::timestamp& at) : at_(at), c_(data::calendar_of(at)) {}

    std::string write(std::string_view format);

private:
    /// Reads flags, width and colons behind a `%`; `i` ends on the conversion's letter.
    static flags modifiers(std::string_view format, std::size_t& i);
    bool conversion(char c, const flags& f);
    void number(std::int64_t n, std::size_t width, char pad, const flags& f);
    void text(std::string_view s, const flags& f);
    void offset(const flags& f);

    const data::timestamp& at_;
    data::calendar c_;
    bool upper_ = false; ///< of a composition's flag, for all its parts
    std::string out_;
};

void strftime_writer::number(std::int64_t n, std::size_t width, char pad, const flags& f)
{
    if (f.pad)
        pad = *f.pad;
    if (f.width > 0)
        width = f.width;
    const std::string digits = std::to_string(n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n));
    const std::size_t taken = digits.size() + (n < 0 ? 1 : 0);
    const std::size_t missing = pad != '\0' && width > taken ? width - taken : 0;
    if (pad != '0')
        out_.append(missing, pad);
    if (n < 0)
        out_ += '-';
    if (pad == '0')
        out_.append(missing, '0');
    out_ += digits;
}

void strftime_writer::text(std::string_view s, const flags& f)
{
    if (s.size() < f.width && f.pad != '\0')
        out_.append(f.width - s.size(), f.pad.value_or(' '));
    for (const char c : s) {
        const auto byte = static_cast<unsigned char>(c);
        if (f.upper || upper_)
            out_ += static_cast<char>(std::toupper(byte));
        else if (f.swap)
            out_ += static_cast<char>(std::islower(byte) ? std::toupper(byte) : std::tolower(byte));
        else
            out_ += c;
    }
}

void strftime_writer::offset(const flags& f)
{
    const std::int32_t size = at_.offset < 0 ? -at_.offset : at_.offset;
    // Without zeroes the hour has one digit, and blanks stand before the sign.
    const bool bare = f.pad && *f.pad != '0';
    std::string digits;
    const auto two = [&digits](std::int32_t n) {
        digits += static_cast<char>('0' + n / 10);
        digits += static_cast<char>('0' + n % 10);
    };
    if (bare && size < 36000)
        digits += static_cast<char>('0' + size / 3600);
    else
        two(size / 3600);
    if (f.colons != 3 || size % 3600 != 0) {
        if (f.colons > 0)
            digits += ':';
        two(size / 60 % 60);
        if (f.colons == 2 || (f.colons == 3 && size % 60 != 0)) {
            digits += ':';
            two(size % 60);
        }
    }
    // A blank stands for the zero that the hour lost.
    const std::size_t narrowest = digits.size() + 1 + (f.pad == ' ' && size < 36000 ? 1 : 0);
    const std::size_t width = f.pad == '\0' ? 0 : std::max(f.width, narrowest);
    const std::size_t missing = width > digits.size() + 1 ? width - digits.size() - 1 : 0;
    if (bare)
        out_.append(missing, ' ');
    out_ += at_.offset < 0 ? '-' : '+';
    if (!bare)
        out_.append(missing, '0');
    out_ += digits;
}

bool strftime_writer::conversion(char c, const flags& f)
{
    const unsigned hour12 = c_.hour % 12 == 0 ? 12 : c_.hour % 12;
    const unsigned from_sunday = (c_.yearday + 6 - c_.weekday) / 7;
    const unsigned from_monday = (c_.yearday + 6 - (c_.weekday + 6) % 7) / 7;
    switch (c) {
    case 'Y':
        return number(c_.year, 4, '0', f), true;
    case 'y':
        return number(c_.year % 100, 2, '0', f), true;
    case 'C':
        return number(c_.year / 100, 2, '0', f), true;
    case 'g':
        return number(iso_week_of(c_).year % 100, 2, '0', f), true;
    case 'G':
        return number(iso_week_of(c_).year, 4, '0', f), true;
    case 'm':
        return number(c_.month, 2, '0', f), true;
    case 'B':
        return text(months[c_.month - 1], f), true;
    case 'b':
    case 'h':
        return text(months[c_.month - 1].substr(0, 3), f), true;
    case 'A':
        return text(weekdays[c_.weekday], f), true;
    case 'a':
        return text(weekdays[c_.weekday].substr(0, 3), f), true;
    case 'w':
        return number(c_.weekday, 1, '0', f), true;
    case 'u':
        return number(c_.weekday == 0 ? 7 : c_.weekday, 1, '0', f), true;
    case 'V':
        return number(iso_week_of(c_).week, 2, '0', f), true;
    case 'U':
        return number(from_sunday, 2, '0', f), true;
    case 'W':
        return number(from_monday, 2, '0', f), true;
    case 'd':
        return number(c_.day, 2, '0', f), true;
    case 'e':
        return number(c_.day, 2, ' ', f), true;
    case 'j':
        return number(c_.yearday, 3, '0', f), true;
    case 'H':
        return number(c_.hour, 2, '0', f), true;
    case 'k':
        return number(c_.hour, 2, ' ', f), true;
    case 'I':
        return number(hour12, 2, '0', f), true;
    case 'l':
        return number(hour12, 2, ' ', f), true;
    case 'M':
        return number(c_.minute, 2, '0', f), true;
    case 'S':
        return number(c_.second, 2, '0', f), true;
    case 's':
        return number(at_.seconds, 1, ' ', f), true;
    case 'f':
        return number(at_.nanos / 1000, 6, '0', f), true;
    case 'p':
        return text(f.swap ? (c_.hour < 12 ? "am" : "pm") : (c_.hour < 12 ? "AM" : "PM"), flags{f.pad, f.width, f.upper, false, 0}), true;
    case 'P':
        return text(c_.hour < 12 ? "am" : "pm", f), true;
    case 'Z':
        if (at_.abbreviation.empty())
            return offset(f), true;
        return text(at_.abbreviation, f), true;
    case 'z':
        return offset(f), true;
    case 't':
        return text("\t", f), true;
    case 'n':
        return text("\n", f), true;
    case '%':
        return text("%", f), true;
    default:
        break;
    }
    if (const std::string_view parts = composition(c); !parts.empty()) {
        strftime_writer inner(at_);
        inner.upper_ = f.upper || upper_;
        return out_ += inner.write(parts), true;
    }
    return false;
}

flags strftime_writer::modifiers(std::string_view format, std::size_t& i)
{
    flags f;
    for (; i < format.size(); ++i) {
        const char c = format[i];
        if (c >= '1' && c <= '9') {
            f.width = 0;
            for (; i < format.size() && format[i] >= '0' && format[i] <= '9'; ++i)
                f.width = std::min(width_max, f.width * 10 + static_cast<std::size_t>(format[i] - '0'));
            --i;
            // A width means blanks even where padding was refused before it.
            if (f.pad == '\0')
                f.pad = ' ';
            continue;
        }
        const bool flag = c == '-' || c == '_' || c == '0' || c == '^' || c == '#';
        if (!flag)
            break;
        if (i + 1 == format.size())
            continue; // the format ends with it: it changes nothing
        if (c == '^')
            f.upper = true;
        else if (c == '#')
            f.swap = true;
        else
            f.pad = c == '-' ? '\0' : c == '_' ? ' ' : '0';
    }
    for (; i < format.size() && format[i] == ':' && f.colons < 3; ++i)
        ++f.colons;
    return f;
}

std::string strftime_writer::write(std::string_view format)
{
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            out_ += format[i];
            continue;
        }
        const std::size_t start = i++;
        const flags f = modifiers(format, i);
        if (f.colons > 0 && (i == format.size() || format[i] != 'z')) {
            text(format.substr(start, i - start), flags{f.pad, f.width, false, false, 0});
            --i; // colons belong to `z` alone: what follows is read anew
        } else if (i == format.size() || !conversion(format[i], f)) {
            text(format.substr(start, i + 1 - start), flags{f.pad, f.width, false, false, 0});
        }
    }
    return out_;
}

/// Reads a time by a format. `flaw_` holds the first thing that is wrong.
class strptime_reader
{
public:
    strptime_reader(std::string_view text, std::string_view format) : text_(text), format_(format) {}

    std::variant<data::timestamp, problem> read();

private:
    bool run(std::string_view format);
    bool conversion(char c);
    bool literal(char c);
    bool integer(std::size_t digits, std::int64_t low, std::int64_t high, char c, std::int64_t& out);
    template <std::size_t N>
    bool any_of(const std::array<std::string_view, N>& names, std::size_t length, char c, std::int64_t& out);
    bool unix_seconds();
    bool microseconds();
    bool zone_name();
    bool offset(int colons);
    bool wrong(std::string why)
    {
        flaw_ = std::move(why);
        return false;
    }
    bool cannot(char c) { return wrong(std::string("cannot parse \"%") + c + '"'); }
    std::string_view left() const { return text_.substr(at_); }
    int sign()
    {
        if (left().starts_with('-')) {
            ++at_;
            return -1;
        }
        return 1;
    }
    bool week(std::size_t start_day, char c)
    {
        const bool good = integer(2, c == 'V' ? 1 : 0, 53, c, week_);
        week_start_ = static_cast<int>(start_day);
        if (weekday_ == 0)
            weekday_ = c == 'U' ? 1 : 2;
        return good;
    }
    std::variant<data::timestamp, std::string> moment();
    data::timestamp made(std::int64_t month, std::int64_t day) const;

    std::string_view text_;
    std::string_view format_;
    std::string flaw_;
    std::size_t at_ = 0;
    std::int64_t year_ = 1900;
    std::int64_t month_ = 1;
    std::int64_t day_ = 0;
    std::int64_t yearday_ = 0;
    std::int64_t hour_ = 0;
    std::int64_t minute_ = 0;
    std::int64_t second_ = 0;
    std::int64_t nanos_ = 0;
    std::int64_t century_ = -1;
    std::int64_t week_ = 0;
    std::int64_t weekday_ = 0; ///< 1 = Sunday; 0: not given
    int week_start_ = -1;
    bool pm_ = false;
    bool iso_year_ = false;
    std::int32_t offset_ = 0;
    std::string zone_ = "UTC";
};

bool strptime_reader::literal(char c)
{
    if (!left().starts_with(c))
        return wrong("expected " + go_quote_rune(static_cast<unsigned char>(c)));
    ++at_;
    return true;
}

bool strptime_reader::integer(std::size_t digits, std::int64_t low, std::int64_t high, char c, std::int64_t& out)
{
    std::int64_t n = 0;
    std::size_t length = 0;
    for (; length < digits && length < left().size() && left()[length] >= '0' && left()[length] <= '9'; ++length)
        n = n * 10 + (left()[length] - '0');
    if (length == 0 || n < low || n > high)
        return cannot(c);
    out = n;
    at_ += length;
    return true;
}

template <std::size_t N>
bool strptime_reader::any_of(const std::array<std::string_view, N>& names, std::size_t length, char c, std::int64_t& out)
{
    for (std::size_t i = 0; i < N; ++i) {
        const std::string_view want = names[i].substr(0, length);
        if (left().size() < want.size())
            continue;
        if (std::equal(want.begin(), want.end(), left().begin(), [](char a, char b) { return a == b || (a | 0x20) == (b | 0x20); })) {
            out = static_cast<std::int64_t>(i + 1);
            at_ += want.size();
            return true;
        }
    }
    return cannot(c);
}

bool strptime_reader::unix_seconds()
{
    const int direction = sign();
    std::int64_t n = 0;
    std::size_t length = 0;
    for (; length < 18 && length < left().size() && left()[length] >= '0' && left()[length] <= '9'; ++length)
        n = n * 10 + (left()[length] - '0');
    if (length == 0)
        return cannot('s');
    at_ += length;
    data::timestamp t;
    t.seconds = direction * n;
    const data::calendar c = data::calendar_of(t);
    year_ = c.year;
    month_ = c.month;
    day_ = c.day;
    hour_ = c.hour;
    minute_ = c.minute;
    second_ = c.second;
    return true;
}

bool strptime_reader::microseconds()
{
    const std::size_t start = at_;
    std::int64_t micros = 0;
    if (!integer(6, 0, 999999, 'f', micros))
        return false;
    for (std::size_t digits = at_ - start; digits < 6; ++digits)
        micros *= 10;
    nanos_ = micros * 1000;
    return true;
}

bool strptime_reader::zone_name()
{
    std::size_t length = 0;
    while (length < left().size() && left()[length] >= 'A' && left()[length] <= 'Z')
        ++length;
    const std::string name(left().substr(0, length));
    if (!std::holds_alternative<data::timestamp>(go_time_parse("MST", name)))
        return wrong("cannot parse " + go_quote(name) + " with \"%Z\"");
    at_ += length;
    zone_ = name;
    return true;
}

/// `colons`: as many as the format demands between the parts (%:z 1, %::z 2), 0 for %z, which takes one or none.
bool strptime_reader::offset(int colons)
{
    const auto cannot_zone = [&] { return wrong("cannot parse \"%" + std::string(static_cast<std::size_t>(colons), ':') + "z\""); };
    if (left().starts_with('Z')) {
        ++at_;
        offset_ = 0;
        zone_ = "UTC";
        return true;
    }
    if (!left().starts_with('+') && !left().starts_with('-'))
        return cannot_zone();
    const int direction = left().front() == '-' ? -1 : 1;
    ++at_;
    std::array<std::int64_t, 3> parts{};
    constexpr std::array<std::int64_t, 3> limits{23, 59, 59};
    const std::size_t wanted = colons == 2 ? 3 : 2;
    for (std::size_t i = 0; i < wanted; ++i) {
        const std::size_t before = at_;
        if (i > 0 && left().starts_with(':'))
            ++at_;
        else if (i > 0 && colons > 0)
            return wrong("expected ':' for \"%" + std::string(static_cast<std::size_t>(colons), ':') + "z\"");
        const std::size_t start = at_;
        std::int64_t n = 0;
        if (!integer(2, 0, limits[i], 'z', n) || at_ != start + 2) {
            flaw_.clear();
            if (i == 0 || colons > 0 || start != before)
                return cannot_zone();
            at_ = before;
            break;
        }
        parts[i] = n;
    }
    offset_ = static_cast<std::int32_t>(direction * ((parts[0] * 60 + parts[1]) * 60 + parts[2]));
    if (zone_ == "UTC")
        zone_.clear();
    return true;
}

bool strptime_reader::conversion(char c)
{
    const auto blank = [this] {
        if (left().starts_with(' '))
            ++at_;
    };
    std::int64_t half = 0;
    int direction = 1;
    switch (c) {
    case 'G':
    case 'Y':
        iso_year_ = iso_year_ || c == 'G';
        direction = sign();
        if (!integer(4, 0, 9999, c, year_))
            return false;
        year_ *= direction;
        return true;
    case 'g':
    case 'y':
        iso_year_ = iso_year_ || c == 'g';
        if (!integer(2, 0, 99, c, year_))
            return false;
        year_ += year_ < 69 ? 2000 : 1900;
        return true;
    case 'C':
        if (sign() < 0)
            return wrong("negative century is not supported for \"%C\"");
        return integer(2, 0, 99, c, century_);
    case 'm':
        return integer(2, 1, 12, c, month_);
    case 'B':
        return any_of(months, 99, c, month_);
    case 'b':
    case 'h':
        return any_of(months, 3, c, month_);
    case 'A':
        return any_of(weekdays, 99, c, weekday_);
    case 'a':
        return any_of(weekdays, 3, c, weekday_);
    case 'w':
        if (!integer(1, 0, 6, c, weekday_))
            return false;
        ++weekday_;
        return true;
    case 'u':
        if (!integer(1, 1, 7, c, weekday_))
            return false;
        weekday_ = weekday_ % 7 + 1;
        return true;
    case 'V':
        return week(4, c);
    case 'U':
        return week(0, c);
    case 'W':
        return week(1, c);
    case 'e':
        blank();
        return integer(2, 1, 31, c, day_);
    case 'd':
        return integer(2, 1, 31, c, day_);
    case 'j':
        return integer(3, 1, 366, c, yearday_);
    case 'k':
        blank();
        return integer(2, 0, 23, c, hour_);
    case 'H':
        return integer(2, 0, 23, c, hour_);
    case 'l':
        blank();
        [[fallthrough]];
    case 'I':
        if (!integer(2, 1, 12, c, hour_))
            return false;
        hour_ %= 12;
        return true;
    case 'P':
    case 'p':
        if (!any_of(std::array<std::string_view, 2>{"AM", "PM"}, 2, c, half))
            return false;
        pm_ = half == 2;
        return true;
    case 'M':
        return integer(2, 0, 59, c, minute_);
    case 'S':
        return integer(2, 0, 60, c, second_);
    case 's':
        return unix_seconds();
    case 'f':
        return microseconds();
    case 'Z':
        return zone_name();
    case 'z':
        return offset(0);
    case 't':
    case 'n': {
        const std::size_t length = std::min(left().find_first_not_of(" \t\n\v\f\r"), left().size());
        if (length == 0)
            return wrong(std::string("expected a space for \"%") + c + '"');
        at_ += length;
        return true;
    }
    case '%':
        return literal('%');
    default:
        break;
    }
    if (const std::string_view parts = composition(c); !parts.empty())
        return run(parts);
    std::string words = "unexpected format \"%";
    data::append_utf8(words, static_cast<unsigned char>(c)); // the original prints the byte as a code point
    return wrong(words + '"');
}

bool strptime_reader::run(std::string_view format)
{
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            if (!literal(format[i]))
                return false;
            continue;
        }
        if (++i == format.size())
            return wrong("stray \"%\"");
        if (format[i] != ':') {
            if (!conversion(format[i]))
                return false;
            continue;
        }
        int colons = 0;
        while (i < format.size() && format[i] == ':' && colons < 3) {
            ++colons;
            ++i;
        }
        if (i == format.size() || format[i] != 'z')
            return wrong("expected 'z' after \"%" + std::string(static_cast<std::size_t>(colons), ':') + '"');
        if (!offset(colons == 3 ? 0 : colons))
            return false;
    }
    return true;
}

data::timestamp strptime_reader::made(std::int64_t month, std::int64_t day) const
{
    data::timestamp t;
    t.seconds = data::days_of(year_, month, day) * 86400 + hour_ * 3600 + minute_ * 60 + second_ - offset_;
    t.nanos = static_cast<std::int32_t>(nanos_);
    t.offset = offset_;
    t.abbreviation = zone_;
    t.zone = zone_ == "UTC" ? "UTC" : "";
    return t;
}

std::variant<data::timestamp, std::string> strptime_reader::moment()
{
    if (pm_)
        hour_ += 12;
    if (century_ >= 0)
        year_ = century_ * 100 + year_ % 100;
    if (day_ != 0)
        return made(month_, day_);
    if (yearday_ > 0) {
        if (iso_year_)
            return std::string("use \"%Y\" to parse non-ISO year for \"%j\"");
        return made(1, yearday_);
    }
    if (week_start_ < 0)
        return made(month_, 1);
    if (week_start_ == 4 && !iso_year_)
        return std::string("use \"%G\" to parse ISO year for \"%V\"");
    if (week_start_ != 4 && iso_year_)
        return std::string("use \"%Y\" to parse non-ISO year for \"%U\" or \"%W\"");
    if (week_start_ > 0 && weekday_ == 1)
        ++week_;
    // From the last day of the year before the week's first possible one, back to its Sunday, then forth.
    const std::int64_t anchor = -week_start_;
    const std::int64_t weekday = ((data::days_of(year_, 1, anchor) + 4) % 7 + 7) % 7;
    return made(1, anchor + week_ * 7 - weekday + weekday_ - 1);
}

std::variant<data::timestamp, problem> strptime_reader::read()
{
    std::variant<data::timestamp, std::string> result;
    if (!run(format_))
        result = flaw_;
    else if (at_ < text_.size())
        result = "unparsed string " + go_quote(left());
    else
        result = moment();
    if (const auto* flaw = std::get_if<std::string>(&result))
        return failed("failed to parse " + go_quote(text_) + " with " + go_quote(format_) + ": " + *flaw);
    return std::get<data::timestamp>(std::move(result));
}

} // namespace

std::string percent_format(const data::timestamp& at, std::string_view format)
{
    strftime_writer writer(at);
    return writer.write(format);
}

std::variant<data::timestamp, problem> percent_parse(std::string_view text, std::string_view format)
{
    strptime_reader reader(text, format);
    return reader.read();
}

} // namespace lambent::bloblang
