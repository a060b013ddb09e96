#include <lambent/core/gate.hpp>
#include <lambent/core/task_group.hpp>

#include <sim/world.hpp>

#include <string>
#include <vector>

using namespace lambent;
using namespace std::chrono_literals;
using core::errc;

namespace {

struct tally
{
    std::size_t inside = 0;
    std::size_t most = 0;
    std::vector<int> order;
    std::vector<core::error_code> refused;
};

awaitable<void> visit(core::gate& gate, core::shard& shard, int who, core::duration patience, core::duration stay, tally& t)
{
    const auto entered = co_await gate.enter(shard.time().in(patience));
    if (!entered) {
        t.refused.push_back(entered.error().code);
        co_return;
    }
    t.order.push_back(who);
    t.most = std::max(t.most, ++t.inside);
    static_cast<void>(co_await shard.time().sleep(stay));
    --t.inside;
    gate.leave();
}

awaitable<void> visits(core::shard& shard, std::size_t permits, int n, core::duration patience, tally& t)
{
    core::gate gate(shard, permits);
    core::task_group group(shard);
    for (int i = 0; i < n; ++i)
        group.start(visit(gate, shard, i, patience, 1s, t));
    co_await group.join();
    // Every permit is back, whatever happened.
    for (std::size_t i = 0; i < permits; ++i)
        CHECK(gate.try_enter());
    CHECK_FALSE(gate.try_enter());
    CHECK(gate.waiting() == 0);
}

awaitable<void> close_with_waiters(core::shard& shard, tally& t)
{
    core::gate gate(shard, 1);
    core::task_group group(shard);
    for (int i = 0; i < 3; ++i)
        group.start(visit(gate, shard, i, core::forever, 1s, t));
    static_cast<void>(co_await shard.time().sleep(500ms));
    CHECK(gate.waiting() == 2);
    gate.close();
    group.start(visit(gate, shard, 9, core::forever, 1s, t));
    co_await group.join();
}

awaitable<void> no_overtaking(core::shard& shard, tally& t)
{
    core::gate gate(shard, 1);
    core::task_group group(shard);
    CHECK(gate.try_enter());
    group.start(visit(gate, shard, 1, core::forever, 1s, t));
    gate.leave(); // handed to the one who waits, who has not run yet
    CHECK_FALSE(gate.try_enter());
    co_await group.join();
}

} // namespace

TEST_CASE("gate: never more inside than permits, first come first served", "[core][gate]")
{
    sim::world world;
    tally t;
    world.run(visits(world.shard(), 3, 10, core::forever, t));
    CHECK(t.most == 3);
    CHECK(t.order == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(world.elapsed() == 4s);
}

TEST_CASE("gate: who waits past the deadline took nothing", "[core][gate]")
{
    sim::world world;
    tally t;
    world.run(visits(world.shard(), 2, 7, 1500ms, t));
    CHECK(t.order.size() == 4);
    CHECK(t.refused == std::vector<core::error_code>(3, errc::deadline_exceeded));
}

TEST_CASE("gate: cancelled at any step, every permit comes back", "[core][gate]")
{
    for (std::size_t n = 0;; ++n) {
        sim::world world;
        tally t;
        world.cancel_at(n);
        world.run(visits(world.shard(), 2, 5, core::forever, t));
        CHECK(t.order.size() + t.refused.size() == 5);
        for (const auto& code : t.refused)
            CHECK(code == errc::cancelled);
        if (!world.was_cancelled())
            break;
        REQUIRE(n < 1000);
    }
}

TEST_CASE("gate: closing fails those who wait and those who come; who is inside stays", "[core][gate]")
{
    sim::world world;
    tally t;
    world.run(close_with_waiters(world.shard(), t));
    CHECK(t.order == std::vector<int>{0});
    CHECK(t.refused == std::vector<core::error_code>(3, errc::shutting_down));
}

TEST_CASE("gate: nobody overtakes one who was given a permit", "[core][gate]")
{
    sim::world world;
    tally t;
    world.run(no_overtaking(world.shard(), t));
    CHECK(t.order == std::vector<int>{1});
}
