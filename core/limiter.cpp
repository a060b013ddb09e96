#include <lambent/core/limiter.hpp>

#include <lambent/core/fixed_window.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/wait_queue.hpp>

#include <boost/asio/this_coro.hpp>

namespace lambent::core {
namespace {

class local_limiter final : public limiter
{
public:
    local_limiter(shard& on, std::uint64_t count, duration interval)
        : time_(on.time()), window_(count, interval, time_.now())
    {
        next_window_.fire = [](void* self) noexcept { static_cast<local_limiter*>(self)->serve(); };
        next_window_.self = this;
    }
    ~local_limiter() override { time_.remove(next_window_); }
    local_limiter(const local_limiter&) = delete;
    local_limiter& operator=(const local_limiter&) = delete;

    // Never before those who wait.
    bool try_admit() override { return queue_.empty() && window_.admit(time_.now()) == duration::zero(); }

    awaitable<result<void>> admit(deadline until) override
    {
        if (cancelled_before(co_await asio::this_coro::cancellation_state))
            co_return error{errc::cancelled, ""};
        const instant now = time_.now();
        if (queue_.empty()) {
            const duration wait = window_.admit(now);
            if (wait == duration::zero())
                co_return result<void>();
            if (!until.passed(now))
                wake_in(now, wait);
        }
        wait_queue::entry self;
        const auto outcome = co_await queue_.park(self, time_, until);
        // One wake for all who wait; nobody left, none needed.
        if (queue_.empty())
            time_.remove(next_window_);
        switch (outcome) {
        case wait_queue::outcome::woken:
            break;
        case wait_queue::outcome::timed_out:
            co_return error{errc::deadline_exceeded, "waiting for the rate limit"};
        case wait_queue::outcome::cancelled:
            co_return error{errc::cancelled, ""};
        }
        co_return result<void>();
    }

private:
    void wake_in(instant now, duration wait)
    {
        time_.remove(next_window_);
        next_window_.at = now + wait;
        time_.push(next_window_);
    }

    void serve() noexcept
    {
        const instant now = time_.now();
        while (!queue_.empty()) {
            const duration wait = window_.admit(now);
            if (wait > duration::zero()) {
                wake_in(now, wait);
                return;
            }
            queue_.wake_first();
        }
    }

    timekeeper& time_;
    fixed_window window_;
    wait_queue queue_;
    wake_node next_window_; ///< in the heap while somebody waits
};

} // namespace

std::unique_ptr<limiter> make_local_limiter(shard& on, std::uint64_t count, duration interval)
{
    LAMBENT_ASSERT(count > 0, "a rate limit admits somebody");
    return std::make_unique<local_limiter>(on, count, interval);
}

} // namespace lambent::core
