#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/shard.hpp>

#include <cstddef>
#include <memory>

namespace lambent::core {

/// The nursery: tasks that are started, cancelled together and joined before the group dies (asserted).
/// The only place, with `shard_set` and the test runner, that spawns.
///
/// A task that throws terminates the process: below the line nothing throws, and above it stages catch.
class task_group
{
public:
    explicit task_group(shard& on);
    ~task_group(); ///< precondition: joined, disowned, or nothing was started
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    /// One that was started, for `cancel`. Valid until its coroutine has ended.
    class task;

    /// Starts a named coroutine; it takes values, not references to what may die before the join. On the shard's thread
    /// it runs up to its first wait before this returns; its end is told to the group later, never in here.
    task& start(awaitable<void> work);
    /// Asks every running task to stop (terminal cancellation) and every later one too.
    void cancel() noexcept;
    /// Asks this one alone. Precondition: its coroutine has not ended.
    void cancel(task& which) noexcept;
    /// Returns when no task runs. Not itself cut short by cancellation of the joining chain: that cancels the tasks.
    awaitable<void> join();
    std::size_t running() const noexcept;
    /// The owner dies first after all, and nobody will join: what still runs refers to nothing that dies with the group.
    void disown() noexcept { disowned_ = true; }

private:
    struct state;
    std::shared_ptr<state> state_;
    bool disowned_ = false;
};

} // namespace lambent::core
