#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/wait_queue.hpp>

#include <cstddef>

namespace lambent::core {

/// Counting semaphore, first come first served, within one shard.
class gate
{
public:
    gate(shard& on, std::size_t permits);
    ~gate() = default; ///< precondition: nobody waits
    gate(const gate&) = delete;
    gate& operator=(const gate&) = delete;

    /// Takes a permit at once, without overtaking those who wait.
    bool try_enter() noexcept;
    /// Waits for a permit. `errc::deadline_exceeded`, `errc::cancelled` or, after `close()`, `errc::shutting_down`;
    /// in each case no permit was taken.
    awaitable<result<void>> enter(deadline until);
    void leave() noexcept;
    /// Fails all who wait, and all who come.
    void close() noexcept;
    std::size_t waiting() const noexcept { return queue_.size(); }

private:
    shard& shard_;
    std::size_t permits_;
    wait_queue queue_;
    bool closed_ = false;
};

} // namespace lambent::core
