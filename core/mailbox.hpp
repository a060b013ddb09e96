#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/waiter.hpp>

#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

namespace lambent::core {

namespace detail {

// Those who wait at one side of a mailbox, each on its own shard. All but `wait` needs the mailbox's lock.
class mailbox_line
{
public:
    class place
    {
    public:
        explicit place(asio::any_io_executor executor_in) : executor(std::move(executor_in)) {}
        const asio::any_io_executor executor;
        waiter resumption; ///< touched on that executor's thread only
        bool queued = false;
        std::list<std::shared_ptr<place>>::iterator at;
    };

    std::shared_ptr<place> join(shard& on);
    void leave(place& who) noexcept;
    void wake_first();
    void wake_all();

    /// Waits for a wake, the deadline or a cancellation; the second and third are the error.
    static awaitable<result<void>> wait(shard& on, std::shared_ptr<place> who, deadline until, const char* phase);

private:
    std::list<std::shared_ptr<place>> places_;
};

} // namespace detail

/// Bounded queue between shards, any number of senders and receivers; the one object below the line with a lock in it.
///
/// Each call names the shard it is made on. First in first out; who waits is woken in order, but one who comes just then
/// may be served before. Must outlive every call.
template <class T>
class mailbox
{
public:
    explicit mailbox(std::size_t capacity) : capacity_(capacity) {}
    mailbox(const mailbox&) = delete;
    mailbox& operator=(const mailbox&) = delete;

    /// From any thread. Moves from `value` only on success; `errc::limit_exceeded` when full, `errc::closed`.
    result<void> try_send(T& value)
    {
        const std::lock_guard lock(mutex_);
        return push(value);
    }

    /// Waits for room. `errc::closed`, `errc::deadline_exceeded`, `errc::cancelled`: `value` was not moved from.
    /// @param value  must outlive the await.
    awaitable<result<void>> send(shard& on, T& value, deadline until)
    {
        result<void> waited;
        for (;;) {
            std::shared_ptr<detail::mailbox_line::place> mine;
            {
                const std::lock_guard lock(mutex_);
                result<void> pushed = push(value);
                if (pushed || pushed.error().code == errc::closed)
                    co_return pushed;
                if (!waited)
                    co_return waited;
                mine = senders_.join(on);
            }
            waited = co_await detail::mailbox_line::wait(on, mine, until, "waiting for room in a mailbox");
            const std::lock_guard lock(mutex_);
            senders_.leave(*mine);
        }
    }

    /// Waits for a value. After `close`, what was queued is still given out, then `errc::closed`.
    /// `errc::deadline_exceeded`, `errc::cancelled`: nothing was taken.
    awaitable<result<T>> receive(shard& on, deadline until)
    {
        result<void> waited;
        for (;;) {
            std::shared_ptr<detail::mailbox_line::place> mine;
            {
                const std::lock_guard lock(mutex_);
                if (!queue_.empty()) {
                    T taken(std::move(queue_.front()));
                    queue_.pop_front();
                    senders_.wake_first();
                    co_return taken;
                }
                if (closed_)
                    co_return error{errc::closed, ""};
                if (!waited)
                    co_return waited.error();
                mine = receivers_.join(on);
            }
            waited = co_await detail::mailbox_line::wait(on, mine, until, "waiting for a value from a mailbox");
            const std::lock_guard lock(mutex_);
            receivers_.leave(*mine);
        }
    }

    /// From any thread. No more sends; who waits to send fails.
    void close()
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        senders_.wake_all();
        receivers_.wake_all();
    }

    std::size_t size() const
    {
        const std::lock_guard lock(mutex_);
        return queue_.size();
    }

private:
    result<void> push(T& value)
    {
        if (closed_)
            return error{errc::closed, ""};
        if (queue_.size() >= capacity_)
            return error{errc::limit_exceeded, "the mailbox is full"};
        queue_.push_back(std::move(value));
        receivers_.wake_first();
        return {};
    }

    mutable std::mutex mutex_;
    const std::size_t capacity_;
    std::deque<T> queue_;
    detail::mailbox_line senders_;
    detail::mailbox_line receivers_;
    bool closed_ = false;
};

} // namespace lambent::core
