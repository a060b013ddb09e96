#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/waiter.hpp>
#include <lambent/http/chain.hpp>
#include <lambent/http/client.hpp>
#include <lambent/http/phase_watch.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace lambent::http {

class connection;
class pool;

/// A dial's deadline passed: the error names the phase.
core::error timed_out_in(const dial_attempt& attempt, const origin& to);

/// One `exchange` under way; lives in its coroutine's frame.
///
///     unplaced -> queued -> may_dial -> dialling -> granted -> exchanging -> done
///        ^ \________\__________________________________^           |
///        |______________ (the connection was stale) _______________|
class call : public chained<call>
{
public:
    enum class stage : std::uint8_t {
        unplaced,   ///< to be given a connection, a place in the queue, or leave to dial
        queued,     ///< in the pool's queue; wakes in another stage
        may_dial,   ///< counted as opening
        dialling,   ///< likewise
        granted,    ///< a place on `on`, nothing written
        exchanging, ///< submitted on `on`
        done,       ///< answered, or failed with `failure`
    };

    call(request_source& source_in, response_sink& sink_in, const phase_watch& times_in) noexcept
        : source(source_in), sink(sink_in), times(times_in)
    {}
    ~call();

    bool failed() const noexcept { return static_cast<bool>(failure.code); }
    void fail(core::error why) noexcept
    {
        failure = std::move(why);
        where = stage::done;
    }
    /// Gives up its place wherever it is, and is done; whoever waits on it is resumed later. A dial ends a little later, with
    /// this failure.
    void stop(core::error why) noexcept;
    /// The deadline passed: stopped by the error that names the phase.
    void expire() noexcept;

    request_source& source;
    response_sink& sink;
    phase_watch times;
    std::uint64_t lane = 0;             ///< set where requests are pipelined
    stage where = stage::unplaced;
    http::progress progress = progress::not_sent;
    bool retried = false;               ///< a stale connection has been forgiven once
    pool* home = nullptr;
    connection* on = nullptr;           ///< granted, exchanging
    dial_attempt* dialling = nullptr;
    core::error failure;
    std::string unsent;                 ///< the request's text, written for a connection that turned out stale
    core::waiter waiter;

private:
    void leave() noexcept;
};

} // namespace lambent::http
