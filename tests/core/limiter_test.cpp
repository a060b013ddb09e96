#include <lambent/core/deadline_watch.hpp>
#include <lambent/core/fixed_window.hpp>
#include <lambent/core/limiter.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/core/token_bucket.hpp>

#include <sim/world.hpp>

#include <memory>
#include <vector>

using namespace lambent;
using namespace std::chrono_literals;
using core::errc;
using core::instant;

namespace {

const instant start{1000s};

struct admission
{
    int who;
    core::duration at;
    friend bool operator==(const admission&, const admission&) = default;
};

std::ostream& operator<<(std::ostream& out, const admission& a)
{
    return out << a.who << "@" << std::chrono::duration<double>(a.at).count() << "s";
}

struct tally
{
    std::vector<admission> admitted;
    std::vector<core::error_code> refused;
};

awaitable<void> call(core::limiter& l, sim::world& world, int who, core::duration delay, core::duration patience, tally& t)
{
    static_cast<void>(co_await world.time().sleep(delay));
    const auto in = co_await l.admit(world.time().in(patience));
    if (in)
        t.admitted.push_back({who, world.elapsed()});
    else
        t.refused.push_back(in.error().code);
}

awaitable<void> calls(sim::world& world, int n, std::uint64_t count, core::duration interval, core::duration patience, tally& t)
{
    const auto l = core::make_local_limiter(world.shard(), count, interval);
    core::task_group group(world.shard());
    for (int i = 0; i < n; ++i)
        group.start(call(*l, world, i, 0s, patience, t));
    co_await group.join();
    // Nothing waits: no wake is left behind.
    CHECK(world.time().waiting() == 0);
}

awaitable<void> late_comer(sim::world& world, tally& t)
{
    const auto l = core::make_local_limiter(world.shard(), 1, 1s);
    core::task_group group(world.shard());
    group.start(call(*l, world, 0, 0s, core::forever, t));
    group.start(call(*l, world, 1, 100ms, core::forever, t));
    group.start(call(*l, world, 2, 200ms, core::forever, t));
    // Come exactly when the window ends, one of them before the limiter's own wake: the one who waits goes first.
    bool overtook = false;
    auto knock = [&]() noexcept { overtook = l->try_admit(); };
    core::deadline_watch at_the_end(world.time(), world.time().in(1s), knock);
    group.start(call(*l, world, 3, 1s, core::forever, t));
    static_cast<void>(co_await world.time().sleep(500ms));
    CHECK_FALSE(l->try_admit());
    co_await group.join();
    CHECK(at_the_end.fired());
    CHECK_FALSE(overtook);
}

awaitable<void> gives_up(sim::world& world, tally& t)
{
    const auto l = core::make_local_limiter(world.shard(), 1, 1s);
    core::task_group group(world.shard());
    group.start(call(*l, world, 0, 0s, core::forever, t));
    group.start(call(*l, world, 1, 0s, 300ms, t));
    group.start(call(*l, world, 2, 0s, core::forever, t));
    group.start(call(*l, world, 3, 0s, 1500ms, t));
    co_await group.join();
}

} // namespace

TEST_CASE("fixed window: count at once, then nothing until the window that began with the first ends", "[core][limiter]")
{
    core::fixed_window w(2, 500ms, start);
    CHECK(w.admit(start) == 0s);
    CHECK(w.admit(start + 100ms) == 0s);
    CHECK(w.admit(start + 100ms) == 400ms);
    CHECK(w.admit(start + 499ms) == 1ms);
    CHECK(w.admit(start + 500ms) == 0s);
    CHECK(w.admit(start + 500ms) == 0s);
    CHECK(w.admit(start + 500ms) == 500ms);
}

TEST_CASE("fixed window: refreshed lazily: unused capacity does not add up, an idle time may be followed by two bursts", "[core][limiter]")
{
    core::fixed_window w(2, 1s, start);
    CHECK(w.admit(start + 10s) == 0s);
    CHECK(w.admit(start + 10s) == 0s);
    // The first window is used up only now; it began long ago, so the next one begins at once.
    CHECK(w.admit(start + 10s) == 0s);
    CHECK(w.admit(start + 10s) == 0s);
    CHECK(w.admit(start + 10s) == 1s);
    CHECK(w.admit(start + 10900ms) == 100ms);
}

TEST_CASE("token bucket: the burst at once, then at the even rate", "[core][limiter]")
{
    core::token_bucket b(100ms, 3, start);
    for (int i = 0; i < 3; ++i)
        CHECK(b.admit(start) == 0s);
    CHECK(b.admit(start) == 100ms);
    CHECK(b.admit(start + 99ms) == 1ms);
    CHECK(b.admit(start + 100ms) == 0s);
    CHECK(b.admit(start + 100ms) == 100ms);
    CHECK(b.admit(start + 350ms) == 0s);
    CHECK(b.admit(start + 350ms) == 0s);
    CHECK(b.admit(start + 350ms) == 50ms);
    // Idle for long: the burst is full again, and no fuller.
    for (int i = 0; i < 3; ++i)
        CHECK(b.admit(start + 1h) == 0s);
    CHECK(b.admit(start + 1h) == 100ms);
}

TEST_CASE("token bucket: never more than burst + elapsed/interval, whatever the calls", "[core][limiter]")
{
    core::entropy chance(sim::seed_of_run());
    core::token_bucket b(10ms, 5, start);
    instant now = start;
    std::uint64_t admitted = 0;
    for (int i = 0; i < 20000; ++i) {
        now += std::chrono::microseconds(chance.below(8000));
        if (b.admit(now) == 0s)
            ++admitted;
        REQUIRE(admitted <= 5 + static_cast<std::uint64_t>((now - start) / 10ms));
    }
    CHECK(admitted + 10 >= static_cast<std::uint64_t>((now - start) / 10ms)); // asked at 2.5 times the rate
}

TEST_CASE("local limiter: windows of count, in the order of arrival", "[core][limiter]")
{
    sim::world world;
    tally t;
    world.run(calls(world, 6, 2, 500ms, core::forever, t));
    CHECK(t.admitted == std::vector<admission>{{0, 0s}, {1, 0s}, {2, 500ms}, {3, 500ms}, {4, 1s}, {5, 1s}});
}

TEST_CASE("local limiter: nobody overtakes those who wait", "[core][limiter]")
{
    sim::world world;
    tally t;
    world.run(late_comer(world, t));
    CHECK(t.admitted == std::vector<admission>{{0, 0s}, {1, 1s}, {2, 2s}, {3, 3s}});
}

TEST_CASE("local limiter: who gives up leaves the slot to the next", "[core][limiter]")
{
    sim::world world;
    tally t;
    world.run(gives_up(world, t));
    CHECK(t.admitted == std::vector<admission>{{0, 0s}, {2, 1s}});
    CHECK(t.refused == std::vector<core::error_code>(2, errc::deadline_exceeded));
}

TEST_CASE("local limiter: a thousand who wait cost one wake a window", "[core][limiter]")
{
    sim::world world;
    tally t;
    world.run(calls(world, 1000, 100, 1s, core::forever, t));
    REQUIRE(t.admitted.size() == 1000);
    CHECK(t.admitted.back() == admission{999, 9s});
    CHECK(world.steps() < 6000); // each call a few handlers: no herd that wakes and finds nothing
}

TEST_CASE("local limiter: cancelled at any step, all calls end and no wake stays", "[core][limiter]")
{
    for (std::size_t n = 0;; ++n) {
        sim::world world;
        tally t;
        world.cancel_at(n);
        world.run(calls(world, 5, 2, 1s, core::forever, t));
        CHECK(t.admitted.size() + t.refused.size() == 5);
        for (const auto& code : t.refused)
            CHECK(code == errc::cancelled);
        if (!world.was_cancelled())
            break;
        REQUIRE(n < 1000);
    }
}
