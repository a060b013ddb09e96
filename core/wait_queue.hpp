#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/timekeeper.hpp>
#include <lambent/core/waiter.hpp>

#include <cstddef>

namespace lambent::core {

/// Coroutines that wait for the same thing, first come first served; what gate, channel and limiter are made of.
class wait_queue
{
public:
    enum class outcome {
        woken,     ///< by `wake_first`: what was waited for is this one's
        timed_out,
        cancelled,
    };

    /// One who waits; lives in its coroutine's frame. `item` is for the two sides of a hand-over.
    class entry
    {
    public:
        explicit entry(void* item_in = nullptr) noexcept : item(item_in) {}
        ~entry()
        {
            if (queue_)
                queue_->unlink(*this);
        }
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;

        void* const item;

    private:
        friend class wait_queue;
        wait_queue* queue_ = nullptr;
        entry* next_ = nullptr;
        entry* previous_ = nullptr;
        waiter waiter_;
        outcome outcome_ = outcome::cancelled;
    };

    wait_queue() noexcept = default;
    ~wait_queue(); ///< precondition: nobody waits
    wait_queue(const wait_queue&) = delete;
    wait_queue& operator=(const wait_queue&) = delete;

    bool empty() const noexcept { return first_ == nullptr; }
    std::size_t size() const noexcept { return size_; }
    /// Null when nobody waits.
    entry* first() const noexcept { return first_; }

    /// Takes the first out and resumes it, later. Precondition: not empty.
    void wake_first() noexcept;

    /// Waits in line at the end. Who was woken before the deadline or a cancellation reached it was woken: nothing that
    /// `wake_first` gave away is lost. A chain that was cancelled already, or a passed deadline, does not wait.
    awaitable<outcome> park(entry& who, timekeeper& time, deadline until);

private:
    void link(entry& who) noexcept;
    void unlink(entry& who) noexcept;

    entry* first_ = nullptr;
    entry* last_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace lambent::core
