#pragma once

#include <cstdint>
#include <string>

namespace lambent::http {

/// Plain counters, written on the shard; the invariant is `opened == closed + idle + busy`.
struct client_stats
{
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
    std::uint64_t idle = 0;
    std::uint64_t busy = 0;
    std::uint64_t connect_failed = 0;
    std::uint64_t requests = 0;
    std::uint64_t reused = 0;         ///< requests that found an open connection
    std::uint64_t stale_retried = 0;  ///< requests repeated at once because a reused connection was dead and nothing had been sent
    std::uint64_t queued = 0;         ///< waiting now
    std::uint64_t queue_refused = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
};

/// One origin's connections and callers, now. Of all origins together they make up the gauges of `client_stats`.
struct origin_stats
{
    std::string origin;           ///< "https://host:port", without a default port
    std::uint64_t idle = 0;
    std::uint64_t busy = 0;
    std::uint64_t opening = 0;    ///< being dialled
    std::uint64_t queued = 0;
};

} // namespace lambent::http
