#include <lambent/core/task_group.hpp>
#include <lambent/core/waiter.hpp>

#include <sim/world.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <vector>

using namespace lambent;
using namespace std::chrono_literals;

namespace {

awaitable<void> sleep_and_count(core::timekeeper& time, core::duration d, int& ended, int& cancelled)
{
    const auto slept = co_await time.sleep(d);
    ++(slept ? ended : cancelled);
}

awaitable<void> start_and_join(core::shard& shard, int n, int& ended, int& cancelled)
{
    core::task_group group(shard);
    for (int i = 0; i < n; ++i)
        group.start(sleep_and_count(shard.time(), 1s * i, ended, cancelled));
    co_await group.join();
    CHECK(group.running() == 0);
}

awaitable<void> cancel_after(core::shard& shard, int n, core::duration d, int& ended, int& cancelled)
{
    core::task_group group(shard);
    for (int i = 0; i < n; ++i)
        group.start(sleep_and_count(shard.time(), 1s * i, ended, cancelled));
    static_cast<void>(co_await shard.time().sleep(d));
    group.cancel();
    group.start(sleep_and_count(shard.time(), 1s, ended, cancelled));
    co_await group.join();
}

awaitable<void> restart(core::task_group& group, core::timekeeper& time, int depth, int& ended)
{
    static_cast<void>(co_await time.sleep(1s));
    ++ended;
    if (depth > 0)
        group.start(restart(group, time, depth - 1, ended));
}

awaitable<void> nested_starts(core::shard& shard, int& ended)
{
    core::task_group group(shard);
    group.start(restart(group, shard.time(), 9, ended));
    co_await group.join();
}

awaitable<void> wait_twice(core::waiter& w, std::vector<core::error_code>& got)
{
    for (int i = 0; i < 2; ++i) {
        const auto [ec] = co_await w.wait(await_tuple);
        got.push_back(ec);
    }
}

} // namespace

TEST_CASE("task group: join returns when the last task has ended", "[core][tasks]")
{
    sim::world world;
    int ended = 0;
    int cancelled = 0;
    world.run(start_and_join(world.shard(), 5, ended, cancelled));
    CHECK(ended == 5);
    CHECK(cancelled == 0);
    CHECK(world.elapsed() == 4s);
}

TEST_CASE("task group: cancel stops the running tasks and every later one", "[core][tasks]")
{
    sim::world world;
    int ended = 0;
    int cancelled = 0;
    world.run(cancel_after(world.shard(), 10, 2500ms, ended, cancelled));
    CHECK(ended == 3);
    CHECK(cancelled == 8);
    CHECK(world.elapsed() == 2500ms);
}

TEST_CASE("task group: cancelled in its join, at any step, it cancels its tasks and still joins them", "[core][tasks]")
{
    for (std::size_t n = 0;; ++n) {
        sim::world world;
        int ended = 0;
        int cancelled = 0;
        world.cancel_at(n);
        world.run(start_and_join(world.shard(), 4, ended, cancelled));
        CHECK(ended + cancelled == 4);
        if (!world.was_cancelled()) {
            CHECK(ended == 4);
            break;
        }
        REQUIRE(n < 1000);
    }
}

TEST_CASE("task group: joins in an embedder's chain, where awaits throw once cancelled", "[core][tasks]")
{
    sim::world world;
    int ended = 0;
    int cancelled = 0;
    asio::cancellation_signal stop;
    bool done = false;
    asio::co_spawn(world.shard().executor(), start_and_join(world.shard(), 4, ended, cancelled),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { done = true; }));
    world.settle();
    stop.emit(asio::cancellation_type::terminal);
    world.settle();
    CHECK(done);
    CHECK(ended == 1);
    CHECK(cancelled == 3);
}

TEST_CASE("task group: tasks may start tasks, and all are joined", "[core][tasks]")
{
    sim::world world;
    int ended = 0;
    world.run(nested_starts(world.shard(), ended));
    CHECK(ended == 10);
    CHECK(world.elapsed() == 10s);
}

namespace {

awaitable<void> cancel_one(core::task_group& group, core::task_group::task& which, core::shard& shard)
{
    static_cast<void>(co_await shard.time().sleep(1s));
    group.cancel(which);
    group.cancel(which);
    co_await group.join();
}

} // namespace

TEST_CASE("task group: one task is cancelled alone, begun or not", "[core][tasks]")
{
    for (const bool begun : {true, false}) {
        sim::world world;
        int ended = 0;
        int cancelled = 0;
        core::task_group group(world.shard());
        group.start(sleep_and_count(world.time(), 10s, ended, cancelled));
        auto& which = group.start(sleep_and_count(world.time(), 20s, ended, cancelled));
        if (begun)
            world.run(cancel_one(group, which, world.shard()));
        else
            group.cancel(which);
        world.run(group.join());
        CHECK(cancelled == 1);
        CHECK(ended == 1);
        CHECK(world.elapsed() == 10s);
    }
}

TEST_CASE("waiter: a wake resumes later, a wake for nobody is lost, a cancellation is told once", "[core][tasks]")
{
    sim::world world;
    core::waiter w;
    std::vector<core::error_code> got;
    CHECK_FALSE(w.wake());
    {
        core::task_group group(world.shard());
        group.start(wait_twice(w, got));
        world.settle();
        CHECK(w.armed());
        CHECK(w.wake());
        CHECK_FALSE(w.wake());
        CHECK(got.empty());
        world.settle();
        REQUIRE(got.size() == 1);
        CHECK_FALSE(got[0]);
        CHECK(w.armed());
        group.cancel();
        group.cancel();
        world.settle();
        CHECK_FALSE(w.armed());
        CHECK_FALSE(w.wake());
        world.run(group.join());
    }
    REQUIRE(got.size() == 2);
    CHECK(got[1] == core::errc::cancelled);
}

TEST_CASE("waiter: woken here, the coroutine goes on inside the call", "[core][tasks]")
{
    sim::world world;
    core::waiter w;
    std::vector<core::error_code> got;
    core::task_group group(world.shard());
    group.start(wait_twice(w, got));
    world.settle();
    CHECK(w.wake_here());
    CHECK(got.size() == 1);
    CHECK(w.wake_here(core::errc::closed));
    CHECK(got.back() == core::errc::closed);
    world.run(group.join());
}
