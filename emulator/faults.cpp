#include <lambent/emulator/faults.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lambent::emulator {
namespace {

/// Standard normal deviate (Box and Muller 1958); two draws.
double normal_deviate(core::entropy& chance) noexcept
{
    const double u = 1.0 - chance.uniform(); // in (0, 1]: its logarithm is finite
    const double v = chance.uniform();
    return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

/// A latency beyond an hour is cut off: the longest a function may run is a quarter of that.
core::duration from_nanoseconds(double ns) noexcept
{
    constexpr double cut = 3600e9;
    return core::duration(static_cast<core::duration::rep>(std::clamp(ns, 0.0, cut)));
}

double nanoseconds(core::duration d) noexcept { return static_cast<double>(d.count()); }

/// FNV-1a, 64 bits: spreads names over seeds.
std::uint64_t hash(std::string_view text) noexcept
{
    std::uint64_t h = 0xcbf29ce484222325U;
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return h;
}

} // namespace

const std::array<fault_field, 8> fault_fields{{
    {fault::throttle, &fault_rates::throttle},
    {fault::service_500, &fault_rates::service_500},
    {fault::bad_gateway_502, &fault_rates::bad_gateway_502},
    {fault::reset_before, &fault_rates::reset_before},
    {fault::reset_after, &fault_rates::reset_after},
    {fault::truncate, &fault_rates::truncate},
    {fault::slow_body, &fault_rates::slow_body},
    {fault::hang, &fault_rates::hang},
}};

std::string_view fault_name(fault what) noexcept
{
    switch (what) {
    case fault::none: return "none";
    case fault::throttle: return "throttle";
    case fault::service_500: return "service_500";
    case fault::bad_gateway_502: return "bad_gateway_502";
    case fault::reset_before: return "reset_before";
    case fault::reset_after: return "reset_after";
    case fault::truncate: return "truncate";
    case fault::slow_body: return "slow_body";
    case fault::hang: return "hang";
    }
    return "unknown";
}

std::string_view rates_flaw(const fault_rates& rates) noexcept
{
    double sum = 0;
    for (const auto& field : fault_fields) {
        const double rate = rates.*field.rate;
        if (!(rate >= 0 && rate <= 1))
            return "a fault's probability must lie between 0 and 1";
        sum += rate;
    }
    // Ten rates of 0.1 add up to a hair more than 1.
    return sum > 1.0 + 1e-9 ? "the probabilities of all faults together must not exceed 1" : std::string_view();
}

core::duration draw_latency(const latency_shape& shape, core::entropy& chance) noexcept
{
    switch (shape.kind) {
    case latency_shape::distribution::fixed:
        break;
    case latency_shape::distribution::normal:
        return from_nanoseconds(nanoseconds(shape.mean) + nanoseconds(shape.stddev) * normal_deviate(chance));
    case latency_shape::distribution::lognormal: {
        if (shape.median <= core::duration::zero())
            return core::duration::zero();
        constexpr double z99 = 2.3263478740408408; // 99th percentile of the standard normal distribution
        const double sigma = std::max(0.0, std::log(nanoseconds(shape.p99) / nanoseconds(shape.median)) / z99);
        return from_nanoseconds(nanoseconds(shape.median) * std::exp(sigma * normal_deviate(chance)));
    }
    }
    return from_nanoseconds(nanoseconds(shape.mean));
}

call_plan plan_call(std::uint64_t seed, std::string_view function, std::uint64_t n, const fault_rates& rates, const latency_shape& latency)
{
    // One generator per call. The outer one scatters n: neighbouring states of splitmix64 would be shifted copies of one sequence.
    core::entropy scatter(seed ^ hash(function));
    core::entropy chance(scatter.next() ^ core::entropy(n).next());
    call_plan plan;
    double draw = chance.uniform();
    for (const auto& field : fault_fields) {
        const double rate = rates.*field.rate;
        if (draw < rate) {
            plan.what = field.what;
            break;
        }
        draw -= rate;
    }
    plan.latency = draw_latency(latency, chance);
    return plan;
}

} // namespace lambent::emulator
