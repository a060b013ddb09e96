#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>

#include <cstddef>
#include <memory>

namespace lambent::core {

/// One entry of the wake heap. Lives in its owner (a frame, a watch); the heap holds a pointer until it fires or is removed.
struct wake_node
{
    instant at{};
    void (*fire)(void* self) noexcept = nullptr; ///< called once, on the shard, after the node left the heap
    void* self = nullptr;
    std::size_t position = static_cast<std::size_t>(-1); ///< index in the heap; npos when not in it
};

/// The door of time: the only place that reads clocks or waits. One per shard, used on its thread only.
///
/// Owns the wake heap: any number of waits cost one Asio timer. Tests derive a virtual one (`tests/sim`).
class timekeeper
{
public:
    virtual ~timekeeper() = default;

    virtual instant now() const noexcept = 0;
    virtual wall_time wall() const noexcept = 0;

    /// `forever` gives `deadline::never()`; negative durations give one that has passed. Saturates.
    deadline in(duration within) const noexcept
    {
        if (within == forever)
            return deadline::never();
        const instant start = now();
        if (within > duration::zero() && start > instant::max() - within)
            return deadline::never();
        return deadline(start + within);
    }

    /// Puts `node` into the heap. Precondition: not in a heap. O(log n), no allocation in steady state.
    virtual void push(wake_node& node) = 0;
    /// Takes it out; harmless when it is not in.
    virtual void remove(wake_node& node) noexcept = 0;

    /// Waits until `until`; for ever when that is never. `errc::cancelled` when the awaiting chain is, or was already,
    /// cancelled (terminal); a cancelled wait leaves nothing behind. A passed deadline returns at once.
    awaitable<result<void>> sleep_until(deadline until);
    awaitable<result<void>> sleep(duration d) { return sleep_until(in(d)); }
};

/// Real clocks; waits on `executor`.
std::unique_ptr<timekeeper> make_timekeeper(asio::any_io_executor executor);

} // namespace lambent::core
