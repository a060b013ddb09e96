#pragma once

#include <chrono>

namespace lambent::core {

using duration = std::chrono::nanoseconds;
/// Monotonic: for deadlines and latencies. Only a `timekeeper` reads it.
using instant = std::chrono::time_point<std::chrono::steady_clock, duration>;
/// Wall clock (UTC): for signatures, logs and expiry. Only a `timekeeper` reads it.
using wall_time = std::chrono::time_point<std::chrono::system_clock, duration>;

/// "No limit" where a duration is asked for.
inline constexpr duration forever = duration::max();

} // namespace lambent::core
