#pragma once

#include <lambent/aws/certainty.hpp>
#include <lambent/aws/credentials.hpp>
#include <lambent/aws/invocation.hpp>
#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/limiter.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/http/client.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace lambent::aws {

/// What a failed call says beyond its error: filled when the caller passes one.
struct call_report
{
    unsigned attempts = 0;                        ///< HTTP attempts made
    aws::certainty certainty = certainty::not_sent;
    int status = 0;                               ///< of the last answer; 0: none
    std::string error_type;                       ///< AWS's name for it, e.g. TooManyRequestsException
    std::string request_id;
};

struct retry_options
{
    unsigned retries = 2;                              ///< further HTTP attempts after the first
    core::duration base = std::chrono::milliseconds(50);
    core::duration throttle_base = std::chrono::seconds(1);
    core::duration cap = std::chrono::seconds(20);
    bool ambiguous = false;                            ///< also repeat what may have run (at-least-once); else only if `idempotent`
};

struct lambda_options
{
    std::string region;                                ///< empty: from environment and profile when made by `resolve`
    std::string endpoint;                              ///< base URL, its path is kept; empty: computed from the region
    bool fips = false;
    bool dual_stack = false;
    std::string trace_id;                              ///< sent unsigned as X-Amzn-Trace-Id; empty: none
    core::duration attempt_timeout = core::forever;    ///< bounds each HTTP attempt, the limiter's wait not included; zero or less: every call fails at once
    retry_options retry;
    http::client_options http;
};

struct lambda_stats
{
    std::uint64_t calls = 0;
    std::uint64_t attempts = 0;
    std::uint64_t retries = 0;
    std::uint64_t throttled = 0;        ///< attempts answered 429 or by a throttling code
    std::uint64_t function_errors = 0;
    std::uint64_t failed = 0;           ///< calls that ended in an error
    std::uint64_t timed_out = 0;        ///< attempts that ran into their time-out
    std::uint64_t in_flight = 0;
};

/// Invokes Lambda functions over pooled connections. One per shard.
class lambda_client
{
public:
    /// @param limiter  asked once per HTTP attempt; null: no limit. Must outlive the client, as must `on`.
    lambda_client(core::shard& on, lambda_options options, std::shared_ptr<credentials_source> source,
        core::limiter* limiter = nullptr, std::unique_ptr<http::dialer> network = nullptr);
    ~lambda_client();
    lambda_client(const lambda_client&) = delete;
    lambda_client& operator=(const lambda_client&) = delete;

    /// Sends one invocation and waits for the function's answer.
    ///
    /// A function that throws is an answer: see `invocation_reply::function_error`.
    /// @param call    must outlive the await; refused before anything is sent when its parts could break out of their place.
    /// @param within  covers waiting at the limiter, every attempt and every back-off; `core::forever` to leave it open.
    /// @param report  may be null; told attempts and certainty, on success too. Must outlive the await.
    /// @return the reply; or an aws::errc, an http::errc once attempts are spent, or core::errc::deadline_exceeded whose
    ///         detail names the phase. The error's text has the form of the AWS SDK for Go: "operation error Lambda: Invoke, ...".
    /// @par Cancellation  terminal; reaches every wait. After the first byte has left, the function may have run.
    awaitable<core::result<invocation_reply>> invoke(const invocation& call, core::duration within, call_report* report = nullptr);

    const lambda_stats& stats() const noexcept;
    const http::client_stats& transport_stats() const noexcept;
    /// See `http::client::close`.
    awaitable<void> close(core::deadline until);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace lambent::aws
