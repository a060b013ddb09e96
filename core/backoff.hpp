#pragma once

#include <lambent/core/entropy.hpp>
#include <lambent/core/time.hpp>

namespace lambent::core {

/// Where exponential back-off starts and what it never exceeds.
struct backoff
{
    duration base = std::chrono::milliseconds(50);
    duration cap = std::chrono::seconds(20);

    /// min(base * 2^step, cap), without overflow; `step` counts from 0, the wait after the first failure.
    constexpr duration ceiling(unsigned step) const noexcept
    {
        duration wait = base < cap ? base : cap;
        for (; step > 0 && wait < cap && wait > duration::zero(); --step)
            wait = wait > cap / 2 ? cap : wait * 2;
        return wait;
    }

    /// Full jitter: uniform in [0, ceiling). The cap comes before the jitter, so that capped waits do not align.
    duration wait(unsigned step, entropy& chance) const noexcept
    {
        return duration(static_cast<duration::rep>(chance.below(static_cast<std::uint64_t>(ceiling(step).count()))));
    }
};

} // namespace lambent::core
