#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/shard.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace lambent::core {

/// N shards, a thread and an `io_context(1)` each.
///
/// The shards exist from the start, so that what connects them can be built before they run.
class shard_set
{
public:
    /// Precondition: `count` > 0.
    explicit shard_set(std::size_t count);
    ~shard_set(); ///< precondition: `run` was not called, or has returned
    shard_set(const shard_set&) = delete;
    shard_set& operator=(const shard_set&) = delete;

    std::size_t size() const noexcept { return members_.size(); }
    shard& at(std::size_t index) noexcept;

    /// Runs `task(index)` on each shard: the first on the calling thread, each other on its own. Returns when all tasks
    /// have ended and no loop has work left. Once. `task` is called on the shard's thread, concurrently, to make a coroutine;
    /// it is a plain function, not a coroutine itself, and outlives the run.
    void run(const std::function<awaitable<void>(std::size_t)>& task);

    /// Cancels the tasks (terminal), running or yet to start; from any thread. They still end in their own time.
    void stop();

private:
    struct member;
    std::vector<std::unique_ptr<member>> members_;
};

} // namespace lambent::core
