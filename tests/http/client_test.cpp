#include <lambent/http/client.hpp>

#include <sim/world.hpp>
#include <support/catch.hpp>
#include <support/scripted_server.hpp>

#include <string>

using namespace lambent;
using namespace lambent::support;
using namespace std::chrono_literals;

namespace {

/// One server, one client; both stopped at the end, with the pool's books balanced.
struct bench
{
    bench(sim::real_world& world_in, std::vector<script> scripts, http::client_options options = {})
        : world(world_in), server(world_in.shard(), std::move(scripts)), client(world_in.shard(), options)
    {
        server.start();
        to.host = "127.0.0.1";
        to.port = server.port();
    }
    ~bench()
    {
        world.run(finish());
        CHECK(client.stats().idle == 0);
        CHECK(client.stats().busy == 0);
        CHECK(client.stats().opened == client.stats().closed);
    }

    awaitable<void> finish()
    {
        co_await client.close(world.shard().time().in(1s));
        co_await server.stop();
    }

    awaitable<core::result<http::response>> get(std::string target, core::duration within = 5s)
    {
        http::request_view request;
        request.target = target;
        co_return co_await client.send(to, request, world.shard().time().in(within), nullptr, &progress, &partial);
    }
    core::result<http::response> run_get(std::string target = "/", core::duration within = 5s)
    {
        return world.run(get(std::move(target), within));
    }

    sim::real_world& world;
    scripted_server server;
    http::client client;
    http::origin to;
    http::progress progress = http::progress::not_sent;
    http::response partial;
};

} // namespace

TEST_CASE("client: requests follow one another on one connection", "[http][client]")
{
    sim::real_world world;
    bench b(world, {answering(3, ok_response("hello", "X-A: b\r\n"), {hold()})});
    for (int i = 0; i < 3; ++i) {
        const auto answer = b.run_get("/a?b=" + std::to_string(i));
        REQUIRE(answer.has_value());
        CHECK(answer->status == 200);
        CHECK(answer->reason == "OK");
        CHECK(answer->body == "hello");
        CHECK(answer->fields.get("x-a") == "b");
        CHECK(b.client.stats().opened == b.client.stats().closed + b.client.stats().idle + b.client.stats().busy);
    }
    CHECK(b.server.connections() == 1);
    CHECK(b.client.stats().reused == 2);
    CHECK(b.client.stats().idle == 1);
    CHECK(b.server.requests().at(1) == "GET /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(b.to.port) + "\r\n\r\n");
}
