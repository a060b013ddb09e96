#include <lambent/core/deadline_watch.hpp>
#include <lambent/core/entropy.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/core/wake_heap.hpp>

#include <sim/world.hpp>

#include <algorithm>
#include <array>
#include <vector>

using namespace lambent;
using namespace std::chrono_literals;
using core::errc;

namespace {

void ignore(void*) noexcept {}

void count(void* self) noexcept { ++*static_cast<int*>(self); }

awaitable<core::result<void>> sleep_for(core::timekeeper& time, core::duration d) { co_return co_await time.sleep(d); }

awaitable<void> note_after(core::timekeeper& time, core::duration d, int which, std::vector<int>& order)
{
    static_cast<void>(co_await time.sleep(d));
    order.push_back(which);
}

awaitable<void> sleepers(core::shard& shard, std::vector<int>& order)
{
    core::task_group group(shard);
    int which = 0;
    for (auto d : {3s, 1s, 2s, 1s, 0s})
        group.start(note_after(shard.time(), d, which++, order));
    co_await group.join();
}

awaitable<bool> watched(core::timekeeper& time, core::duration limit, core::duration work, int& calls)
{
    auto act = [&calls]() noexcept { ++calls; };
    core::deadline_watch watch(time, time.in(limit), act);
    static_cast<void>(co_await time.sleep(work));
    co_return watch.fired();
}

} // namespace

TEST_CASE("wake heap: gives nodes out by time, those of one instant in order of arrival", "[core][time]")
{
    core::entropy chance(sim::seed_of_run());
    for (int round = 0; round < 200; ++round) {
        std::vector<core::wake_node> nodes(chance.below(60));
        core::wake_heap heap;
        std::vector<std::pair<core::instant, std::size_t>> expected;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            nodes[i] = {core::instant(core::duration(chance.below(10))), &ignore, nullptr};
            heap.push(nodes[i]);
            expected.emplace_back(nodes[i].at, i);
        }
        // Taken out at random, twice over: the second time is harmless.
        for (std::size_t i = 0; i < nodes.size() / 3; ++i) {
            const std::size_t gone = chance.below(nodes.size());
            heap.remove(nodes[gone]);
            std::erase_if(expected, [gone](const auto& e) { return e.second == gone; });
        }
        std::sort(expected.begin(), expected.end());
        REQUIRE(heap.size() == expected.size());
        for (const auto& [at, index] : expected)
            REQUIRE(heap.pop_due(core::instant(1s)) == &nodes[index]);
        CHECK(heap.empty());
    }
}

TEST_CASE("wake heap: what is not due stays", "[core][time]")
{
    core::wake_heap heap;
    core::wake_node node{core::instant(5s), &ignore, nullptr};
    heap.push(node);
    CHECK(heap.pop_due(core::instant(5s) - 1ns) == nullptr);
    CHECK(heap.pop_due(core::instant(5s)) == &node);
    CHECK(heap.pop_due(core::instant(9s)) == nullptr);
}

TEST_CASE("timekeeper: a duration becomes a deadline, and saturates", "[core][time]")
{
    sim::world world;
    auto& time = world.time();
    CHECK(time.in(2s).at() == time.now() + 2s);
    CHECK(time.in(core::forever).is_never());
    CHECK(time.in(core::forever - 1ns).is_never());
    CHECK(time.in(-1s).passed(time.now()));
}

TEST_CASE("sleep: ends exactly then; sleepers wake in order of their times", "[core][time]")
{
    sim::world world;
    std::vector<int> order;
    world.run(sleepers(world.shard(), order));
    CHECK(order == std::vector<int>{4, 1, 3, 2, 0});
    CHECK(world.elapsed() == 3s);
}

TEST_CASE("sleep: cancelled at any step it says so and leaves nothing in the heap", "[core][time]")
{
    for (std::size_t n = 0;; ++n) {
        sim::world world;
        world.cancel_at(n);
        const auto slept = world.run(sleep_for(world.time(), 1h));
        CHECK(world.time().waiting() == 0);
        if (!world.was_cancelled()) {
            CHECK(slept);
            break;
        }
        if (!slept) {
            CHECK(slept.error().code == errc::cancelled);
            CHECK(world.elapsed() == 0s);
        }
        REQUIRE(n < 100);
    }
}

TEST_CASE("sleep: a passed deadline returns at once", "[core][time]")
{
    sim::world world;
    CHECK(world.run(sleep_for(world.time(), -5s)));
    CHECK(world.elapsed() == 0s);
}

TEST_CASE("deadline watch: acts once when the deadline passes first, never otherwise", "[core][time]")
{
    sim::world world;
    int calls = 0;
    CHECK(world.run(watched(world.time(), 1s, 2s, calls)));
    CHECK(calls == 1);
    CHECK_FALSE(world.run(watched(world.time(), 2s, 1s, calls)));
    CHECK_FALSE(world.run(watched(world.time(), core::forever, 1s, calls)));
    CHECK(calls == 1);
    CHECK(world.time().waiting() == 0);
    // Passed already: still not from the constructor, but before a later wake.
    CHECK(world.run(watched(world.time(), -1s, 1s, calls)));
    CHECK(calls == 2);
}

TEST_CASE("real timekeeper: the loop ends when nobody waits any more, though a far wake was set", "[core][time]")
{
    sim::real_world world;
    int calls = 0;
    CHECK_FALSE(world.run(watched(world.shard().time(), 1h, 0s, calls)));
    CHECK_FALSE(world.run(watched(world.shard().time(), 1h, 1ms, calls)));
    world.drain(); // would take an hour
    CHECK(calls == 0);
}

TEST_CASE("real timekeeper: an earlier wake overtakes a later one", "[core][time]")
{
    sim::real_world world;
    std::array<int, 3> fired{};
    auto& time = world.shard().time();
    const auto start = time.now();
    core::wake_node late{start + 1h, &count, &fired[0]};
    core::wake_node soon{start + 2ms, &count, &fired[1]};
    core::wake_node passed{start - 1s, &count, &fired[2]};
    time.push(late);
    time.push(soon);
    time.push(passed);
    CHECK(world.run(sleep_for(time, 4ms)));
    CHECK(fired == std::array<int, 3>{0, 1, 1});
    time.remove(late);
    world.drain();
}

TEST_CASE("real timekeeper: may die with wakes set and a handler queued", "[core][time]")
{
    asio::io_context io(1);
    int calls = 0;
    core::wake_node node{core::instant(), &count, &calls};
    {
        const auto time = core::make_timekeeper(io.get_executor());
        node.at = time->now();
        time->push(node);
    }
    io.run();
    CHECK(calls == 0);
}
