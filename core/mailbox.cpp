#include <lambent/core/mailbox.hpp>

#include <lambent/core/deadline_watch.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace lambent::core::detail {

std::shared_ptr<mailbox_line::place> mailbox_line::join(shard& on)
{
    auto who = std::make_shared<place>(on.executor());
    who->at = places_.insert(places_.end(), who);
    who->queued = true;
    return who;
}

void mailbox_line::leave(place& who) noexcept
{
    if (!std::exchange(who.queued, false))
        return;
    places_.erase(who.at);
}

void mailbox_line::wake_first()
{
    if (places_.empty())
        return;
    const std::shared_ptr<place> who = std::move(places_.front());
    places_.pop_front();
    who->queued = false;
    // Under the mailbox's lock on purpose: whoever waits must take it before its call can end, so its loop still exists.
    asio::post(who->executor, [who] { who->resumption.wake_here(); });
}

void mailbox_line::wake_all()
{
    while (!places_.empty())
        wake_first();
}

awaitable<result<void>> mailbox_line::wait(shard& on, std::shared_ptr<place> who, deadline until, const char* phase)
{
    if (cancelled_before(co_await asio::this_coro::cancellation_state))
        co_return error{errc::cancelled, ""};
    if (until.passed(on.time().now()))
        co_return error{errc::deadline_exceeded, phase};
    auto expire = [&who]() noexcept { who->resumption.wake(); };
    deadline_watch watch(on.time(), until, expire);
    const auto [ec] = co_await who->resumption.wait(await_tuple);
    if (ec)
        co_return error{errc::cancelled, ""};
    if (watch.fired())
        co_return error{errc::deadline_exceeded, phase};
    co_return result<void>();
}

} // namespace lambent::core::detail
