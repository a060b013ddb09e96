#pragma once

#include <lambent/bloblang/failure.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

namespace lambent::bloblang {

/// An ISO 8601 duration, its fields as written: a fraction is allowed in the last one.
struct iso_period
{
    enum field { years, months, weeks, days, hours, minutes, seconds };
    /// coefficient / 10^scale
    struct decimal
    {
        std::int64_t coefficient = 0;
        unsigned scale = 0;
    };
    std::array<decimal, 7> fields{};
    bool negative = false; ///< of the whole: then the first field that is not zero is positive

    /// Can it be added by the calendar? Some field of years to days is given, and none has a fraction.
    bool of_calendar() const noexcept;
    /// Hours, minutes and seconds in nanoseconds, without the sign of the whole. Wraps around as the original.
    std::int64_t clock_nanos() const noexcept;
    /// All of it in nanoseconds, signed: a year as 365.2425 days, a month as its twelfth, a day as 24 hours. Wraps around.
    std::int64_t nanos() const noexcept;
};

/// The failure: `P1X: expected a designator Y, M, W, D, H, or S not 'X'`.
std::variant<iso_period, problem> parse_iso_period(std::string_view text);

} // namespace lambent::bloblang
