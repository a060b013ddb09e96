#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/gate.hpp>

namespace lambent::stream {

/// "Something changed": one coroutine waits, others notify. A notification with nobody waiting is kept (once).
class event
{
public:
    explicit event(core::shard& on) : gate_(on, 0) {}

    void notify() noexcept
    {
        if (kept_)
            return;
        kept_ = gate_.waiting() == 0;
        if (!kept_)
            gate_.leave();
    }

    /// True after a notification, false once `until` has passed; or `errc::cancelled`.
    awaitable<core::result<bool>> wait(core::deadline until)
    {
        if (kept_) {
            kept_ = false;
            co_return true;
        }
        const auto entered = co_await gate_.enter(until);
        if (entered)
            co_return true;
        if (entered.error().code == core::errc::deadline_exceeded)
            co_return false;
        co_return entered.error();
    }

private:
    core::gate gate_;
    bool kept_ = false;
};

} // namespace lambent::stream
