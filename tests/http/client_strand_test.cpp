#include <lambent/core/shard_set.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/http/client.hpp>

#include <support/catch.hpp>
#include <support/scripted_server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace lambent;
using namespace lambent::support;
using namespace std::chrono_literals;

namespace {

awaitable<void> caller(core::shard& shard, http::client& client, const http::origin& to, int calls, int& answered)
{
    for (int i = 0; i < calls; ++i) {
        http::request_view request;
        request.method = "POST";
        request.body = "hello";
        auto answer = co_await client.send(to, request, shard.time().in(20s));
        if (answer && answer->body == "world")
            ++answered;
    }
}

awaitable<int> everything(core::shard& shard)
{
    constexpr int callers = 8;
    constexpr int calls = 50;
    int answered = 0;
    scripted_server server(shard, {answering(callers * calls, ok_response("world"))});
    server.start();
    http::client_options options;
    options.connections_max = 4;
    options.idle_min = 2;
    http::client client(shard, options);
    http::origin to;
    to.host = "localhost"; // through the resolver's thread
    to.port = server.port();
    const auto warmed = co_await client.warm_up(to, shard.time().in(20s));
    CHECK(warmed.has_value());
    core::task_group group(shard);
    for (int i = 0; i < callers; ++i)
        group.start(caller(shard, client, to, calls, answered));
    co_await group.join();
    co_await client.close(shard.time().in(1s));
    co_await server.stop();
    co_return answered;
}

} // namespace

TEST_CASE("client: works on a strand of a loop with several threads", "[http][client]")
{
    asio::thread_pool threads(3);
    const auto strand = asio::make_strand(threads);
    auto shard = std::make_unique<core::shard>(strand);
    CHECK(asio::co_spawn(strand, everything(*shard), asio::use_future).get() == 400);
    threads.join();
}

namespace {

/// One shard's part: a server for the shard before, a client of the shard behind.
struct member
{
    explicit member(core::shard& on) : shard(on), server(on, {answering(callers * calls, ok_response("world"), {hold()})}), client(on, {}) {}

    static constexpr int callers = 4;
    static constexpr int calls = 50;
    core::shard& shard;
    scripted_server server;
    http::client client;
    http::origin to;
    int answered = 0;
};

awaitable<void> play(member& m)
{
    m.server.start();
    core::task_group group(m.shard);
    for (int i = 0; i < member::callers; ++i)
        group.start(caller(m.shard, m.client, m.to, member::calls, m.answered));
    co_await group.join();
    co_await m.client.close(m.shard.time().in(1s));
    while (m.server.requests().size() < static_cast<std::size_t>(member::callers * member::calls))
        static_cast<void>(co_await m.shard.time().sleep(1ms));
    co_await m.server.stop();
}

} // namespace

TEST_CASE("client: one per shard, each on a thread of its own, know nothing of each other", "[http][client]")
{
    constexpr std::size_t count = 3;
    core::shard_set shards(count);
    std::vector<std::unique_ptr<member>> members;
    for (std::size_t i = 0; i < count; ++i)
        members.push_back(std::make_unique<member>(shards.at(i)));
    for (std::size_t i = 0; i < count; ++i) {
        members[i]->to.host = "localhost";
        members[i]->to.port = members[(i + 1) % count]->server.port();
    }
    shards.run([&members](std::size_t index) { return play(*members[index]); });
    for (const auto& one : members) {
        CHECK(one->answered == member::callers * member::calls);
        CHECK(one->client.stats().opened == one->client.stats().closed);
    }
}
