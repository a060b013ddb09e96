#include <lambent/core/timekeeper.hpp>

#include <lambent/core/deadline_watch.hpp>
#include <lambent/core/waiter.hpp>
#include <lambent/core/wake_heap.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace lambent::core {
namespace {

// The heap and its one timer. Shared with the timer's handler only because Asio may already have queued a handler with
// success when the owner dies: it then finds an expired weak_ptr.
class alarm : public std::enable_shared_from_this<alarm>
{
public:
    explicit alarm(asio::any_io_executor executor) : timer_(std::move(executor)) {}

    void push(wake_node& node)
    {
        heap_.push(node);
        if (!ringing_ && node.at < armed_)
            arm(node.at);
    }

    void remove(wake_node& node) noexcept
    {
        heap_.remove(node);
        // A timer nobody needs would keep `io_context::run` from returning. It is given up only if the heap is still
        // empty when the loop comes round: a next call on the way re-uses it, and saves two system calls.
        if (!heap_.empty() || armed_ == instant::max() || resting_)
            return;
        resting_ = true;
        asio::post(timer_.get_executor(), [weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->rest();
        });
    }

private:
    void arm(instant at)
    {
        armed_ = at;
        timer_.expires_at(at);
        timer_.async_wait([weak = weak_from_this()](error_code ec) {
            if (ec)
                return;
            if (const auto self = weak.lock())
                self->ring();
        });
    }

    void rest()
    {
        resting_ = false;
        if (!heap_.empty())
            return;
        armed_ = instant::max();
        timer_.cancel();
    }

    // May come early, when an earlier wait was already queued as `arm` replaced it; then nothing is due and it re-arms.
    void ring()
    {
        armed_ = instant::max();
        const instant now = std::chrono::steady_clock::now();
        ringing_ = true;
        while (wake_node* node = heap_.pop_due(now))
            node->fire(node->self);
        ringing_ = false;
        if (!heap_.empty())
            arm(heap_.top().at);
    }

    wake_heap heap_;
    asio::steady_timer timer_;
    instant armed_ = instant::max(); ///< what the timer is set to; max: it is not
    bool ringing_ = false;
    bool resting_ = false;
};

class asio_timekeeper final : public timekeeper
{
public:
    explicit asio_timekeeper(asio::any_io_executor executor) : alarm_(std::make_shared<alarm>(std::move(executor))) {}

    // Read each time: cached over an idle wait it was milliseconds stale, and every call timed out. A read costs 18 ns.
    instant now() const noexcept override { return std::chrono::steady_clock::now(); }
    wall_time wall() const noexcept override { return std::chrono::system_clock::now(); }
    void push(wake_node& node) override { alarm_->push(node); }
    void remove(wake_node& node) noexcept override { alarm_->remove(node); }

private:
    std::shared_ptr<alarm> alarm_;
};

} // namespace

awaitable<result<void>> timekeeper::sleep_until(deadline until)
{
    if (cancelled_before(co_await asio::this_coro::cancellation_state))
        co_return error{errc::cancelled, ""};
    if (until.passed(now()))
        co_return result<void>();
    waiter sleeper;
    auto rise = [&sleeper]() noexcept { sleeper.wake(); };
    deadline_watch watch(*this, until, rise);
    co_await sleeper.wait(await_tuple);
    if (watch.fired())
        co_return result<void>();
    co_return error{errc::cancelled, ""};
}

std::unique_ptr<timekeeper> make_timekeeper(asio::any_io_executor executor)
{
    return std::make_unique<asio_timekeeper>(std::move(executor));
}

} // namespace lambent::core
