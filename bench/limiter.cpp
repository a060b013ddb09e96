// The cost of asking the rate limit once.
#include "allocations.hpp"

#include <lambent/core/token_bucket.hpp>

#include <benchmark/benchmark.h>

namespace {

using namespace lambent;

void token_bucket_admits(benchmark::State& state)
{
    core::instant now{};
    core::token_bucket bucket(std::chrono::microseconds(10), 64, now);
    const std::uint64_t before = bench::allocations();
    for (auto _ : state) {
        now += std::chrono::microseconds(10);
        benchmark::DoNotOptimize(bucket.admit(now));
    }
    state.counters["allocs"] = benchmark::Counter(static_cast<double>(bench::allocations() - before), benchmark::Counter::kAvgIterations);
}
BENCHMARK(token_bucket_admits);

void token_bucket_says_how_long(benchmark::State& state)
{
    const core::instant now{};
    core::token_bucket bucket(std::chrono::seconds(1), 1, now);
    benchmark::DoNotOptimize(bucket.admit(now));
    for (auto _ : state)
        benchmark::DoNotOptimize(bucket.admit(now));
}
BENCHMARK(token_bucket_says_how_long);

} // namespace
