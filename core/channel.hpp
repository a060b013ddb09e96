#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/wait_queue.hpp>

#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace lambent::core {

/// Bounded queue between coroutines of one shard, first in first out; both sides wait in the order they came.
///
/// Capacity 0 hands over from sender to receiver directly. Nothing that was sent is lost: a receive that was cancelled
/// took nothing, a send that failed left its value where it was.
template <class T>
class channel
{
public:
    channel(shard& on, std::size_t capacity) : shard_(on), capacity_(capacity) {}
    channel(const channel&) = delete;
    channel& operator=(const channel&) = delete;

    /// Moves from `value` only when it returns true: there is room, and the channel is open.
    bool try_send(T& value)
    {
        if (closed_)
            return false;
        if (!receivers_.empty()) {
            static_cast<std::optional<T>*>(receivers_.first()->item)->emplace(std::move(value));
            receivers_.wake_first();
            return true;
        }
        if (queue_.size() >= capacity_)
            return false;
        queue_.push_back(std::move(value));
        return true;
    }

    /// Waits for room. `errc::closed`, `errc::deadline_exceeded` or `errc::cancelled`: then `value` was not moved from.
    /// @param value  must outlive the await.
    awaitable<result<void>> send(T& value, deadline until)
    {
        if (closed_)
            co_return error{errc::closed, ""};
        if (cancelled_before(co_await asio::this_coro::cancellation_state))
            co_return error{errc::cancelled, ""};
        if (try_send(value))
            co_return result<void>();
        offer mine{&value};
        wait_queue::entry self(&mine);
        const auto outcome = co_await senders_.park(self, shard_.time(), until);
        if (mine.value == nullptr)
            co_return result<void>();
        co_return why(outcome, "waiting for room in a channel");
    }

    /// What is there at once; nullopt when nothing is, closed or not.
    std::optional<T> try_receive()
    {
        std::optional<T> got;
        if (!queue_.empty()) {
            got.emplace(std::move(queue_.front()));
            queue_.pop_front();
            if (!senders_.empty())
                queue_.push_back(accept_first());
        }
        else if (!senders_.empty())
            got.emplace(accept_first());
        return got;
    }

    /// Waits for a value. After `close`, what was queued is still given out, then `errc::closed`. `errc::deadline_exceeded`
    /// or `errc::cancelled`: nothing was taken.
    awaitable<result<T>> receive(deadline until)
    {
        if (cancelled_before(co_await asio::this_coro::cancellation_state))
            co_return error{errc::cancelled, ""};
        std::optional<T> got = try_receive();
        if (got)
            co_return std::move(*got);
        if (closed_)
            co_return error{errc::closed, ""};
        wait_queue::entry self(&got);
        const auto outcome = co_await receivers_.park(self, shard_.time(), until);
        if (got)
            co_return std::move(*got);
        co_return why(outcome, "waiting for a value from a channel");
    }

    /// No more sends: who waits to send fails, who waits to receive learns the end.
    void close() noexcept
    {
        closed_ = true;
        while (!receivers_.empty())
            receivers_.wake_first();
        while (!senders_.empty())
            senders_.wake_first();
    }

    bool closed() const noexcept { return closed_; }
    std::size_t size() const noexcept { return queue_.size(); }
    std::size_t capacity() const noexcept { return capacity_; }

private:
    // One who waits to send; null once its value was taken.
    struct offer
    {
        T* value;
    };

    T accept_first()
    {
        auto& first = *static_cast<offer*>(senders_.first()->item);
        T taken(std::move(*std::exchange(first.value, nullptr)));
        senders_.wake_first();
        return taken;
    }

    static error why(wait_queue::outcome outcome, const char* phase)
    {
        switch (outcome) {
        case wait_queue::outcome::timed_out:
            return {errc::deadline_exceeded, phase};
        case wait_queue::outcome::cancelled:
            return {errc::cancelled, ""};
        case wait_queue::outcome::woken:
            break;
        }
        return {errc::closed, ""};
    }

    shard& shard_;
    std::size_t capacity_;
    std::deque<T> queue_;
    wait_queue senders_;   ///< not empty only while the queue is full
    wait_queue receivers_; ///< not empty only while the queue is empty
    bool closed_ = false;
};

} // namespace lambent::core
