#include <sim/world.hpp>

#include <lambent/core/task_group.hpp>

#include <support/catch.hpp>

#include <vector>

using namespace lambent;
using namespace std::chrono_literals;

namespace {

awaitable<int> sleep_and_return(core::timekeeper& time, core::duration d, int value)
{
    const auto slept = co_await time.sleep(d);
    co_return slept ? value : -1;
}

awaitable<void> never(core::timekeeper& time) { static_cast<void>(co_await time.sleep_until(core::deadline::never())); }

awaitable<void> draw(sim::world& world, std::vector<std::uint64_t>& into)
{
    for (int i = 0; i < 8; ++i) {
        static_cast<void>(co_await world.time().sleep(core::duration(world.chance().below(1000))));
        into.push_back(world.chance().next());
    }
}

} // namespace

TEST_CASE("world: hours pass without waiting, and both clocks move alike", "[sim]")
{
    sim::world world;
    const auto wall = world.time().wall();
    CHECK(world.run(sleep_and_return(world.time(), 10h, 7)) == 7);
    CHECK(world.elapsed() == 10h);
    CHECK(world.time().wall() - wall == 10h);
}

TEST_CASE("world: a task that nothing can wake is an error, not a hang", "[sim]")
{
    sim::world world;
    world.cancel_at(1'000'000);
    CHECK_THROWS(world.run(never(world.time())));
}

TEST_CASE("world: the same seed gives the same run, another seed another", "[sim]")
{
    std::vector<std::uint64_t> first;
    std::vector<std::uint64_t> again;
    std::vector<std::uint64_t> other;
    sim::world a(5);
    a.run(draw(a, first));
    sim::world b(5);
    b.run(draw(b, again));
    sim::world c(6);
    c.run(draw(c, other));
    CHECK(first == again);
    CHECK(first != other);
    CHECK(a.elapsed() == b.elapsed());
}

TEST_CASE("world: cancelling at every step reaches each wait and then the end", "[sim]")
{
    std::size_t cancelled = 0;
    for (std::size_t n = 0;; ++n) {
        sim::world world;
        world.cancel_at(n);
        const int got = world.run(sleep_and_return(world.time(), 1s, 7));
        if (!world.was_cancelled())
            break;
        cancelled += got == -1 ? 1 : 0;
    }
    CHECK(cancelled > 0);
}

TEST_CASE("real world: runs with the real clock, and drains", "[sim]")
{
    sim::real_world world;
    const auto before = world.shard().time().now();
    CHECK(world.run(sleep_and_return(world.shard().time(), 1ms, 3)) == 3);
    CHECK(world.shard().time().now() - before >= 1ms);
    world.drain();
}
