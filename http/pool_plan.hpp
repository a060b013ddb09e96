#pragma once

#include <lambent/core/time.hpp>

#include <cstddef>
#include <cstdint>

namespace lambent::http {

struct pool_limits
{
    std::size_t connections_max = 2048;
    std::size_t queue_max = 65536;
    std::size_t pipeline_depth = 1;
    core::duration idle_max = std::chrono::seconds(45);
    core::duration age_max = std::chrono::minutes(10);
};

/// One origin's connections and callers, counted.
struct pool_counts
{
    std::size_t idle = 0;     ///< open, nobody on them
    std::size_t roomy = 0;    ///< busy, with room for one more in the pipeline
    std::size_t full = 0;     ///< busy, without
    std::size_t opening = 0;  ///< being dialled
    std::size_t waiting = 0;  ///< callers in the queue
};

/// Which connection serves the next caller? Numbers in, verdict out.
///
/// | waiting | idle | open + opening < max | roomy | verdict                          |
/// |---------|------|----------------------|-------|----------------------------------|
/// | > 0     | any  | any                  | any   | wait: nobody overtakes           |
/// | 0       | > 0  | any                  | any   | lease_idle                       |
/// | 0       | 0    | yes                  | any   | open_new                         |
/// | 0       | 0    | no                   | > 0   | share: pipelined behind others   |
/// | 0       | 0    | no                   | 0     | wait                             |
///
/// `wait` becomes `refuse` once the queue holds `queue_max`.
enum class verdict : std::uint8_t { lease_idle, open_new, share, wait, refuse };
verdict next_for(const pool_limits& limits, const pool_counts& now) noexcept;

/// The same for the first in the queue, when something has changed: whom nobody can overtake.
verdict next_for_first(const pool_limits& limits, const pool_counts& now) noexcept;

/// Why an idle connection is closed instead of reused.
enum class retirement : std::uint8_t { keep, idle_too_long, too_old };
/// @param age_limit  `jittered_age` of this connection
retirement retire(const pool_limits& limits, core::duration age_limit, core::duration idle_for, core::duration age) noexcept;

/// `age_max` shortened by up to 20 %, so that connections opened together do not close together. `uniform` is in [0, 1).
core::duration jittered_age(const pool_limits& limits, double uniform) noexcept;

/// Idle longer than this, a connection is looked at before reuse: what came meanwhile may not be known yet. Shorter, the
/// last turn of the loop has just told.
inline constexpr core::duration look_after_idle = std::chrono::milliseconds(1);

} // namespace lambent::http
