// The cost of one deadline: into the wake heap and out again, among as many as are in flight.
#include "allocations.hpp"

#include <lambent/core/wake_heap.hpp>

#include <benchmark/benchmark.h>

#include <vector>

namespace {

using namespace lambent;

void push_and_remove(benchmark::State& state)
{
    std::vector<core::wake_node> nodes(static_cast<std::size_t>(state.range(0)));
    core::wake_heap heap;
    core::instant at{};
    for (auto& node : nodes) {
        node.at = at += std::chrono::microseconds(10);
        heap.push(node);
    }
    std::size_t next = 0;
    const std::uint64_t before = bench::allocations();
    for (auto _ : state) {
        auto& node = nodes[next];
        heap.remove(node);
        node.at = at += std::chrono::microseconds(10);
        heap.push(node);
        next = next + 1 == nodes.size() ? 0 : next + 1;
    }
    state.counters["allocs"] =
        benchmark::Counter(static_cast<double>(bench::allocations() - before), benchmark::Counter::kAvgIterations);
    for (auto& node : nodes)
        heap.remove(node);
}
BENCHMARK(push_and_remove)->Arg(64)->Arg(512)->Arg(5000);

} // namespace
