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
    http::client client(shard, options);
    http::origin to;
    to.host = "localhost"; // through the resolver's thread
    to.port = server.port();
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
