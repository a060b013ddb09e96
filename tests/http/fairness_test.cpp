#include <lambent/core/task_group.hpp>
#include <lambent/http/client.hpp>

#include <sim/books.hpp>
#include <sim/network.hpp>
#include <sim/world.hpp>
#include <support/catch.hpp>
#include <support/scripted_server.hpp>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

using namespace lambent;
using namespace lambent::support;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t callers = 1000;
constexpr std::size_t connections = 64;

std::ptrdiff_t threads()
{
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
}

struct tally
{
    std::vector<core::duration> waits;
    std::size_t answered = 0;
};

awaitable<void> caller(core::shard& shard, http::client& client, const http::origin& to, std::size_t calls, sim::books* books, tally& out)
{
    for (std::size_t i = 0; i < calls; ++i) {
        std::optional<sim::books::calling> mine;
        if (books != nullptr)
            mine.emplace(*books);
        http::request_view request;
        request.method = "POST";
        request.body = "hello";
        http::exchange_report report;
        const core::deadline until = shard.time().in(60s);
        auto answer = co_await client.send(to, request, until, nullptr, &report);
        out.waits.push_back(report.phases.queue);
        out.answered += answer && answer->body == "world" ? 1 : 0;
    }
}

awaitable<void> crowd(core::shard& shard, http::client& client, const http::origin& to, std::size_t calls, sim::books* books, tally& out)
{
    core::task_group group(shard);
    for (std::size_t i = 0; i < callers; ++i)
        group.start(caller(shard, client, to, calls, books, out));
    co_await group.join();
}

} // namespace

TEST_CASE("fairness: of 1,000 callers on 64 connections nobody waits longer than twice what a queue in order gives", "[http][fairness][sim]")
{
    constexpr std::size_t calls = 10;
    constexpr core::duration service = 10ms;
    sim::world world;
    sim::network network(world.shard(), [](const std::string&) { return ok_response("world"); });
    network.latency = service;
    http::client_options options;
    options.connections_max = connections;
    http::client client(world.shard(), options, network.door());
    http::origin to;
    to.host = "server";
    tally out;
    const auto before = threads();
    {
        sim::books books(world, network, client.stats(), sim::books::options{1, false, true});
        world.run(crowd(world.shard(), client, to, calls, &books, out));
        CHECK(books.checked() > callers * calls);
        CHECK(books.queued_max() == callers - connections);
    }
    CHECK(threads() == before);
    CHECK(out.answered == callers * calls);
    CHECK(client.stats().opened == connections);
    CHECK(client.stats().queued == 0);
    // In order, each round of 64 moves on once per service: who comes last waits for all rounds before him.
    const core::duration in_order = service * static_cast<int>(callers / connections);
    const auto total = std::accumulate(out.waits.begin(), out.waits.end(), core::duration::zero());
    const core::duration mean = total / static_cast<int>(out.waits.size());
    const core::duration longest = *std::max_element(out.waits.begin(), out.waits.end());
    INFO("mean " << mean / 1ms << " ms, longest " << longest / 1ms << " ms, in order " << in_order / 1ms << " ms");
    CHECK(mean <= in_order);
    CHECK(longest <= 2 * mean);
    world.run(client.close(world.time().in(1s)));
}

TEST_CASE("fairness: with services of any length the longest wait is still bounded by the order", "[http][fairness][sim]")
{
    sim::world world;
    sim::network network(world.shard(), [](const std::string&) { return ok_response("world"); });
    network.latency = 1ms;
    network.faults.delay = 0.5;
    network.faults.delay_max = 20ms;
    http::client_options options;
    options.connections_max = connections;
    http::client client(world.shard(), options, network.door());
    http::origin to;
    to.host = "server";
    tally out;
    world.run(crowd(world.shard(), client, to, 10, nullptr, out));
    CHECK(out.answered == callers * 10);
    const auto total = std::accumulate(out.waits.begin(), out.waits.end(), core::duration::zero());
    const core::duration mean = total / static_cast<int>(out.waits.size());
    CHECK(*std::max_element(out.waits.begin(), out.waits.end()) <= 2 * mean);
    world.run(client.close(world.time().in(1s)));
}

namespace {

struct real
{
    explicit real(std::size_t connections_max)
        : server(world.shard(), {answering(100'000, ok_response("world"), {hold()})}), client(world.shard(), options(connections_max))
    {
        server.start();
        to.host = "127.0.0.1";
        to.port = server.port();
    }
    ~real() { world.run(finish()); }
    static http::client_options options(std::size_t connections_max)
    {
        http::client_options out;
        out.connections_max = connections_max;
        return out;
    }
    awaitable<void> finish()
    {
        co_await client.close(world.shard().time().in(1s));
        co_await server.stop();
    }

    sim::real_world world;
    scripted_server server;
    http::client client;
    http::origin to;
};

} // namespace

TEST_CASE("fairness: over sockets 1,000 callers share 64 connections, and no thread is made", "[http][fairness]")
{
    real r(connections);
    tally out;
    const auto before = threads();
    r.world.run(crowd(r.world.shard(), r.client, r.to, 3, nullptr, out));
    CHECK(threads() == before);
    CHECK(out.answered == callers * 3);
    CHECK(r.client.stats().opened == connections);
    CHECK(r.server.connections() == connections);
    CHECK(r.client.stats().queued == 0);
}

TEST_CASE("fairness: 20,000 calls one after another over one socket, without a hang or a leak", "[http][fairness]")
{
    constexpr std::size_t calls = 20'000;
    real r(1);
    tally out;
    r.world.run(caller(r.world.shard(), r.client, r.to, calls, nullptr, out));
    CHECK(out.answered == calls);
    CHECK(r.client.stats().opened == 1);
    CHECK(r.client.stats().reused == calls - 1);
    CHECK(r.client.stats().idle == 1);
}
