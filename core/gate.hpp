#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>

#include <cstddef>

namespace lambent::core {

/// Counting semaphore, first come first served, within one shard.
class gate
{
public:
    gate(shard& on, std::size_t permits);
    ~gate(); ///< precondition: nobody waits
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
    std::size_t waiting() const noexcept;

private:
    struct waiter;
    shard& shard_;
    std::size_t permits_;
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
    std::size_t waiting_ = 0;
    bool closed_ = false;
};

} // namespace lambent::core
