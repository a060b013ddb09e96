#pragma once

#include <lambent/core/timekeeper.hpp>

#include <type_traits>
#include <utility>

namespace lambent::core {

/// When the deadline passes, calls `action()` once, from the loop; a heap push, no coroutine, no allocation.
///
///     core::deadline_watch watch(shard.time(), until, [&]() noexcept { lease.abort(); });
///
/// Never calls from inside its constructor, even when the deadline has passed already; never after its destruction.
/// The action must not await, may not throw, and may destroy nothing that holds the watch.
template <class Action>
class deadline_watch
{
    static_assert(std::is_nothrow_invocable_v<Action&>, "the action of a deadline_watch is noexcept");

public:
    deadline_watch(timekeeper& time, deadline until, Action action)
        : time_(time), action_(std::move(action)), node_{until.at(), &fire, this}
    {
        if (!until.is_never())
            time_.push(node_);
    }
    ~deadline_watch() { time_.remove(node_); }
    deadline_watch(const deadline_watch&) = delete;
    deadline_watch& operator=(const deadline_watch&) = delete;

    /// The deadline passed and the action was called.
    bool fired() const noexcept { return fired_; }

private:
    static void fire(void* self) noexcept
    {
        auto* const watch = static_cast<deadline_watch*>(self);
        watch->fired_ = true;
        watch->action_();
    }

    timekeeper& time_;
    Action action_;
    wake_node node_;
    bool fired_ = false;
};

} // namespace lambent::core
