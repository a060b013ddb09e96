#include <lambent/core/wait_queue.hpp>

#include <lambent/core/deadline_watch.hpp>

#include <boost/asio/this_coro.hpp>

namespace lambent::core {

wait_queue::~wait_queue() { LAMBENT_ASSERT(empty(), "nobody waits in a queue that dies"); }

void wait_queue::link(entry& who) noexcept
{
    who.queue_ = this;
    who.previous_ = last_;
    (last_ ? last_->next_ : first_) = &who;
    last_ = &who;
    ++size_;
}

void wait_queue::unlink(entry& who) noexcept
{
    (who.previous_ ? who.previous_->next_ : first_) = who.next_;
    (who.next_ ? who.next_->previous_ : last_) = who.previous_;
    who.next_ = nullptr;
    who.previous_ = nullptr;
    who.queue_ = nullptr;
    --size_;
}

void wait_queue::wake_first() noexcept
{
    entry& who = *first_;
    unlink(who);
    who.outcome_ = outcome::woken;
    // Already disarmed where a cancellation is on its way; the outcome above then wins.
    who.waiter_.wake();
}

awaitable<wait_queue::outcome> wait_queue::park(entry& who, timekeeper& time, deadline until)
{
    if (cancelled_before(co_await asio::this_coro::cancellation_state))
        co_return outcome::cancelled;
    if (until.passed(time.now()))
        co_return outcome::timed_out;

    link(who);
    auto expire = [this, &who]() noexcept {
        if (who.queue_ == nullptr)
            return;
        unlink(who);
        who.outcome_ = outcome::timed_out;
        who.waiter_.wake();
    };
    {
        deadline_watch watch(time, until, expire);
        co_await who.waiter_.wait(await_tuple);
    }
    if (who.queue_)
        unlink(who);
    co_return who.outcome_;
}

} // namespace lambent::core
