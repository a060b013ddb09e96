#include <lambent/bloblang/iso_period.hpp>

#include <lambent/data/utf8.hpp>

#include <algorithm>
#include <optional>

namespace lambent::bloblang {
namespace {

using decimal = iso_period::decimal;

constexpr std::string_view designators = "YMWDHMS";
constexpr std::size_t digits_max = 18; ///< digits of a field that surely fit; more of a fraction are cut

/// `d` of a unit of `factor`: what a digit of the fraction is worth is cut to a whole number, the product wraps around.
std::int64_t scaled(const decimal& d, std::int64_t factor) noexcept
{
    for (unsigned i = 0; i < d.scale; ++i)
        factor /= 10;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(d.coefficient) * static_cast<std::uint64_t>(factor));
}

std::int64_t sum(std::int64_t a, std::int64_t b) noexcept
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// [-] digits with at most one point or comma.
std::optional<decimal> parse_decimal(std::string_view text)
{
    decimal d;
    const bool minus = text.starts_with('-');
    if (minus)
        text.remove_prefix(1);
    std::size_t digits = 0;
    bool any = false;
    bool point = false;
    for (const char c : text) {
        if (c == '.' || c == ',') {
            if (point)
                return std::nullopt;
            point = true;
            continue;
        }
        any = true;
        if (digits == digits_max) {
            if (!point)
                return std::nullopt;
            continue;
        }
        d.coefficient = d.coefficient * 10 + (c - '0');
        digits += d.coefficient != 0 ? 1 : 0;
        d.scale += point ? 1 : 0;
    }
    if (!any)
        return std::nullopt;
    if (minus)
        d.coefficient = -d.coefficient;
    return d;
}

class period_reader
{
public:
    explicit period_reader(std::string_view text) : text_(text), rest_(text) {}

    std::variant<iso_period, problem> read()
    {
        if (text_.starts_with('-') || text_.starts_with('+')) {
            period_.negative = text_.front() == '-';
            rest_.remove_prefix(1);
        }
        if (rest_.empty())
            return failed("cannot parse a blank string as a period");
        if (!rest_.starts_with('P'))
            return wrong("expected 'P' period mark at the start");
        rest_.remove_prefix(1);
        bool any = false;
        while (!rest_.empty()) {
            if (rest_.front() == 'T') {
                if (in_clock_)
                    return wrong("'T' designator cannot occur more than once");
                in_clock_ = true;
                rest_.remove_prefix(1);
                continue;
            }
            if (problem why = read_field())
                return why;
            any = true;
        }
        if (!any)
            return wrong("expected 'Y', 'M', 'W', 'D', 'H', 'M', or 'S' designator");
        settle_sign();
        return period_;
    }

private:
    problem wrong(std::string_view why) const { return failed(std::string(text_) + ": " + std::string(why)); }

    /// The original prints the byte as if it were a code point.
    static std::string shown(char c)
    {
        std::string out = "'";
        data::append_utf8(out, static_cast<unsigned char>(c));
        return out + "'";
    }

    problem read_field()
    {
        std::size_t length = rest_.front() == '-' ? 1 : 0;
        while (length < rest_.size() && ((rest_[length] >= '0' && rest_[length] <= '9') || rest_[length] == '.' || rest_[length] == ','))
            ++length;
        if (length == rest_.size())
            return wrong("missing designator at the end");
        if (length == 0)
            return wrong("expected a number but found " + shown(rest_.front()));
        const auto number = parse_decimal(rest_.substr(0, length));
        if (!number)
            return wrong("number invalid or out of range");
        const char c = rest_[length];
        rest_.remove_prefix(length + 1);
        // M is found as months before the T and as minutes after it.
        const std::size_t field = c == 'M' && in_clock_ ? std::size_t{iso_period::minutes} : designators.find(c);
        if (field == std::string_view::npos)
            return wrong("expected a designator Y, M, W, D, H, or S not " + shown(c));
        if (fraction_ != 0 && number->coefficient != 0)
            return wrong("'" + std::string(1, fraction_) + "' & '" + c + "' only the last field can have a fraction");
        if ((field >= iso_period::hours) != in_clock_)
            return wrong(shown(c) + " designator cannot occur here");
        if (seen_[field])
            return wrong(shown(c) + " designator cannot occur more than once");
        seen_[field] = true;
        period_.fields[field] = *number;
        if (number->scale > 0)
            fraction_ = c;
        return nullptr;
    }

    void settle_sign()
    {
        const auto first = std::find_if(
            period_.fields.begin(), period_.fields.end(), [](const decimal& d) { return d.coefficient != 0; });
        if (first == period_.fields.end() || first->coefficient > 0)
            return;
        period_.negative = !period_.negative;
        for (decimal& d : period_.fields)
            d.coefficient = -d.coefficient;
    }

    std::string_view text_;
    std::string_view rest_;
    iso_period period_;
    std::array<bool, 7> seen_{};
    bool in_clock_ = false;
    char fraction_ = 0; ///< designator of the field that had one
};

} // namespace

bool iso_period::of_calendar() const noexcept
{
    bool given = false;
    for (const decimal& d : {fields[years], fields[months], fields[weeks], fields[days]}) {
        given = given || d.coefficient != 0;
        if (d.scale > 0)
            return false;
    }
    return given;
}

std::int64_t iso_period::clock_nanos() const noexcept
{
    constexpr std::int64_t second = 1'000'000'000;
    return sum(sum(scaled(fields[hours], 3600 * second), scaled(fields[minutes], 60 * second)), scaled(fields[seconds], second));
}

std::int64_t iso_period::nanos() const noexcept
{
    // Billionths of a day.
    constexpr std::int64_t day = 1'000'000'000;
    constexpr std::int64_t year = 365'242'500'000;
    std::int64_t total = sum(scaled(fields[days], day), scaled(fields[weeks], 7 * day));
    total = sum(total, sum(scaled(fields[months], year / 12), scaled(fields[years], year)));
    const auto calendar = static_cast<std::int64_t>(static_cast<std::uint64_t>(total) * 86'400);
    const std::int64_t all = sum(calendar, clock_nanos());
    return negative ? static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(all)) : all;
}

std::variant<iso_period, problem> parse_iso_period(std::string_view text) { return period_reader(text).read(); }

} // namespace lambent::bloblang
