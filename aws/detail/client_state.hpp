#pragma once

#include <lambent/aws/detail/call_record.hpp>
#include <lambent/aws/detail/prepared_request.hpp>
#include <lambent/aws/endpoint.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/core/retry.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/core/wait_queue.hpp>
#include <lambent/core/waiter.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace lambent::aws {

struct lambda_client::state : std::enable_shared_from_this<state>
{
    state(core::shard& on, lambda_options opened, std::shared_ptr<credentials_source> keys, core::limiter* limit,
        std::unique_ptr<http::dialer> network);

    /// @param may_run  null, or told while the function may be running for this call.
    awaitable<core::result<invocation_reply>> invoke(const invocation& call, core::deadline until, call_report* report, bool* may_run);
    core::error flaw_of_keys(const std::shared_ptr<const credentials>& keys);
    /// Everything an attempt needs is at hand, and now in `r`: nothing was awaited.
    bool ready(call_record& r, const next_step& next);
    /// The same by waiting. False: the call is over.
    awaitable<bool> get_ready(call_record& r, next_step next, core::deadline until);
    awaitable<core::result<std::shared_ptr<const credentials>>> fetch(core::deadline until);
    awaitable<core::result<void>> admit(core::deadline until);
    awaitable<void> back_off(core::duration pause);

    std::unique_ptr<call_record> take_record();
    void give_back(std::unique_ptr<call_record> record) noexcept;
    void count_attempt(call_plan& plan, bool repeated) noexcept;

    bool busy() const noexcept { return stats.in_flight > 0 || outstanding.load(std::memory_order_acquire) > 0; }
    /// Ends all that runs, soon.
    void stop_all() noexcept;
    awaitable<void> close(core::deadline until);
    /// The client dies before its calls.
    void abandon() noexcept;

    core::shard& shard;
    std::shared_ptr<void> lifeline; // of the shard
    lambda_options options;
    std::shared_ptr<credentials_source> source;
    core::limiter* limiter;
    core::result<endpoint> where;
    std::string authority;
    std::string url_base; // scheme://authority
    core::retry_budget budget;
    http::client http;
    signing_desk desk;
    request_shelf shelf;
    std::vector<std::unique_ptr<call_record>> records; // between two calls
    lambda_stats stats;
    std::shared_ptr<const credentials> sound; // the keys last looked at, which may be sent
    core::task_group tasks;
    core::wait_queue backing_off;
    std::vector<core::waiter*> detours; // calls that wait for the limiter or for keys
    core::waiter drained;       // `close` waits here for `busy` to end
    std::atomic<std::size_t> outstanding{0}; // async calls that were begun, on any thread, and not yet handed over
    bool closing = false;       // takes nothing new
    bool stopping = false;      // and repeats nothing
};

} // namespace lambent::aws
