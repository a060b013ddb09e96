#include <lambent/processor/detail/labelled_limiter.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace lambent::processor {
namespace {

// The original's pause after a limiter's error.
constexpr core::duration pause_after_error = std::chrono::seconds(1);

} // namespace

labelled_limiter::labelled_limiter(const context& who, std::string label, std::string complaint)
    : who_(who), label_(std::move(label)), complaint_(std::move(complaint))
{
}

bool labelled_limiter::try_admit()
{
    core::limiter* target = who_.host().rate_limit(label_);
    return target && target->try_admit();
}

awaitable<core::result<void>> labelled_limiter::admit(core::deadline until)
{
    core::timekeeper& time = who_.shard().time();
    for (;;) {
        std::string why = "unable to locate resource: " + label_;
        if (core::limiter* target = who_.host().rate_limit(label_)) {
            auto admitted = co_await target->admit(until);
            if (admitted || admitted.error().code == core::condition::cancelled
                || admitted.error().code == core::condition::timed_out)
                co_return admitted;
            why = admitted.error().text();
        }
        who_.log(core::log_level::error, complaint_ + why);
        if (until.passed(time.now()))
            co_return core::error{core::errc::deadline_exceeded, "waiting for the rate limit"};
        const core::deadline next = core::earlier_of(until, time.in(pause_after_error));
        auto slept = co_await time.sleep_until(next);
        if (!slept)
            co_return slept;
    }
}

core::result<void> require_rate_limit(const context& who, const std::string& label)
{
    if (!who.host().rate_limit(label))
        return core::error{errc::resource_missing, "rate limit resource '" + label + "' was not found"};
    return {};
}

} // namespace lambent::processor
