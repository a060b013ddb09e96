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
    std::size_t idle_min = 0;
};

/// One origin's connections and callers, counted as one caller sees them.
struct pool_counts
{
    std::size_t idle = 0;     ///< open, nobody on them
    std::size_t roomy = 0;    ///< busy with requests of the caller's lane, with room for one more in the pipeline
    std::size_t full = 0;     ///< busy otherwise: without room, or with another lane
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
/// | 0       | 0    | no                   | > 0   | share: behind others of its lane |
/// | 0       | 0    | no                   | 0     | wait                             |
///
/// `wait` becomes `refuse` once the queue holds `queue_max`. The first in the queue may wait for its lane while others behind
/// it could share: they wait too, so that busy connections become idle and each lane has its turn.
enum class verdict : std::uint8_t { lease_idle, open_new, share, wait, refuse };
verdict next_for(const pool_limits& limits, const pool_counts& now) noexcept;

/// The same for the first in the queue, when something has changed: whom nobody can overtake.
verdict next_for_first(const pool_limits& limits, const pool_counts& now) noexcept;

/// How many connections to open for nobody yet, so that `wanted` are idle: those missing, as far as `connections_max` allows.
/// @param coming  of those being opened, how many count as idle already
std::size_t spares_missing(const pool_limits& limits, const pool_counts& now, std::size_t wanted, std::size_t coming) noexcept;

/// After so many failures in a row no spare connection is dialled for this long.
core::duration spare_pause(unsigned failures) noexcept;

/// What a connection can take: one of any lane, one more of its own lane, or none.
enum class load : std::uint8_t { idle, roomy, full };
/// @param taken   requests on it, answered or not yet begun, abandoned ones included
/// @param open    it may be asked more
load load_of(const pool_limits& limits, std::size_t taken, bool open) noexcept;

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
