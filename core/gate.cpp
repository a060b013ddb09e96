#include <lambent/core/gate.hpp>

#include <lambent/core/asio.hpp>

#include <boost/asio/this_coro.hpp>

namespace lambent::core {

gate::gate(shard& on, std::size_t permits) : shard_(on), permits_(permits) {}

bool gate::try_enter() noexcept
{
    // Permits are free while somebody waits only inside `leave`, never here; the check keeps the promise visible.
    if (closed_ || permits_ == 0 || !queue_.empty())
        return false;
    --permits_;
    return true;
}

awaitable<result<void>> gate::enter(deadline until)
{
    if (closed_)
        co_return error{errc::shutting_down, ""};
    if (cancelled_before(co_await asio::this_coro::cancellation_state))
        co_return error{errc::cancelled, ""};
    if (try_enter())
        co_return result<void>();

    bool granted = false; // set by `leave`; `close` wakes without it
    wait_queue::entry self(&granted);
    const auto outcome = co_await queue_.park(self, shard_.time(), until);
    if (granted)
        co_return result<void>();
    switch (outcome) {
    case wait_queue::outcome::timed_out:
        co_return error{errc::deadline_exceeded, "waiting for a permit"};
    case wait_queue::outcome::cancelled:
        co_return error{errc::cancelled, ""};
    case wait_queue::outcome::woken:
        break;
    }
    co_return error{errc::shutting_down, ""};
}

void gate::leave() noexcept
{
    if (queue_.empty()) {
        ++permits_;
        return;
    }
    *static_cast<bool*>(queue_.first()->item) = true;
    queue_.wake_first();
}

void gate::close() noexcept
{
    closed_ = true;
    while (!queue_.empty())
        queue_.wake_first();
}

} // namespace lambent::core
