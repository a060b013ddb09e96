#include <lambent/bloblang/time_values.hpp>

#include <limits>

namespace lambent::bloblang {
namespace {

struct unit
{
    std::string_view name;
    std::uint64_t nanos;
};

constexpr unit units[] = {{"ns", 1}, {"us", 1'000}, {"\u00b5s", 1'000}, {"\u03bcs", 1'000}, {"ms", 1'000'000},
    {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000}};

constexpr std::uint64_t most = std::uint64_t{1} << 63;

/// Digits off the front; false when they are too many.
bool take_digits(std::string_view& rest, std::uint64_t& n)
{
    for (n = 0; !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; rest.remove_prefix(1)) {
        if (n > most / 10)
            return false;
        n = n * 10 + static_cast<std::uint64_t>(rest[0] - '0');
        if (n > most)
            return false;
    }
    return true;
}

/// Digits after the point as a fraction; those that do not fit are dropped.
std::uint64_t take_fraction(std::string_view& rest, double& scale)
{
    std::uint64_t n = 0;
    scale = 1;
    bool full = false;
    for (; !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; rest.remove_prefix(1)) {
        if (full)
            continue;
        if (n > (most - 1) / 10) {
            full = true;
            continue;
        }
        n = n * 10 + static_cast<std::uint64_t>(rest[0] - '0');
        scale *= 10;
    }
    return n;
}

} // namespace

std::variant<std::int64_t, problem> go_duration(std::string_view text)
{
    const auto invalid = [&] { return failed("time: invalid duration " + time_quote(text)); };
    std::string_view rest = text;
    const bool minus = rest.starts_with('-');
    if (minus || rest.starts_with('+'))
        rest.remove_prefix(1);
    if (rest == "0")
        return std::int64_t{0};
    if (rest.empty())
        return invalid();
    std::uint64_t total = 0;
    while (!rest.empty()) {
        const std::size_t before = rest.size();
        std::uint64_t whole = 0;
        if (!(rest[0] == '.' || (rest[0] >= '0' && rest[0] <= '9')) || !take_digits(rest, whole))
            return invalid();
        bool digits = rest.size() != before;
        std::uint64_t fraction = 0;
        double scale = 1;
        if (rest.starts_with('.')) {
            rest.remove_prefix(1);
            const std::size_t start = rest.size();
            fraction = take_fraction(rest, scale);
            digits = digits || rest.size() != start;
        }
        if (!digits)
            return invalid();
        std::size_t size = 0;
        while (size < rest.size() && rest[size] != '.' && !(rest[size] >= '0' && rest[size] <= '9'))
            ++size;
        if (size == 0)
            return failed("time: missing unit in duration " + time_quote(text));
        const std::string_view name = rest.substr(0, size);
        rest.remove_prefix(size);
        std::uint64_t nanos = 0;
        for (const unit& u : units)
            nanos = u.name == name ? u.nanos : nanos;
        if (nanos == 0)
            return failed("time: unknown unit " + time_quote(name) + " in duration " + time_quote(text));
        if (whole > most / nanos)
            return invalid();
        std::uint64_t part = whole * nanos;
        if (fraction > 0)
            part += static_cast<std::uint64_t>(static_cast<double>(fraction) * (static_cast<double>(nanos) / scale));
        total += part;
        if (part > most || total > most)
            return invalid();
    }
    if (!minus && total > most - 1)
        return invalid();
    return minus ? static_cast<std::int64_t>(0 - total) : static_cast<std::int64_t>(total);
}

} // namespace lambent::bloblang
