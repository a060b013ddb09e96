#include <lambent/emulator/faults.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <map>
#include <vector>

using namespace lambent;
using namespace lambent::emulator;
using namespace std::chrono_literals;

namespace {

latency_shape lognormal(core::duration median, core::duration p99)
{
    latency_shape shape;
    shape.kind = latency_shape::distribution::lognormal;
    shape.median = median;
    shape.p99 = p99;
    return shape;
}

std::vector<core::duration> drawn(const latency_shape& shape, std::size_t count)
{
    std::vector<core::duration> all;
    for (std::size_t n = 0; n < count; ++n)
        all.push_back(plan_call(7, "f", n, {}, shape).latency);
    std::sort(all.begin(), all.end());
    return all;
}

} // namespace

TEST_CASE("faults: the n-th call meets the same fate in every run, and other seeds and functions another", "[emulator][faults]")
{
    fault_rates rates;
    rates.throttle = 0.3;
    rates.hang = 0.2;
    const latency_shape shape = lognormal(10ms, 80ms);
    std::size_t differs_by_seed = 0;
    std::size_t differs_by_name = 0;
    for (std::uint64_t n = 0; n < 1000; ++n) {
        const call_plan plan = plan_call(1, "foo", n, rates, shape);
        CHECK(plan == plan_call(1, "foo", n, rates, shape));
        differs_by_seed += plan == plan_call(2, "foo", n, rates, shape) ? 0 : 1;
        differs_by_name += plan == plan_call(1, "bar", n, rates, shape) ? 0 : 1;
    }
    CHECK(differs_by_seed == 1000);
    CHECK(differs_by_name == 1000);
}

TEST_CASE("faults: each fault occurs as often as its rate says", "[emulator][faults]")
{
    fault_rates rates;
    double expected = 0.02;
    std::map<fault, double> wanted;
    for (const auto& field : fault_fields) {
        rates.*field.rate = expected;
        wanted[field.what] = expected;
        expected += 0.01;
    }
    REQUIRE(rates_flaw(rates).empty());
    constexpr int calls = 200'000;
    std::map<fault, int> counted;
    for (int n = 0; n < calls; ++n)
        ++counted[plan_call(42, "f", static_cast<std::uint64_t>(n), rates, {}).what];
    for (const auto& [what, rate] : wanted) {
        INFO(fault_name(what));
        // Five standard deviations of a binomial count; the seed is fixed, so this does not flake.
        CHECK(counted[what] / double(calls) == Approx(rate).margin(0.003));
    }
}

TEST_CASE("faults: a rate of one always strikes, and none never", "[emulator][faults]")
{
    for (const auto& field : fault_fields) {
        fault_rates rates;
        rates.*field.rate = 1;
        for (std::uint64_t n = 0; n < 200; ++n) {
            CHECK(plan_call(n, "f", n, rates, {}).what == field.what);
            CHECK(plan_call(n, "f", n, {}, {}).what == fault::none);
        }
    }
}

TEST_CASE("faults: rates outside [0, 1] or above one together are named as flaws", "[emulator][faults]")
{
    fault_rates rates;
    CHECK(rates_flaw(rates).empty());
    rates.hang = -0.1;
    CHECK_FALSE(rates_flaw(rates).empty());
    rates.hang = 1.1;
    CHECK_FALSE(rates_flaw(rates).empty());
    rates.hang = 0.6;
    rates.throttle = 0.5;
    CHECK_FALSE(rates_flaw(rates).empty());
    rates.throttle = 0.4;
    CHECK(rates_flaw(rates).empty());
}

TEST_CASE("latency: fixed is fixed, normal has its mean and spread, lognormal its median and 99th percentile", "[emulator][faults]")
{
    constexpr std::size_t count = 20'000;
    latency_shape shape;
    shape.mean = 12ms;
    CHECK(drawn(shape, 10).front() == 12ms);
    CHECK(drawn(shape, 10).back() == 12ms);

    shape.kind = latency_shape::distribution::normal;
    shape.stddev = 3ms;
    const auto normal = drawn(shape, count);
    CHECK(double(normal[count / 2].count()) == Approx(12e6).epsilon(0.02));
    CHECK(double(normal[count * 84134 / 100000].count()) == Approx(15e6).epsilon(0.02));
    CHECK(normal.front() >= core::duration::zero());

    const auto skewed = drawn(lognormal(10ms, 80ms), count);
    CHECK(double(skewed[count / 2].count()) == Approx(10e6).epsilon(0.05));
    CHECK(double(skewed[count * 99 / 100].count()) == Approx(80e6).epsilon(0.1));
    CHECK(skewed.front() > core::duration::zero());
}

TEST_CASE("latency: what would be negative is nothing, what would be endless is an hour", "[emulator][faults]")
{
    latency_shape shape;
    shape.kind = latency_shape::distribution::normal;
    shape.mean = 1ms;
    shape.stddev = 10h;
    const auto all = drawn(shape, 1000);
    CHECK(all.front() == core::duration::zero());
    CHECK(all.back() == 1h);
    CHECK(drawn(lognormal(0ms, 0ms), 10).back() == core::duration::zero());
    CHECK(drawn(lognormal(10ms, 5ms), 10).back() == 10ms);
}
