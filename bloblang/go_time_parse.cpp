#include <lambent/bloblang/go_time.hpp>
#include <lambent/bloblang/time_names.hpp>
#include <lambent/bloblang/time_values.hpp>

#include <lambent/data/time_text.hpp>

#include <algorithm>
#include <cstdio>

namespace lambent::bloblang {
std::string time_quote(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        char room[8];
        if (byte >= 0x80 || byte < 0x20) {
            std::snprintf(room, sizeof room, "\\x%02x", byte);
            out += room;
        } else {
            if (c == '"' || c == '\\')
                out.push_back('\\');
            out.push_back(c);
        }
    }
    return out + "\"";
}

namespace {

using piece = layout_piece;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// One text being read by one layout.
class time_reader
{
public:
    time_reader(std::string_view layout, std::string_view text) : whole_layout_(layout), whole_(text), rest_(text) {}

    std::variant<data::timestamp, problem> run();

private:
    problem mismatch(std::string_view element, std::string_view at) const
    {
        return failed("parsing time " + time_quote(whole_) + " as " + time_quote(whole_layout_) + ": cannot parse " + time_quote(at) +
            " as " + time_quote(element));
    }
    problem said(std::string_view what) const { return failed("parsing time " + time_quote(whole_) + std::string(what)); }

    bool literal(std::string_view prefix);
    bool number(int& out, bool fixed_two);
    bool three_digits(int& out, bool fixed);
    bool two(int& out)
    {
        return number(out, true);
    }
    template <std::size_t N>
    bool name(const std::array<std::string_view, N>& names, bool abbreviated, int& out);
    bool read_piece(const layout_split& s);
    bool read_year(const layout_split& s);
    bool read_seconds(const layout_split& s);
    bool read_zone_offset(piece p);
    bool read_zone_name();
    bool read_fraction(std::size_t digits);
    problem check_date();
    data::timestamp made() const;

    std::string_view whole_layout_;
    std::string_view whole_;
    std::string_view rest_;
    std::string_view hold_; ///< what the failed piece saw
    std::string range_;     ///< a field out of its range

    int year_ = 0;
    int month_ = -1;
    int day_ = -1;
    int yearday_ = -1;
    int hour_ = 0;
    int minute_ = 0;
    int second_ = 0;
    int nanos_ = 0;
    bool pm_ = false;
    bool am_ = false;
    bool utc_ = false;
    int offset_ = -1;
    bool offset_set_ = false;
    std::string zone_name_;
};

bool time_reader::literal(std::string_view prefix)
{
    while (!prefix.empty()) {
        if (prefix[0] == ' ') {
            if (!rest_.empty() && rest_[0] != ' ')
                return false;
            prefix.remove_prefix(std::min(prefix.find_first_not_of(' '), prefix.size()));
            rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
            continue;
        }
        if (rest_.empty() || rest_[0] != prefix[0])
            return false;
        prefix.remove_prefix(1);
        rest_.remove_prefix(1);
    }
    return true;
}

/// One or two digits.
bool time_reader::number(int& out, bool fixed_two)
{
    if (rest_.empty() || !is_digit(rest_[0]))
        return false;
    if (rest_.size() < 2 || !is_digit(rest_[1])) {
        if (fixed_two)
            return false;
        out = rest_[0] - '0';
        rest_.remove_prefix(1);
        return true;
    }
    out = (rest_[0] - '0') * 10 + (rest_[1] - '0');
    rest_.remove_prefix(2);
    return true;
}

bool time_reader::three_digits(int& out, bool fixed)
{
    int n = 0;
    std::size_t i = 0;
    for (; i < 3 && i < rest_.size() && is_digit(rest_[i]); ++i)
        n = n * 10 + (rest_[i] - '0');
    if (i == 0 || (fixed && i != 3))
        return false;
    out = n;
    rest_.remove_prefix(i);
    return true;
}

template <std::size_t N>
bool time_reader::name(const std::array<std::string_view, N>& names, bool abbreviated, int& out)
{
    for (std::size_t i = 0; i < N; ++i) {
        const std::string_view wanted = abbreviated ? names[i].substr(0, 3) : names[i];
        const std::string_view have = rest_.substr(0, wanted.size());
        const bool same = have.size() == wanted.size() &&
            std::equal(have.begin(), have.end(), wanted.begin(), [](char a, char b) { return (a | 0x20) == (b | 0x20); });
        if (same) {
            out = static_cast<int>(i);
            rest_.remove_prefix(wanted.size());
            return true;
        }
    }
    return false;
}

bool time_reader::read_year(const layout_split& s)
{
    if (s.piece == piece::year) {
        if (rest_.size() < 2 || !is_digit(rest_[1]))
            return false;
        // Go reads a sign there, too.
        if (is_digit(rest_[0]))
            year_ = (rest_[0] - '0') * 10 + (rest_[1] - '0');
        else if (rest_[0] == '-' || rest_[0] == '+')
            year_ = rest_[0] == '-' ? '0' - rest_[1] : rest_[1] - '0';
        else
            return false;
        rest_.remove_prefix(2);
        // Unix years: 69 to 99 are of the last century.
        year_ += year_ >= 69 ? 1900 : 2000;
        return true;
    }
    if (rest_.size() < 4 || !is_digit(rest_[0]))
        return false;
    int y = 0;
    for (int i = 0; i < 4; ++i) {
        if (!is_digit(rest_[static_cast<std::size_t>(i)]))
            return false;
        y = y * 10 + (rest_[static_cast<std::size_t>(i)] - '0');
    }
    year_ = y;
    rest_.remove_prefix(4);
    return true;
}

bool time_reader::read_fraction(std::size_t digits)
{
    // The point and `digits` digits; of more than nine the first nine count.
    int n = 0;
    for (std::size_t i = 1; i <= digits; ++i) {
        if (i >= rest_.size() || !is_digit(rest_[i]))
            return false;
        if (i <= 9)
            n = n * 10 + (rest_[i] - '0');
    }
    for (std::size_t i = digits; i < 9; ++i)
        n *= 10;
    nanos_ = n;
    rest_.remove_prefix(digits + 1);
    return true;
}

bool time_reader::read_seconds(const layout_split& s)
{
    if (!number(second_, s.piece == piece::zero_second))
        return false;
    if (second_ < 0 || second_ >= 60) {
        range_ = "second";
        return true;
    }
    // A fraction may follow in the text although the layout has none.
    if (rest_.size() >= 2 && (rest_[0] == '.' || rest_[0] == ',') && is_digit(rest_[1])) {
        const piece next = split_layout(s.after).before.empty() ? split_layout(s.after).piece : piece::none;
        if (next == piece::fraction0 || next == piece::fraction9)
            return true;
        std::size_t n = 2;
        while (n < rest_.size() && is_digit(rest_[n]))
            ++n;
        return read_fraction(n - 1);
    }
    return true;
}

bool time_reader::read_zone_offset(piece p)
{
    const bool iso = p >= piece::iso_zone && p <= piece::iso_colon_seconds_zone;
    if (iso && rest_.starts_with('Z')) {
        rest_.remove_prefix(1);
        utc_ = true;
        return true;
    }
    const bool colon = p == piece::iso_colon_zone || p == piece::number_colon_zone;
    const bool brief = p == piece::iso_short_zone || p == piece::number_short_zone;
    const bool colon_seconds = p == piece::iso_colon_seconds_zone || p == piece::number_colon_seconds_zone;
    const bool seconds = p == piece::iso_seconds_zone || p == piece::number_seconds_zone;
    const std::size_t size = colon ? 6 : brief ? 3 : colon_seconds ? 9 : seconds ? 7 : 5;
    if (rest_.size() < size)
        return false;
    std::string digits;
    for (std::size_t i = 1; i < size; ++i) {
        const bool at_colon = (colon || colon_seconds) && (i == 3 || i == 6);
        if (at_colon && rest_[i] != ':')
            return false;
        if (!at_colon)
            digits.push_back(rest_[i]);
    }
    digits.resize(6, '0');
    bool good = true;
    const auto pair = [&](std::size_t i) {
        good = good && is_digit(digits[i]) && is_digit(digits[i + 1]);
        return good ? (digits[i] - '0') * 10 + (digits[i + 1] - '0') : 0;
    };
    const int hours = pair(0);
    const int minutes = pair(2);
    const int secs = pair(4);
    // Before sign and digits are judged, and the last one is told.
    if (hours > 24)
        range_ = "time zone offset hour";
    if (minutes > 60)
        range_ = "time zone offset minute";
    if (secs > 60)
        range_ = "time zone offset second";
    if (!good || (rest_[0] != '+' && rest_[0] != '-'))
        return false;
    offset_ = (hours * 60 + minutes) * 60 + secs;
    if (rest_[0] == '-')
        offset_ = -offset_;
    offset_set_ = true;
    rest_.remove_prefix(size);
    return true;
}

/// UTC, three to five capitals, GMT+3, or a sign and hours, as Go guesses them.
bool time_reader::read_zone_name()
{
    if (rest_.starts_with("UTC")) {
        rest_.remove_prefix(3);
        utc_ = true;
        return true;
    }
    const auto signed_hours = [&](std::string_view text) -> std::size_t {
        if (text.empty() || (text[0] != '+' && text[0] != '-'))
            return 0;
        std::size_t i = 1;
        int hours = 0;
        while (i < text.size() && is_digit(text[i]))
            hours = std::min(hours * 10 + (text[i++] - '0'), 100);
        return i > 1 && hours <= 23 ? i : 0;
    };
    std::size_t size = 0;
    if (rest_.size() < 3)
        return false;
    if (rest_.starts_with("ChST") || rest_.starts_with("MeST"))
        size = 4;
    else if (rest_.starts_with("GMT"))
        size = 3 + signed_hours(rest_.substr(3));
    else if (rest_[0] == '+' || rest_[0] == '-')
        size = signed_hours(rest_);
    else {
        std::size_t upper = 0;
        while (upper < 6 && upper < rest_.size() && rest_[upper] >= 'A' && rest_[upper] <= 'Z')
            ++upper;
        if (upper == 5 && rest_[4] == 'T')
            size = 5;
        else if (upper == 4 && (rest_[3] == 'T' || rest_.starts_with("WITA")))
            size = 4;
        else if (upper == 3)
            size = 3;
    }
    if (size == 0)
        return false;
    zone_name_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
}

bool time_reader::read_piece(const layout_split& s)
{
    int n = 0;
    const auto in_range = [&](int low, int high, int v, const char* what) {
        if (v < low || v > high)
            range_ = what;
        return true;
    };
    const auto skip_space = [&] {
        if (rest_.starts_with(' '))
            rest_.remove_prefix(1);
    };
    switch (s.piece) {
    case piece::year:
    case piece::long_year:
        return read_year(s);
    case piece::month:
    case piece::long_month:
        if (!name(month_names, s.piece == piece::month, n))
            return false;
        month_ = n + 1;
        return true;
    case piece::number_month:
    case piece::zero_month:
        return number(month_, s.piece == piece::zero_month) && in_range(1, 12, month_, "month");
    case piece::weekday:
    case piece::long_weekday:
        return name(day_names, s.piece == piece::weekday, n);
    case piece::space_day:
        skip_space();
        [[fallthrough]];
    case piece::day:
    case piece::zero_day:
        return number(day_, s.piece == piece::zero_day);
    case piece::space_yearday:
        for (int i = 0; i < 2; ++i)
            skip_space();
        [[fallthrough]];
    case piece::zero_yearday:
        return three_digits(yearday_, s.piece == piece::zero_yearday);
    case piece::hour24:
        return number(hour_, false) && in_range(0, 23, hour_, "hour");
    case piece::hour12:
    case piece::zero_hour12:
        return number(hour_, s.piece == piece::zero_hour12) && in_range(0, 12, hour_, "hour");
    case piece::minute:
    case piece::zero_minute:
        return number(minute_, s.piece == piece::zero_minute) && in_range(0, 59, minute_, "minute");
    case piece::second:
    case piece::zero_second:
        return read_seconds(s);
    case piece::upper_pm:
    case piece::lower_pm: {
        const bool upper = s.piece == piece::upper_pm;
        pm_ = rest_.starts_with(upper ? "PM" : "pm");
        am_ = rest_.starts_with(upper ? "AM" : "am");
        if (!pm_ && !am_)
            return false;
        rest_.remove_prefix(2);
        return true;
    }
    case piece::zone_name:
        return read_zone_name();
    case piece::fraction0: {
        const auto digits = static_cast<std::size_t>(s.digits);
        return rest_.size() > digits && (rest_[0] == '.' || rest_[0] == ',') && read_fraction(digits);
    }
    case piece::fraction9: {
        if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !is_digit(rest_[1]))
            return true;
        std::size_t n9 = 0;
        while (n9 + 1 < rest_.size() && is_digit(rest_[n9 + 1]))
            ++n9;
        return read_fraction(n9);
    }
    default:
        return read_zone_offset(s.piece);
    }
}

bool leap(int year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in(int month, int year) noexcept
{
    static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

problem time_reader::check_date()
{
    if (yearday_ >= 0) {
        if (yearday_ < 1 || yearday_ > (leap(year_) ? 366 : 365))
            return said(": day-of-year out of range");
        int m = 1;
        int d = yearday_;
        while (d > days_in(m, year_))
            d -= days_in(m++, year_);
        if (month_ >= 0 && month_ != m)
            return said(": day-of-year does not match month");
        month_ = m;
        if (day_ >= 0 && day_ != d)
            return said(": day-of-year does not match day");
        day_ = d;
    } else {
        month_ = month_ < 0 ? 1 : month_;
        day_ = day_ < 0 ? 1 : day_;
    }
    if (day_ < 1 || day_ > days_in(month_, year_))
        return said(": day out of range");
    return nullptr;
}

data::timestamp time_reader::made() const
{
    data::timestamp t;
    t.seconds = data::days_of(year_, month_, day_) * 86400 + hour_ * 3600 + minute_ * 60 + second_;
    t.nanos = nanos_;
    if (utc_)
        return t;
    if (offset_set_) {
        t.seconds -= offset_;
        t.offset = offset_;
        // Without a name of its own an offset that the local zone has too is shown as that zone; it is UTC here.
        const bool local = offset_ == 0 && (zone_name_.empty() || zone_name_ == "UTC");
        t.zone = local ? "UTC" : "";
        t.abbreviation = local ? "UTC" : zone_name_;
        return t;
    }
    if (!zone_name_.empty()) {
        // An abbreviation says nothing about the offset, except GMT+3.
        int hours = 0;
        if (zone_name_.size() > 3 && zone_name_.starts_with("GMT")) {
            std::sscanf(zone_name_.c_str() + 3, "%d", &hours);
        }
        t.offset = hours * 3600;
        t.seconds -= t.offset;
        t.zone = "";
        t.abbreviation = zone_name_;
    }
    return t;
}

std::variant<data::timestamp, problem> time_reader::run()
{
    for (const layout_split& s : pieces_of(whole_layout_).all) {
        if (!literal(s.before))
            return mismatch(s.before, rest_);
        if (s.piece == piece::none) {
            if (!rest_.empty())
                return said(": extra text: " + time_quote(rest_));
            break;
        }
        const std::string_view hold = rest_;
        const bool good = read_piece(s);
        if (!range_.empty())
            return said(": " + range_ + " out of range");
        if (!good)
            return mismatch(s.text, hold);
    }
    if (pm_ && hour_ < 12)
        hour_ += 12;
    else if (am_ && hour_ == 12)
        hour_ = 0;
    if (problem why = check_date())
        return why;
    return made();
}

} // namespace

std::variant<data::timestamp, problem> go_time_parse(std::string_view layout, std::string_view text)
{
    return time_reader(layout, text).run();
}

} // namespace lambent::bloblang
