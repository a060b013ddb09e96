#include <lambent/core/ready_set.hpp>
#include <lambent/core/waiter.hpp>

#include <sim/world.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <vector>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace lambent;

namespace {

struct socket_pair
{
    socket_pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0); }
    ~socket_pair()
    {
        for (int end : ends)
            ::close(end);
    }
    void send(char c) const { REQUIRE(::write(ends[1], &c, 1) == 1); }
    int receive() const
    {
        char c = 0;
        return ::read(ends[0], &c, 1) == 1 ? c : -1;
    }
    std::array<int, 2> ends{};
};

struct probe final : core::ready_sink
{
    void on_ready(std::uint32_t events) noexcept override
    {
        seen |= events;
        ++calls;
        if (act)
            act();
        if (events & EPOLLIN)
            w.wake_here();
    }
    std::uint32_t seen = 0;
    int calls = 0;
    std::function<void()> act;
    core::waiter w;
};

awaitable<int> read_all(const socket_pair& pair, probe& p, int n)
{
    int sum = 0;
    while (n > 0) {
        const int c = pair.receive();
        if (c < 0)
            co_await p.w.wait(await_tuple);
        else {
            sum += c;
            --n;
        }
    }
    co_return sum;
}

awaitable<void> until_called(probe& p, core::shard& shard)
{
    while (p.calls == 0)
        static_cast<void>(co_await shard.time().sleep(std::chrono::microseconds(50)));
}

} // namespace

TEST_CASE("ready set: bytes that come wake the one who waits for them", "[core][ready]")
{
    sim::real_world world;
    auto& set = world.shard().readiness();
    socket_pair pair;
    probe p;
    REQUIRE(set.add(pair.ends[0], p));
    for (char c = 1; c <= 3; ++c)
        pair.send(c);
    CHECK(world.run(read_all(pair, p, 3)) == 6);
    pair.send(5);
    CHECK(world.run(read_all(pair, p, 1)) == 5);
    CHECK((p.seen & EPOLLOUT) != 0);
    set.remove(pair.ends[0], p);
    world.drain(); // an empty set does not hold the loop
}

TEST_CASE("ready set: a sink removed during a turn is not touched after it", "[core][ready]")
{
    sim::real_world world;
    auto& set = world.shard().readiness();
    std::vector<std::unique_ptr<socket_pair>> pairs;
    std::vector<std::unique_ptr<probe>> probes;
    constexpr std::size_t n = 8;
    int called = 0;
    for (std::size_t i = 0; i < n; ++i) {
        pairs.push_back(std::make_unique<socket_pair>());
        probes.push_back(std::make_unique<probe>());
        REQUIRE(set.add(pairs[i]->ends[0], *probes[i]));
        // Whoever is called first takes all others out, and destroys them: ASan sees what is touched later.
        probes[i]->act = [&, i] {
            ++called;
            for (std::size_t k = 0; k < n; ++k) {
                if (k == i || !probes[k])
                    continue;
                set.remove(pairs[k]->ends[0], *probes[k]);
                probes[k].reset();
            }
        };
    }
    CHECK(set.size() == n);
    probe* survivor = nullptr;
    socket_pair other;
    probe witness;
    REQUIRE(set.add(other.ends[0], witness));
    world.run(until_called(witness, world.shard()));
    CHECK(called >= 1);
    CHECK(set.size() == 2);
    for (std::size_t i = 0; i < n; ++i) {
        if (probes[i])
            survivor = probes[i].get();
    }
    REQUIRE(survivor);
    CHECK(survivor->calls >= 1);
    for (std::size_t i = 0; i < n; ++i) {
        if (probes[i])
            set.remove(pairs[i]->ends[0], *probes[i]);
    }
    set.remove(other.ends[0], witness);
    world.drain();
}

TEST_CASE("ready set: emptied and filled again before the loop comes round, it still tells", "[core][ready]")
{
    sim::real_world world;
    auto& set = world.shard().readiness();
    socket_pair pair;
    for (int i = 0; i < 3; ++i) {
        probe p;
        REQUIRE(set.add(pair.ends[0], p));
        set.remove(pair.ends[0], p);
        REQUIRE(set.add(pair.ends[0], p));
        world.run(until_called(p, world.shard()));
        CHECK(p.calls >= 1);
        set.remove(pair.ends[0], p);
    }
    world.drain();
}

TEST_CASE("ready set: more ready descriptors than one round takes are all told", "[core][ready]")
{
    sim::real_world world;
    auto& set = world.shard().readiness();
    std::vector<std::unique_ptr<socket_pair>> pairs;
    std::vector<std::unique_ptr<probe>> probes;
    for (int i = 0; i < 1500; ++i) { // 4 rounds of 256 are 1024
        pairs.push_back(std::make_unique<socket_pair>());
        probes.push_back(std::make_unique<probe>());
        REQUIRE(set.add(pairs.back()->ends[0], *probes.back()));
    }
    for (auto& p : probes)
        world.run(until_called(*p, world.shard()));
    for (std::size_t i = 0; i < probes.size(); ++i) {
        CHECK(probes[i]->calls >= 1);
        set.remove(pairs[i]->ends[0], *probes[i]);
    }
    world.drain();
}

TEST_CASE("ready set: a descriptor that cannot be watched is an error with the system's reason", "[core][ready]")
{
    sim::real_world world;
    probe p;
    const auto added = world.shard().readiness().add(-1, p);
    REQUIRE_FALSE(added);
    CHECK(added.error().code == boost::system::errc::bad_file_descriptor);
    CHECK(world.shard().readiness().size() == 0);
}

TEST_CASE("ready set: may die while the loop waits for it", "[core][ready]")
{
    asio::io_context io(1);
    socket_pair pair;
    probe p;
    {
        core::ready_set set(io.get_executor());
        REQUIRE(set.add(pair.ends[0], p));
        pair.send(1);
        io.poll_one();
    }
    const int calls = p.calls;
    io.restart();
    io.run();
    CHECK(p.calls == calls);
}

namespace {

/// A clock that the sinks move.
class pushed_clock final : public core::timekeeper
{
public:
    core::instant now() const noexcept override { return at; }
    core::wall_time wall() const noexcept override { return {}; }
    void push(core::wake_node&) override {}
    void remove(core::wake_node&) noexcept override {}
    core::instant at{};
};

} // namespace

TEST_CASE("ready_set: a long turn is cut, others get the loop meanwhile, and each sink is told once", "[core][ready_set]")
{
    constexpr std::size_t count = 40;
    asio::io_context io(1);
    const auto clock = std::make_shared<pushed_clock>();
    core::ready_set set(io.get_executor(), clock);
    std::array<socket_pair, count> pairs;
    std::array<probe, count> probes;
    std::size_t told = 0;
    std::size_t told_when_posted_ran = 0;
    for (std::size_t i = 0; i < count; ++i) {
        probes[i].act = [&] {
            if (told++ == 0)
                asio::post(io, [&] { told_when_posted_ran = told; });
            clock->at += std::chrono::microseconds(400);
        };
        REQUIRE(set.add(pairs[i].ends[0], probes[i]));
    }
    // All are writable from the start: one batch.
    while (told < count)
        io.run_one();
    for (const probe& one : probes)
        CHECK(one.calls == 1);
    CHECK(told_when_posted_ran > 0);
    CHECK(told_when_posted_ran < count);
    for (std::size_t i = 0; i < count; ++i)
        set.remove(pairs[i].ends[0], probes[i]);
    CHECK(set.size() == 0);
    io.run();
}

TEST_CASE("ready_set: who is removed while a turn is cut is not told in its rest", "[core][ready_set]")
{
    constexpr std::size_t count = 40;
    asio::io_context io(1);
    const auto clock = std::make_shared<pushed_clock>();
    core::ready_set set(io.get_executor(), clock);
    std::array<socket_pair, count> pairs;
    std::array<probe, count> probes;
    std::size_t told = 0;
    for (std::size_t i = 0; i < count; ++i) {
        probes[i].act = [&] {
            ++told;
            clock->at += std::chrono::milliseconds(2);
        };
        REQUIRE(set.add(pairs[i].ends[0], probes[i]));
    }
    while (told == 0)
        io.run_one();
    REQUIRE(told < count);
    const std::size_t before = told;
    std::vector<std::size_t> gone;
    for (std::size_t i = 0; i < count; ++i) {
        if (probes[i].calls == 0 && gone.size() < 10) {
            set.remove(pairs[i].ends[0], probes[i]);
            gone.push_back(i);
        }
    }
    REQUIRE(before < count);
    while (told < count - gone.size())
        io.run_one();
    for (const std::size_t i : gone)
        CHECK(probes[i].calls == 0);
    for (std::size_t i = 0; i < count; ++i)
        if (std::find(gone.begin(), gone.end(), i) == gone.end())
            set.remove(pairs[i].ends[0], probes[i]);
    io.run();
}

namespace {

struct noted_work final : core::turn_work
{
    void at_turn_end() noexcept override
    {
        ++done;
        if (act)
            act();
    }
    int done = 0;
    std::function<void()> act;
};

} // namespace

TEST_CASE("ready set: what is put off is done once a turn, after dozens of events at the latest, and never outside one", "[core][ready]")
{
    constexpr std::size_t count = 100;
    asio::io_context io(1);
    core::ready_set set(io.get_executor());
    noted_work work;
    CHECK_FALSE(set.put_off(work));
    std::array<socket_pair, count> pairs;
    std::array<probe, count> probes;
    std::size_t told = 0;
    std::size_t longest = 0;
    std::size_t since = 0;
    work.act = [&] { since = 0; };
    for (std::size_t i = 0; i < count; ++i) {
        probes[i].act = [&] {
            ++told;
            longest = std::max(longest, ++since);
            CHECK(set.put_off(work));
            CHECK(set.put_off(work)); // is no second time
        };
        REQUIRE(set.add(pairs[i].ends[0], probes[i]));
    }
    while (told < count)
        io.run_one();
    CHECK(since == 0);
    CHECK(longest > 1);
    CHECK(longest <= 64);
    CHECK(work.done >= 2);
    CHECK_FALSE(set.put_off(work));
    for (std::size_t i = 0; i < count; ++i)
        set.remove(pairs[i].ends[0], probes[i]);
    io.run();
}

TEST_CASE("ready set: work put off may die first, put off itself again, or outlive the set", "[core][ready]")
{
    asio::io_context io(1);
    socket_pair pair;
    noted_work outlives;
    {
        core::ready_set set(io.get_executor());
        auto dies = std::make_unique<noted_work>();
        noted_work again;
        again.act = [&] {
            if (again.done < 3)
                CHECK(set.put_off(again));
        };
        probe p;
        p.act = [&] {
            CHECK(set.put_off(*dies));
            CHECK(set.put_off(again));
            dies.reset();
        };
        REQUIRE(set.add(pair.ends[0], p));
        while (p.calls == 0)
            io.run_one();
        CHECK(again.done == 3);
        p.act = [&] { CHECK(set.put_off(outlives)); };
        pair.send(1);
        while (p.calls == 1)
            io.run_one();
        CHECK(outlives.done == 1);
        set.remove(pair.ends[0], p);
    }
    io.restart();
    io.run();
    CHECK(outlives.done == 1);
}
