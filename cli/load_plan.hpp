#pragma once

#include <lambent/core/time.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lambent::cli {

/// A load on a Lambda endpoint, as `lambent bench` is told.
///
/// Closed loop (`rate` 0): each of `in_flight` callers sends its next request when the last was answered. Open loop: requests are due at
/// fixed times whatever became of earlier ones, and a latency counts from the time a request was due, so that a server which stalls
/// cannot hide how long its clients waited (no coordinated omission).
struct load_plan
{
    std::vector<std::string> functions; ///< taken in turn
    std::vector<std::string> payloads;  ///< taken in turn
    std::size_t in_flight = 64;
    std::size_t shards = 1;             ///< threads, each with its own connections
    double rate = 0;                    ///< requests a second in all; 0: closed loop
    core::duration ramp{0};             ///< open loop: the rate rises from 0; closed loop: callers begin one by one
    core::duration warm_up{0};          ///< at full load, not counted
    core::duration duration{0};         ///< counted

    /// From the beginning to what is counted.
    core::duration lead() const noexcept { return ramp + warm_up; }
    core::duration whole() const noexcept { return lead() + duration; }

    /// Open loop: when the request of that number (from 0) is due, from the beginning.
    core::duration due(std::uint64_t number) const noexcept;
    /// Open loop: how many requests are due before `end`.
    std::uint64_t due_before(core::duration end) const noexcept;
    /// Closed loop: when that caller begins.
    core::duration begins(std::size_t caller) const noexcept;
    /// How many of the callers shard `index` has: the first ones have the remainder.
    std::size_t callers_of(std::size_t index) const noexcept;
};

} // namespace lambent::cli
