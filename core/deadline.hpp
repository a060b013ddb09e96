#pragma once

#include <lambent/core/time.hpp>

namespace lambent::core {

/// A point in time, or never. A value: passed down, narrowed with `earlier_of`, never re-counted.
/// Made by `timekeeper::in(duration)`, the public edge's one conversion.
class deadline
{
public:
    constexpr deadline() noexcept = default; ///< never
    constexpr explicit deadline(instant at) noexcept : at_(at) {}

    static constexpr deadline never() noexcept { return {}; }

    constexpr bool is_never() const noexcept { return at_ == instant::max(); }
    constexpr instant at() const noexcept { return at_; }
    constexpr bool passed(instant now) const noexcept { return now >= at_ && !is_never(); }

    /// Time left at `now`; zero once passed, `forever` if never.
    constexpr duration left(instant now) const noexcept
    {
        if (is_never())
            return forever;
        return at_ > now ? at_ - now : duration::zero();
    }

    friend constexpr bool operator==(deadline, deadline) noexcept = default;
    friend constexpr auto operator<=>(deadline a, deadline b) noexcept { return a.at_ <=> b.at_; }

private:
    instant at_ = instant::max();
};

constexpr deadline earlier_of(deadline a, deadline b) noexcept { return a < b ? a : b; }

} // namespace lambent::core
