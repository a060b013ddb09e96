#pragma once

#include <lambent/core/time.hpp>

#include <algorithm>
#include <cstdint>

namespace lambent::core {

/// Pure: `burst` at once, then one each `interval`, exactly; unused capacity is kept up to the burst.
class token_bucket
{
public:
    /// Precondition: `interval` > 0, `burst` > 0.
    constexpr token_bucket(duration interval, std::uint64_t burst, instant start) noexcept
        : interval_(interval), reach_(interval * static_cast<duration::rep>(burst - 1)), next_(start - reach_)
    {}

    /// Zero: admitted. Else nothing was taken, and this is how long until it will be.
    constexpr duration admit(instant now) noexcept
    {
        // Virtual scheduling (ITU-T I.371): `next_` is when the next one would be due at the even rate.
        const instant due = std::max(next_, now - reach_);
        if (due > now)
            return due - now;
        next_ = due + interval_;
        return duration::zero();
    }

private:
    duration interval_;
    duration reach_; ///< how far ahead of the even rate a burst may run
    instant next_;
};

} // namespace lambent::core
