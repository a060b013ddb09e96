#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/http/dialer.hpp>
#include <lambent/http/errc.hpp>
#include <lambent/http/request.hpp>
#include <lambent/http/response.hpp>
#include <lambent/http/stats.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::http {

/// TLS as a client: TLS 1.2 and 1.3, chain and host name verified, SNI sent.
struct tls_options
{
    std::string ca_file;                               ///< PEM with extra roots; empty: the system's roots alone
    bool dangerously_skip_certificate_verification = false; ///< accepts anybody as the server
};

struct tcp_options
{
    core::duration connect_timeout = std::chrono::seconds(30);  ///< per address; the request's deadline also rules
    core::duration keep_alive_idle = std::chrono::seconds(45);  ///< negative: keep-alive off
    core::duration keep_alive_interval = std::chrono::seconds(15);
    int keep_alive_count = 4;
    core::duration user_timeout = core::duration::zero();       ///< TCP_USER_TIMEOUT; zero: the system's
};

struct client_options
{
    std::size_t connections_max = 2048;               ///< per origin
    std::size_t queue_max = 65536;                    ///< requests that may wait for a connection, per origin
    core::duration idle_max = std::chrono::seconds(45);  ///< an idle connection older than this is closed, not reused
    core::duration age_max = std::chrono::minutes(10);   ///< jittered by up to 20 %
    std::size_t header_bytes_max = 64 * 1024;
    std::size_t body_bytes_max = 6 * 1024 * 1024 + 64 * 1024;
    std::size_t pipeline_depth = 1;                   ///< requests in flight per connection
    std::size_t idle_min = 0;                         ///< connections kept ready per origin that is in use; 0: none
    core::duration tls_handshake_timeout = std::chrono::seconds(10);
    tls_options tls;
    tcp_options tcp;
};

/// Fills in the last headers once a connection is leased, immediately before the first byte leaves: signing.
///
/// A plain function object by reference, not a coroutine. Called at most once per `send`.
class finisher
{
public:
    virtual ~finisher() = default;
    /// Appends complete header lines ("Name: value\r\n") to `head`, which is being written for `origin`.
    virtual core::result<void> finish(std::string& head) = 0;
};

/// Writes one complete request once a connection is leased, immediately before its first byte leaves: what `exchange` sends.
class request_source
{
public:
    virtual ~request_source() = default;
    /// Appends head and body to `out`, which may hold other requests already. Called at most once per `exchange`.
    virtual core::result<void> write(std::string& out) = 0;
    /// What of the body `write` did not append, to be sent behind it from where it is; it must stay there until the exchange has ended.
    virtual std::string_view rest() const noexcept { return {}; }
    /// The method is HEAD: the answer has no body whatever its fields say.
    virtual bool is_head() const noexcept { return false; }
    /// Requests of different lanes are never in flight together on one pipelined connection, so that a slow kind does not delay a
    /// quick one. Not asked where `pipeline_depth` is 1.
    virtual std::uint64_t lane() const noexcept { return 0; }
};

/// Takes the answer where it lies; called from a turn of the loop, before the awaiting coroutine is resumed.
class response_sink
{
public:
    virtual ~response_sink() = default;
    /// The complete response. Views die when this returns. Called at most once, and not after a failure.
    virtual void take(const response_view& whole) noexcept = 0;
    /// The head came, the body did not and will not: status and fields for the error's text. `partial.body` is empty.
    virtual void cut_short(const response_view& partial) noexcept { static_cast<void>(partial); }
};

/// Where an exchange's time went; together all of it. A request repeated after a stale connection adds to the same phases.
struct phase_times
{
    core::duration queue{};     ///< waiting for a connection, or for one's turn to use it
    core::duration resolve{};   ///< DNS
    core::duration connect{};   ///< TCP
    core::duration handshake{}; ///< TLS
    core::duration write{};     ///< making the request's text (signing), and from its first to its last byte written
    core::duration wait{};      ///< from there to the first byte of the answer
    core::duration read{};      ///< from there to the answer's end
};

/// How an exchange went, answered or failed: as far as it got.
struct exchange_report
{
    http::progress progress = progress::not_sent;
    phase_times phases;
    bool reused = false;        ///< the connection had served before; false where none was reached
    bool timed = true;          ///< set by the caller: `phases` are wanted, which costs some readings of the clock
};

/// HTTP/1.1 client over pooled connections, one per shard.
///
/// Nothing goes on behind the caller's back: connections too old or too long idle are closed when a call touches their pool. One
/// exception, asked for by `idle_min`: a call that leaves fewer connections ready starts the dials of those missing, which go on
/// beside it. A dial that fails is not repeated before another call comes, nor within a pause (1 s, doubled up to 30 s).
class client
{
public:
    client(core::shard& on, client_options options);
    /// With another network, e.g. the simulated one.
    client(core::shard& on, client_options options, std::unique_ptr<dialer> network);
    ~client(); ///< precondition: no exchange is under way; dials of spares are stopped
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    /// Sends one request and reads its complete response.
    ///
    /// @param to, request  must outlive the await.
    /// @param until        covers queue, DNS, connect, handshake, write, headers and body; the error names the phase.
    /// @param last         may be null; see `finisher`.
    /// @param report       may be null; see `exchange_report::timed` for what it costs.
    /// @param partial      may be null; on error it is told status and fields where the response's head had come (else status 0).
    /// @return             on time-out the error's code and detail name the phase ("waiting for the response"); other details have
    ///                     the form of Go's net package: "dial tcp 127.0.0.1:1: connect: connection refused", "EOF".
    /// @par Cancellation   terminal; the connection is closed, not reused. `core::errc::cancelled`.
    awaitable<core::result<response>> send(const origin& to, const request_view& request, core::deadline until,
        finisher* last = nullptr, exchange_report* report = nullptr, response* partial = nullptr);

    /// The same for a hot path: the caller writes its own request text and takes the answer where it lies. Nothing is copied or
    /// allocated on the way, and nothing about the text is checked. All arguments must outlive the await.
    awaitable<core::result<void>> exchange(const origin& to, request_source& request, response_sink& answer, core::deadline until,
        exchange_report* report = nullptr);

    /// Opens connections until `idle_min` are idle, at least one, as far as `connections_max` allows: handshakes before the first call,
    /// some dozens of them at a time, and no more once one has failed.
    ///
    /// @param to      must outlive the await.
    /// @return        the first dial's error; the connections that were opened stay.
    /// @par Cancellation  terminal; ends its dials.
    awaitable<core::result<void>> warm_up(const origin& to, core::deadline until);

    const client_stats& stats() const noexcept;
    /// The gauges by origin, of those in use lately; made when asked for.
    std::vector<origin_stats> origins() const;

    /// Takes no new requests, fails those who queue (`core::errc::shutting_down`), lets exchanges end, closes all connections.
    /// Nothing runs after it has completed. After `until` the exchanges are aborted.
    awaitable<void> close(core::deadline until);
    /// The same at once, without waiting: every exchange fails and is resumed later, every connection is closed. The client
    /// must live until the exchanges' frames are gone.
    void abort() noexcept;

private:
    struct state;
    std::shared_ptr<state> state_; ///< shared with the dials of spares
};

} // namespace lambent::http
