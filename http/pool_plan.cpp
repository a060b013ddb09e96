#include <lambent/http/pool_plan.hpp>

#include <lambent/core/backoff.hpp>

#include <algorithm>

namespace lambent::http {

verdict next_for_first(const pool_limits& limits, const pool_counts& now) noexcept
{
    if (now.idle > 0)
        return verdict::lease_idle;
    if (now.roomy + now.full + now.opening < limits.connections_max)
        return verdict::open_new;
    return now.roomy > 0 ? verdict::share : verdict::wait;
}

verdict next_for(const pool_limits& limits, const pool_counts& now) noexcept
{
    const verdict first = now.waiting > 0 ? verdict::wait : next_for_first(limits, now);
    if (first == verdict::wait && now.waiting >= limits.queue_max)
        return verdict::refuse;
    return first;
}

std::size_t spares_missing(const pool_limits& limits, const pool_counts& now, std::size_t wanted, std::size_t coming) noexcept
{
    const std::size_t open = now.idle + now.roomy + now.full + now.opening;
    if (now.idle + coming >= wanted || open >= limits.connections_max)
        return 0;
    return std::min(wanted - now.idle - coming, limits.connections_max - open);
}

core::duration spare_pause(unsigned failures) noexcept
{
    constexpr core::backoff between{std::chrono::seconds(1), std::chrono::seconds(30)};
    return failures == 0 ? core::duration::zero() : between.ceiling(failures - 1);
}

load load_of(const pool_limits& limits, std::size_t taken, bool open) noexcept
{
    if (taken == 0)
        return load::idle;
    return taken < limits.pipeline_depth && open ? load::roomy : load::full;
}

retirement retire(const pool_limits& limits, core::duration age_limit, core::duration idle_for, core::duration age) noexcept
{
    if (idle_for >= limits.idle_max)
        return retirement::idle_too_long;
    return age >= age_limit ? retirement::too_old : retirement::keep;
}

core::duration jittered_age(const pool_limits& limits, double uniform) noexcept
{
    if (limits.age_max == core::forever)
        return core::forever;
    const auto fifth = static_cast<double>((limits.age_max / 5).count());
    return limits.age_max - core::duration(static_cast<core::duration::rep>(fifth * uniform));
}

} // namespace lambent::http
