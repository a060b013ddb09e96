#pragma once

#include <lambent/core/time.hpp>

#include <cstdint>

namespace lambent::core {

/// Pure: `count` admissions a window. The window is not a grid: once it is used up and over, the next call begins a new
/// one; unused capacity does not add up. So it may admit `count` at the end of an idle time and `count` again soon after.
/// The semantics of the Benthos rate limit `local`.
class fixed_window
{
public:
    /// Precondition: `count` > 0.
    constexpr fixed_window(std::uint64_t count, duration interval, instant start) noexcept
        : count_(count), interval_(interval), left_(count), began_(start)
    {}

    /// Zero: admitted. Else nothing was taken, and this is how long until the window ends.
    constexpr duration admit(instant now) noexcept
    {
        if (left_ == 0) {
            const duration rest = interval_ - (now - began_);
            if (rest > duration::zero())
                return rest;
            left_ = count_;
            began_ = now;
        }
        --left_;
        return duration::zero();
    }

private:
    std::uint64_t count_;
    duration interval_;
    std::uint64_t left_;
    instant began_;
};

} // namespace lambent::core
