#include <lambent/core/channel.hpp>
#include <lambent/core/task_group.hpp>

#include <sim/world.hpp>

#include <memory>
#include <numeric>
#include <vector>

using namespace lambent;
using namespace std::chrono_literals;
using core::errc;

namespace {

using item = std::unique_ptr<int>; // moves only: a value is in one place
using pipe = core::channel<item>;

struct ledger
{
    std::vector<int> kept;     ///< sends that failed: the value is still here
    std::vector<int> received;
    std::vector<core::error_code> send_errors;
    std::vector<core::error_code> receive_errors;
};

awaitable<void> send_some(pipe& c, core::shard& shard, int from, int n, core::duration patience, ledger& l)
{
    for (int i = from; i < from + n; ++i) {
        item value = std::make_unique<int>(i);
        const auto sent = co_await c.send(value, shard.time().in(patience));
        if (sent) {
            CHECK(value == nullptr);
            continue;
        }
        l.send_errors.push_back(sent.error().code);
        REQUIRE(value);
        l.kept.push_back(*value);
    }
}

awaitable<void> receive_some(pipe& c, core::shard& shard, int n, core::duration pause, core::duration patience, ledger& l)
{
    for (int i = 0; i < n; ++i) {
        auto got = co_await c.receive(shard.time().in(patience));
        if (got)
            l.received.push_back(**got);
        else
            l.receive_errors.push_back(got.error().code);
        static_cast<void>(co_await shard.time().sleep(pause));
    }
}

awaitable<void> exchange(core::shard& shard, std::size_t capacity, core::duration pause, ledger& l, std::size_t& left)
{
    pipe c(shard, capacity);
    core::task_group group(shard);
    group.start(send_some(c, shard, 0, 10, core::forever, l));
    group.start(send_some(c, shard, 100, 10, core::forever, l));
    group.start(receive_some(c, shard, 12, pause, core::forever, l));
    group.start(receive_some(c, shard, 8, pause, core::forever, l));
    co_await group.join();
    while (auto rest = c.try_receive())
        l.received.push_back(**rest);
    left = c.size();
}

awaitable<void> exchange_in_order(core::shard& shard, std::size_t capacity, core::duration pause, ledger& l)
{
    pipe c(shard, capacity);
    core::task_group group(shard);
    group.start(send_some(c, shard, 0, 10, core::forever, l));
    group.start(send_some(c, shard, 100, 10, core::forever, l));
    group.start(receive_some(c, shard, 20, pause, core::forever, l));
    co_await group.join();
}

awaitable<void> send_without_receiver(core::shard& shard, ledger& l)
{
    pipe c(shard, 2);
    co_await send_some(c, shard, 0, 4, 1s, l);
    CHECK(c.size() == 2);
}

awaitable<void> receive_without_sender(core::shard& shard, ledger& l)
{
    pipe c(shard, 2);
    co_await receive_some(c, shard, 1, 0s, 1s, l);
}

awaitable<void> close_full(core::shard& shard, ledger& l)
{
    pipe c(shard, 2);
    core::task_group group(shard);
    group.start(send_some(c, shard, 0, 3, core::forever, l));
    static_cast<void>(co_await shard.time().sleep(1s));
    c.close();
    co_await group.join();
    item late = std::make_unique<int>(9);
    CHECK_FALSE(c.try_send(late));
    co_await receive_some(c, shard, 3, 0s, core::forever, l);
}

awaitable<void> close_empty(core::shard& shard, ledger& l)
{
    pipe c(shard, 2);
    core::task_group group(shard);
    group.start(receive_some(c, shard, 1, 0s, core::forever, l));
    group.start(receive_some(c, shard, 1, 0s, core::forever, l));
    static_cast<void>(co_await shard.time().sleep(1s));
    c.close();
    co_await group.join();
}

} // namespace

TEST_CASE("channel: all that is sent arrives, each sender's in order, at any capacity", "[core][channel]")
{
    for (std::size_t capacity : {0U, 1U, 3U, 100U}) {
        for (auto pause : {0s, 1s}) {
            sim::world world;
            ledger l;
            world.run(exchange_in_order(world.shard(), capacity, pause, l));
            REQUIRE(l.received.size() == 20);
            std::vector<int> low;
            std::vector<int> high;
            for (int v : l.received)
                (v < 100 ? low : high).push_back(v);
            std::vector<int> expected(10);
            std::iota(expected.begin(), expected.end(), 0);
            CHECK(low == expected);
            std::iota(expected.begin(), expected.end(), 100);
            CHECK(high == expected);
            CHECK(l.send_errors.empty());
        }
    }
}

TEST_CASE("channel: cancelled at any step, every value was received or is still with its sender", "[core][channel]")
{
    for (std::size_t capacity : {0U, 2U}) {
        for (std::size_t n = 0;; ++n) {
            sim::world world;
            ledger l;
            std::size_t left = 0;
            world.cancel_at(n);
            world.run(exchange(world.shard(), capacity, 1s, l, left));
            CHECK(left == 0);
            CHECK(l.received.size() + l.kept.size() == 20);
            for (const auto& code : l.send_errors)
                CHECK(code == errc::cancelled);
            if (!world.was_cancelled())
                break;
            REQUIRE(n < 2000);
        }
    }
}

TEST_CASE("channel: a send without room ends at its deadline and keeps its value", "[core][channel]")
{
    sim::world world;
    ledger l;
    world.run(send_without_receiver(world.shard(), l));
    CHECK(l.kept == std::vector<int>{2, 3});
    CHECK(l.send_errors == std::vector<core::error_code>(2, errc::deadline_exceeded));
    CHECK(world.elapsed() == 2s);
}

TEST_CASE("channel: a receive without a value ends at its deadline", "[core][channel]")
{
    sim::world world;
    ledger l;
    world.run(receive_without_sender(world.shard(), l));
    CHECK(l.receive_errors == std::vector<core::error_code>{errc::deadline_exceeded});
    CHECK(world.elapsed() == 1s);
}

TEST_CASE("channel: after close the queued is given out, then the end; waiting senders keep theirs", "[core][channel]")
{
    sim::world world;
    ledger l;
    world.run(close_full(world.shard(), l));
    CHECK(l.kept == std::vector<int>{2});
    CHECK(l.send_errors == std::vector<core::error_code>{errc::closed});
    CHECK(l.received == std::vector<int>{0, 1});
    CHECK(l.receive_errors == std::vector<core::error_code>{errc::closed});
}

TEST_CASE("channel: closing tells all who wait for a value", "[core][channel]")
{
    sim::world world;
    ledger l;
    world.run(close_empty(world.shard(), l));
    CHECK(l.receive_errors == std::vector<core::error_code>(2, errc::closed));
}
