#pragma once

#include <lambent/aws/async_completion.hpp>
#include <lambent/aws/certainty.hpp>
#include <lambent/aws/credentials.hpp>
#include <lambent/aws/invocation.hpp>
#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/limiter.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/http/client.hpp>

#include <boost/asio/async_result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace lambent::aws {

/// Where a call's time went. `back_off` is that of the whole call, the rest that of its last attempt.
struct call_phases
{
    core::duration back_off{};  ///< between attempts
    core::duration limiter{};   ///< waiting for credentials and for the rate limit
    core::duration queue{};     ///< for a connection
    core::duration resolve{};   ///< DNS
    core::duration connect{};   ///< TCP
    core::duration handshake{}; ///< TLS
    core::duration sign{};      ///< making the request's text, signature included
    core::duration write{};     ///< to its last byte
    core::duration wait{};      ///< to the first byte of the answer: network and function
    core::duration read{};      ///< to its last
};

/// What a call says beyond its outcome: filled when the caller passes one, which costs some readings of the clock.
struct call_report
{
    unsigned attempts = 0;                        ///< HTTP attempts made
    aws::certainty certainty = certainty::not_sent;
    int status = 0;                               ///< of the last answer; 0: none
    std::string error_type;                       ///< AWS's name for it, e.g. TooManyRequestsException
    std::string request_id;
    bool reused = false;                          ///< the last attempt found an open connection
    call_phases phases;
};

/// When a failed attempt is repeated. By default only what surely did not run: see `certainty`.
struct retry_options
{
    unsigned retries = 2;                              ///< further HTTP attempts after the first
    core::duration base = std::chrono::milliseconds(50);
    core::duration throttle_base = std::chrono::seconds(1);
    core::duration cap = std::chrono::seconds(20);
    bool ambiguous = false;                            ///< also repeat what may have run (at-least-once); else only if `idempotent`
    /// Tokens that the client's calls share for their retries: a transient one takes 14, a throttled one 5; a success after it
    /// gives them back, one at the first attempt gives back 1. While they last a failing service gets its retries; then each
    /// call makes one attempt. 0: no such bound.
    unsigned budget = 500;
};

/// How a client works; copied when it is made. Every limit has a name and a default, here and in `http::client_options`.
struct lambda_options
{
    std::string region;                                ///< empty: from environment and profile when made by `resolve`
    std::string endpoint;                              ///< base URL, its path is kept; empty: computed from the region
    bool fips = false;
    bool dual_stack = false;
    std::string trace_id;                              ///< sent unsigned as X-Amzn-Trace-Id; empty: none
    core::duration attempt_timeout = core::forever;    ///< bounds each HTTP attempt, the limiter's wait not included; zero or less: every call fails at once
    bool any_function_name = false;                    ///< false: a name that no function can have is refused; true: it is sent, percent-encoded
    retry_options retry;
    /// With `pipeline_depth` > 1, for those who ask: a slow function delays the answers behind it on its connection, and a broken
    /// connection leaves every unanswered call on it `maybe_executed`. Only calls of one `invocation::latency_class` share one.
    http::client_options http;
};

/// One number for each certainty.
struct certainty_counts
{
    std::uint64_t not_sent = 0;
    std::uint64_t refused = 0;
    std::uint64_t maybe_executed = 0;
    std::uint64_t executed = 0;

    void count(aws::certainty known) noexcept
    {
        switch (known) {
        case certainty::not_sent: ++not_sent; break;
        case certainty::refused: ++refused; break;
        case certainty::maybe_executed: ++maybe_executed; break;
        case certainty::executed: ++executed; break;
        }
    }
    std::uint64_t total() const noexcept { return not_sent + refused + maybe_executed + executed; }
    certainty_counts& operator+=(const certainty_counts& more) noexcept
    {
        not_sent += more.not_sent;
        refused += more.refused;
        maybe_executed += more.maybe_executed;
        executed += more.executed;
        return *this;
    }
};

/// Plain counters, written on the shard.
///
/// | what ended          | counted in                                        | at the other end, at least             |
/// |---------------------|---------------------------------------------------|----------------------------------------|
/// | an attempt, failed  | `failed_attempts.not_sent`                        | nothing: no byte left                  |
/// |                     | `failed_attempts.refused`                         | nothing: the service said so           |
/// |                     | `failed_attempts.maybe_executed`                  | unknown: bytes left, no answer, or 5xx |
/// |                     | `failed_attempts.executed`                        | the function ran, its answer was lost  |
/// | a call, in an error | `failed` and `failed_calls`, by the highest of its attempts | as above                     |
/// | a call, answered    | neither; `function_errors` where the function failed        | the function ran             |
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
    std::uint64_t ambiguous_retried = 0; ///< attempts repeated although their function may have run, or had
    certainty_counts failed_attempts;
    certainty_counts failed_calls;
};

/// Invokes Lambda functions over pooled connections. One per shard, used on the shard's executor, all but `async_invoke`.
///
/// The shard may stand on a loop of its own, on a caller's single-threaded `io_context`, or on a strand.
class lambda_client
{
public:
    /// @param limiter  asked once per HTTP attempt; null: no limit. Must outlive the client, as must `on`.
    lambda_client(core::shard& on, lambda_options options, std::shared_ptr<credentials_source> source,
        core::limiter* limiter = nullptr, std::unique_ptr<http::dialer> network = nullptr);
    /// Without `close`: calls under way are stopped as by it. Where the loop runs on, they end in its next turns (the shard must
    /// live until then); where the loop is destroyed, their coroutines and handlers are destroyed with it, unheard. Client and
    /// shard die before the loop, as Asio's own objects do. With `http.idle_min`, `close` must have completed.
    ~lambda_client();
    lambda_client(const lambda_client&) = delete;
    lambda_client& operator=(const lambda_client&) = delete;

    /// Sends one invocation and waits for the function's answer.
    ///
    /// A function that throws is an answer: see `invocation_reply::function_error`.
    /// @param call    must outlive the await; refused before anything is sent when its parts could break out of their place.
    /// @param within  covers waiting at the limiter, every attempt and every back-off, from now on; `core::forever` to leave it open.
    /// @param report  may be null; told attempts and certainty, on success too. Must outlive the await.
    /// @return the reply; or an aws::errc, an http::errc once attempts are spent, core::errc::shutting_down once `close` was
    ///         called, or core::errc::deadline_exceeded whose detail names the phase. `error::certainty` says whether the
    ///         function may have run. The error's text has the form of the AWS SDK for Go: "operation error Lambda: Invoke, ...".
    /// @par Cancellation  terminal; reaches every wait. After the first byte has left, the function may have run: the connection
    ///         is closed, not reused, and the error says `maybe_executed`.
    awaitable<core::result<invocation_reply>> invoke(const invocation& call, core::duration within, call_report* report = nullptr)
    {
        return invoke(call, in(within), report);
    }
    awaitable<core::result<invocation_reply>> invoke(const invocation& call, core::deadline until, call_report* report = nullptr);
    /// A temporary is gone when its statement ends, an awaitable is not: name the call, then await.
    template <class Time>
    awaitable<core::result<invocation_reply>> invoke(const invocation&& call, Time within, call_report* report = nullptr) = delete;

    /// The same for any completion token: a callback, `asio::use_future`, `asio::deferred`, `asio::use_awaitable`, a stackful
    /// coroutine's `asio::yield_context`. Signature: `void(core::result<invocation_reply>)`.
    ///
    /// From any thread. The handler is called exactly once, on its associated executor (else on the shard's), never inside the
    /// initiating call; its associated allocator gives the memory it is kept in.
    /// @param call    what it views must live until the handler is called; `call` itself need not.
    /// @param within  as `invoke`'s, from the initiation on.
    /// @return as `invoke`'s.
    /// @par Cancellation  by the handler's slot, on the handler's executor as Asio asks for: terminal and partial end the call
    ///         wherever it is; total only while the function has surely not been run for it, else it is ignored. The handler is
    ///         called with core::errc::cancelled, unless the answer was there first.
    template <class Token>
    auto async_invoke(const invocation& call, core::duration within, Token&& token)
    {
        return asio::async_initiate<Token, void(core::result<invocation_reply>)>(initiation{this}, token, call, within);
    }
    template <class Token>
    auto async_invoke(const invocation& call, core::deadline until, Token&& token)
    {
        return asio::async_initiate<Token, void(core::result<invocation_reply>)>(initiation{this}, token, call, until);
    }

    /// Opens connections before the first call, so that it finds the handshakes done: see `http::client::warm_up`.
    awaitable<core::result<void>> warm_up(core::duration within);

    const lambda_stats& stats() const noexcept;
    const http::client_stats& transport_stats() const noexcept;

    /// Takes no new calls (they fail with core::errc::shutting_down), lets those under way end, retries included, until `until`;
    /// then stops them, wherever they wait, with the same error. Once at a time.
    ///
    /// When it has completed, no connection is open, no coroutine, timer or task of the client is left, and every handler of
    /// `async_invoke` has been handed over: those of the shard's executor have been called, those bound to another executor
    /// have been given to it (`asio::dispatch`) and may be called later, from there; they own what they need, so that
    /// client, shard and loop may be destroyed before. To wait for them too, wait for that executor.
    /// @par Cancellation  terminal: as if `until` had passed. It still completes only when all that has ended.
    awaitable<void> close(core::deadline until);

private:
    friend class detail::async_call;
    struct state;

    struct initiation
    {
        using executor_type = asio::any_io_executor;
        executor_type get_executor() const noexcept { return client->executor(); }

        template <class Handler>
        void operator()(Handler&& handler, const invocation& call, core::duration within) const
        {
            (*this)(std::forward<Handler>(handler), call, client->in(within));
        }
        template <class Handler>
        void operator()(Handler&& given, const invocation& call, core::deadline until) const
        {
            using handler = std::decay_t<Handler>;
            handler kept(std::forward<Handler>(given));
            auto slot = asio::get_associated_cancellation_slot(kept);
            const auto made = client->prepare(call, until, detail::completion_of<handler>::make(std::move(kept), client->executor()));
            if (slot.is_connected())
                slot.template emplace<detail::call_stop>(made);
            client->launch(made);
        }

        lambda_client* client;
    };

    core::deadline in(core::duration within) const noexcept;
    const asio::any_io_executor& executor() const noexcept;
    std::shared_ptr<detail::async_call> prepare(const invocation& call, core::deadline until, detail::completion_ptr handler);
    static void launch(const std::shared_ptr<detail::async_call>& call);

    std::shared_ptr<state> state_; ///< shared with the calls under way
};

} // namespace lambent::aws
