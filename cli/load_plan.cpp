#include <lambent/cli/load_plan.hpp>

#include <cmath>

namespace lambent::cli {
namespace {

double seconds(core::duration d) { return std::chrono::duration<double>(d).count(); }

core::duration from_seconds(double s) { return core::duration(static_cast<core::duration::rep>(s * 1e9)); }

} // namespace

core::duration load_plan::due(std::uint64_t number) const noexcept
{
    // While the rate rises linearly, rate * t^2 / (2 * ramp) requests are due by t; afterwards one each 1/rate.
    const double n = static_cast<double>(number);
    const double rising = rate * seconds(ramp) / 2;
    if (n < rising)
        return from_seconds(std::sqrt(2 * n * seconds(ramp) / rate));
    return from_seconds(seconds(ramp) + (n - rising) / rate);
}

std::uint64_t load_plan::due_before(core::duration end) const noexcept
{
    const double t = seconds(end);
    const double r = seconds(ramp);
    const double n = t < r ? rate * t * t / (2 * r) : rate * r / 2 + (t - r) * rate;
    return n <= 0 ? 0 : static_cast<std::uint64_t>(std::ceil(n - 1e-9));
}

core::duration load_plan::begins(std::size_t caller) const noexcept
{
    return in_flight == 0 ? core::duration(0) : ramp * static_cast<core::duration::rep>(caller) / static_cast<core::duration::rep>(in_flight);
}

std::size_t load_plan::callers_of(std::size_t index) const noexcept
{
    return in_flight / shards + (index < in_flight % shards ? 1 : 0);
}

} // namespace lambent::cli
