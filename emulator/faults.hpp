#pragma once

#include <lambent/core/entropy.hpp>
#include <lambent/core/time.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace lambent::emulator {

/// What goes wrong with one call, on purpose.
///
/// | fault           | the caller sees                                   | the function ran |
/// |-----------------|---------------------------------------------------|------------------|
/// | throttle        | 429 TooManyRequestsException                      | no               |
/// | service_500     | 500 ServiceException                              | no               |
/// | bad_gateway_502 | 502 with an HTML page and no error type           | no               |
/// | reset_before    | RST before the first byte of an answer            | no               |
/// | reset_after     | RST after the answer's header                     | yes              |
/// | truncate        | half of the answer's body, then the end           | yes              |
/// | slow_body       | the whole answer, its body in ten pieces          | yes              |
/// | hang            | nothing, for as long as it stays                  | yes              |
enum class fault { none, throttle, service_500, bad_gateway_502, reset_before, reset_after, truncate, slow_body, hang };

std::string_view fault_name(fault what) noexcept;

/// Probability of each fault, of all calls; together at most 1.
struct fault_rates
{
    double throttle = 0;
    double service_500 = 0;
    double bad_gateway_502 = 0;
    double reset_before = 0;
    double reset_after = 0;
    double truncate = 0;
    double slow_body = 0;
    double hang = 0;
};

/// Each fault that has a rate, in the order in which one draw is shared out among them.
struct fault_field
{
    fault what;
    double fault_rates::*rate;
};
extern const std::array<fault_field, 8> fault_fields;

/// Nothing where every rate is in [0, 1] and their sum is at most 1; else what is wrong.
std::string_view rates_flaw(const fault_rates& rates) noexcept;

/// How long a function seems to take.
struct latency_shape
{
    enum class distribution { fixed, normal, lognormal };
    distribution kind = distribution::fixed;
    core::duration mean{};    ///< fixed, normal
    core::duration stddev{};  ///< normal; what falls below zero is zero
    core::duration median{};  ///< lognormal
    core::duration p99{};     ///< lognormal; below the median it counts as the median
};

core::duration draw_latency(const latency_shape& shape, core::entropy& chance) noexcept;

/// The fate of one call.
struct call_plan
{
    fault what = fault::none;
    core::duration latency{};
    friend bool operator==(const call_plan&, const call_plan&) = default;
};

/// A pure function of its arguments: the n-th call (from 0) of a function meets the same fate in every run with the same seed,
/// whatever the calls of other functions do.
call_plan plan_call(std::uint64_t seed, std::string_view function, std::uint64_t n, const fault_rates& rates, const latency_shape& latency);

} // namespace lambent::emulator
