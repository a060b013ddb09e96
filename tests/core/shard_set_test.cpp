#include <lambent/core/counter.hpp>
#include <lambent/core/mailbox.hpp>
#include <lambent/core/shard_set.hpp>
#include <lambent/core/task_group.hpp>

#include <sim/world.hpp>

#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <memory>
#include <set>
#include <thread>
#include <vector>

using namespace lambent;
using namespace std::chrono_literals;
using core::errc;

namespace {

using item = std::unique_ptr<std::uint64_t>;
using box = core::mailbox<item>;

awaitable<void> note_thread(std::thread::id& into)
{
    into = std::this_thread::get_id();
    co_return;
}

awaitable<void> wait_for_ever(core::shard& shard, std::atomic<int>& started, std::atomic<int>& cancelled)
{
    ++started;
    const auto slept = co_await shard.time().sleep_until(core::deadline::never());
    if (!slept && slept.error().code == errc::cancelled)
        ++cancelled;
}

awaitable<void> stop_when(core::shard_set& set, std::atomic<int>& started, int all, std::atomic<int>& cancelled)
{
    ++started;
    while (started < all)
        static_cast<void>(co_await set.at(0).time().sleep(100us));
    set.stop();
    const auto slept = co_await set.at(0).time().sleep_until(core::deadline::never());
    if (!slept)
        ++cancelled;
}

awaitable<void> produce(core::shard& shard, box& to, std::uint64_t from, std::uint64_t n, std::atomic<int>& running)
{
    for (std::uint64_t i = from; i < from + n; ++i) {
        item value = std::make_unique<std::uint64_t>(i);
        const auto sent = co_await to.send(shard, value, core::deadline::never());
        if (!sent)
            break;
    }
    if (--running == 0)
        to.close();
}

awaitable<void> consume(core::shard& shard, box& from, std::uint64_t& sum, std::uint64_t& count)
{
    for (;;) {
        auto got = co_await from.receive(shard, core::deadline::never());
        if (!got) {
            if (got.error().code != errc::closed)
                count = 0;
            co_return;
        }
        sum += **got;
        ++count;
    }
}

// Impatient on purpose: deadlines run into wakes from the other thread.
awaitable<void> produce_impatiently(core::shard& shard, box& to, int n, std::uint64_t& sent, std::atomic<int>& running)
{
    for (int i = 0; i < n; ++i) {
        item value = std::make_unique<std::uint64_t>(1);
        const auto done = co_await to.send(shard, value, shard.time().in(std::chrono::microseconds(shard.chance().below(60))));
        if (done)
            ++sent;
    }
    if (--running == 0)
        to.close();
}

awaitable<void> consume_impatiently(core::shard& shard, box& from, std::uint64_t& count)
{
    for (;;) {
        auto got = co_await from.receive(shard, shard.time().in(std::chrono::microseconds(shard.chance().below(60))));
        if (got)
            ++count;
        else if (got.error().code == errc::closed)
            co_return;
    }
}

awaitable<core::result<void>> send_one(core::shard& shard, box& to, item& value, core::duration patience)
{
    co_return co_await to.send(shard, value, shard.time().in(patience));
}

awaitable<core::result<item>> receive_one(core::shard& shard, box& from, core::duration patience)
{
    co_return co_await from.receive(shard, shard.time().in(patience));
}

awaitable<void> in_one_shard(core::shard& shard, box& b, std::uint64_t& sum, std::uint64_t& count)
{
    std::atomic<int> running = 2;
    core::task_group group(shard);
    group.start(produce(shard, b, 1, 20, running));
    group.start(produce(shard, b, 21, 20, running));
    group.start(consume(shard, b, sum, count));
    co_await group.join();
}

} // namespace

TEST_CASE("shard set: each task runs on its own thread, the first on the caller's", "[core][shards]")
{
    core::shard_set set(3);
    std::vector<std::thread::id> ids(3);
    set.run([&](std::size_t i) { return note_thread(ids[i]); });
    CHECK(ids[0] == std::this_thread::get_id());
    CHECK(std::set<std::thread::id>(ids.begin(), ids.end()).size() == 3);
}

TEST_CASE("shard set: stop, from any shard, cancels every task and run returns", "[core][shards]")
{
    core::shard_set set(3);
    std::atomic<int> started = 0;
    std::atomic<int> cancelled = 0;
    set.run([&](std::size_t i) {
        return i == 0 ? stop_when(set, started, 3, cancelled) : wait_for_ever(set.at(i), started, cancelled);
    });
    CHECK(cancelled == 3);
}

TEST_CASE("shard set: stopped before it runs, its tasks find themselves cancelled", "[core][shards]")
{
    core::shard_set set(2);
    std::atomic<int> started = 0;
    std::atomic<int> cancelled = 0;
    set.stop();
    set.run([&](std::size_t i) { return wait_for_ever(set.at(i), started, cancelled); });
    CHECK(cancelled == 2);
}

TEST_CASE("mailbox: what shards send arrives exactly once, through a narrow box", "[core][shards]")
{
    for (std::size_t capacity : {1U, 4U, 1000U}) {
        core::shard_set set(4);
        box b(capacity);
        constexpr std::uint64_t n = 2000;
        std::atomic<int> running = 2;
        std::vector<std::uint64_t> sums(2);
        std::vector<std::uint64_t> counts(2);
        set.run([&](std::size_t i) {
            return i < 2 ? produce(set.at(i), b, i * n, n, running) : consume(set.at(i), b, sums[i - 2], counts[i - 2]);
        });
        CHECK(counts[0] + counts[1] == 2 * n);
        CHECK(sums[0] + sums[1] == (2 * n - 1) * n);
    }
}

TEST_CASE("mailbox: deadlines that run into wakes from other threads lose and double nothing", "[core][shards]")
{
    core::shard_set set(4);
    box b(1);
    std::atomic<int> running = 2;
    std::vector<std::uint64_t> sent(2);
    std::vector<std::uint64_t> received(2);
    set.run([&](std::size_t i) {
        return i < 2 ? produce_impatiently(set.at(i), b, 1500, sent[i], running)
                     : consume_impatiently(set.at(i), b, received[i - 2]);
    });
    CHECK(sent[0] + sent[1] == received[0] + received[1] + b.size());
    CHECK(b.size() == 0);
}

TEST_CASE("mailbox: waits end at their deadline, and when cancelled at any step", "[core][shards]")
{
    {
        sim::world world;
        box b(1);
        CHECK(world.run(receive_one(world.shard(), b, 1s)).error().code == errc::deadline_exceeded);
        item first = std::make_unique<std::uint64_t>(1);
        item second = std::make_unique<std::uint64_t>(2);
        CHECK(world.run(send_one(world.shard(), b, first, 1s)));
        CHECK(b.try_send(second).error().code == errc::limit_exceeded);
        CHECK(world.run(send_one(world.shard(), b, second, 1s)).error().code == errc::deadline_exceeded);
        CHECK(second != nullptr);
        CHECK(world.elapsed() == 2s);
    }
    for (std::size_t n = 0;; ++n) {
        sim::world world;
        box b(1);
        world.cancel_at(n);
        const auto got = world.run(receive_one(world.shard(), b, 1s));
        REQUIRE_FALSE(got);
        if (!world.was_cancelled())
            break;
        if (got.error().code != errc::deadline_exceeded)
            CHECK(got.error().code == errc::cancelled);
        REQUIRE(n < 100);
    }
}

TEST_CASE("mailbox: works within one shard too, and closing tells all", "[core][shards]")
{
    sim::world world;
    box b(2);
    std::uint64_t sum = 0;
    std::uint64_t count = 0;
    world.run(in_one_shard(world.shard(), b, sum, count));
    CHECK(count == 40);
    CHECK(sum == 820);
    item late = std::make_unique<std::uint64_t>(1);
    CHECK(b.try_send(late).error().code == errc::closed);
    CHECK(world.run(send_one(world.shard(), b, late, 1s)).error().code == errc::closed);
}

TEST_CASE("counter: read on another thread while it counts", "[core][shards]")
{
    core::counter c;
    std::thread writer([&] {
        for (int i = 0; i < 100000; ++i)
            c.add();
    });
    std::uint64_t last = 0;
    while (last < 100000) {
        const std::uint64_t now = c.value();
        REQUIRE(now >= last);
        last = now;
    }
    writer.join();
    CHECK(c.value() == 100000);
}
