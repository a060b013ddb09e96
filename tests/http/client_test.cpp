#include <lambent/core/task_group.hpp>
#include <lambent/http/client.hpp>

#include <sim/world.hpp>
#include <support/catch.hpp>
#include <support/scripted_server.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>
#include <vector>

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
        co_return co_await client.send(to, request, world.shard().time().in(within), nullptr, &report, &partial);
    }
    awaitable<core::result<http::response>> post(std::string body, core::duration within)
    {
        http::request_view request;
        request.method = "POST";
        request.body = body;
        co_return co_await client.send(to, request, world.shard().time().in(within), nullptr, &report, &partial);
    }
    core::result<http::response> run_get(std::string target = "/", core::duration within = 5s)
    {
        return world.run(get(std::move(target), within));
    }

    sim::real_world& world;
    scripted_server server;
    http::client client;
    http::origin to;
    http::exchange_report report;
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

TEST_CASE("client: what the server does to the first answer is named, and the next answer is untouched", "[http][client]")
{
    struct row
    {
        std::string name;
        script first;
        http::errc code;
        std::string detail; ///< the beginning, or all after the addresses
        int status;         ///< of the partial response
    };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::vector<row> rows = {
        {"closes at once", {shut()}, http::errc::reset_before_response, "EOF", 0},
        {"closes before the answer", {read_request(), shut()}, http::errc::reset_before_response, "EOF", 0},
        {"resets before the answer", {read_request(), reset()}, http::errc::reset_before_response, "connection reset by peer", 0},
        {"closes after the status line", {read_request(), write(ok), shut()}, http::errc::truncated_response, "unexpected EOF", 0},
        {"closes inside the header", {read_request(), write(ok + "Content-"), shut()}, http::errc::truncated_response, "unexpected EOF", 0},
        {"closes one byte early", {read_request(), write(ok + "X: y\r\nContent-Length: 5\r\n\r\nhell"), shut()},
            http::errc::truncated_response, "unexpected EOF", 200},
        {"closes between chunks", {read_request(), write(ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), shut()},
            http::errc::truncated_response, "unexpected EOF", 200},
        {"resets inside the body", {read_request(), write(ok + "Content-Length: 5\r\n\r\nhell"), read_some(), reset()},
            http::errc::body_timeout, "reading the body", 200},
        {"folds a header", {read_request(), write(ok + "A: b\r\n c\r\n\r\n"), hold()}, http::errc::malformed_response, "malformed", 0},
        {"length and chunks", {read_request(), write(ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"), hold()},
            http::errc::malformed_response, "malformed", 0},
        {"speaks SSH", {write("SSH-2.0-OpenSSH_9.2p1 Debian\r\n"), hold()}, http::errc::malformed_response, "malformed", 0},
        {"sends 65 KiB of header", {read_request(), write(ok + "A: " + std::string(65 * 1024, 'x') + "\r\n\r\n"), hold()},
            http::errc::header_too_large, "the response header", 0},
        {"announces too much", {read_request(), write(ok + "Content-Length: 99999999\r\n\r\n"), hold()},
            http::errc::body_too_large, "the Content-Length", 200},
        {"says nothing", {read_request(), hold()}, http::errc::response_timeout, "waiting for the response", 0},
        {"stops inside the header", {read_request(), write(ok + "A:"), hold()}, http::errc::response_timeout, "waiting for the response", 0},
    };
    for (const row& r : rows) {
        INFO(r.name);
        sim::real_world world;
        bench b(world, {r.first, answering(1, ok_response("right"), {hold()})});
        const auto answer = b.run_get("/first", 150ms);
        REQUIRE_FALSE(answer.has_value());
        INFO(answer.error().code.message() << " | " << answer.error().detail);
        const bool timed_out = answer.error().code == core::condition::timed_out;
        if (r.name == "speaks SSH") // may come before the request has left: then it is unsolicited
            CHECK((answer.error().code == r.code || answer.error().code == http::errc::unsolicited_response));
        else {
            CHECK(answer.error().code == r.code);
            CHECK(answer.error().detail.find(r.detail) != std::string::npos);
        }
        CHECK(b.partial.status == r.status);
        CHECK((timed_out || b.report.progress != http::progress::answered));
        CHECK(b.client.stats().idle == 0);
        CHECK(b.client.stats().busy == 0);
        const auto next = b.run_get("/next");
        REQUIRE(next.has_value());
        CHECK(next->body == "right");
        CHECK(b.server.connections() == 2);
    }
}

TEST_CASE("client: a reset is told with both ends of the connection", "[http][client]")
{
    sim::real_world world;
    bench b(world, {{read_request(), reset()}});
    const auto answer = b.run_get();
    REQUIRE_FALSE(answer.has_value());
    const std::string& text = answer.error().detail;
    CHECK(text.starts_with("read tcp 127.0.0.1:"));
    CHECK(text.ends_with("->127.0.0.1:" + std::to_string(b.to.port) + ": read: connection reset by peer"));
    CHECK(b.report.progress == http::progress::maybe_sent);
}

TEST_CASE("client: answers of every framing arrive whole", "[http][client]")
{
    struct row
    {
        std::string answer;
        std::string body;
        bool keeps;
    };
    const std::string big(6 * 1024 * 1024, 'b');
    const std::string log(5500, 'l');
    std::string hundred;
    for (int i = 0; i < 100; ++i)
        hundred += "X-" + std::to_string(i) + ": v\r\n";
    const std::vector<row> rows = {
        {ok_response(""), "", true},
        {ok_response(big), big, true},
        {ok_response("x", "X-Amz-Log-Result: " + log + "\r\n"), "x", true},
        {ok_response("x", hundred), "x", true},
        {ok_response("x", "Empty:\r\n"), "x", true},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + ok_response("final"), "final", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", "hello", true},
        {"HTTP/1.1 204 No Content\r\n\r\n", "", true},
        {ok_response("x", "Connection: close\r\n"), "x", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "x", false},
        {"HTTP/1.0 200 OK\r\n\r\nuntil close", "until close", false},
    };
    for (const row& r : rows) {
        INFO(r.answer.substr(0, 60));
        sim::real_world world;
        bench b(world, {{read_request(), write(r.answer), r.keeps ? hold() : shut()}});
        const auto answer = b.run_get();
        INFO((answer ? "" : answer.error().text()));
        REQUIRE(answer.has_value());
        CHECK((answer->body == r.body)); // not printed: megabytes
        CHECK(b.client.stats().idle == (r.keeps ? 1U : 0U));
    }
}

TEST_CASE("client: an answer that comes before the request was read is the answer, and the connection ends", "[http][client]")
{
    sim::real_world world;
    bench b(world, {{read_some(), write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"), hold()},
                       answering(1, ok_response("right"), {hold()})});
    const auto answer = world.run(b.post(std::string(32 * 1024 * 1024, 'x'), 5s));
    INFO((answer ? "" : answer.error().text()));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 413);
    CHECK(answer->body == "big");
    CHECK(b.client.stats().idle == 0);
    CHECK(b.run_get().value().body == "right");
}

TEST_CASE("client: a peer that does not read is a time-out of the write", "[http][client]")
{
    sim::real_world world;
    bench b(world, {{read_some(), hold()}});
    // hold() goes on reading; a server that is not even accepted from does not. The backlog answers the handshake for it.
    asio::ip::tcp::acceptor deaf(world.shard().executor(), {asio::ip::make_address("127.0.0.1"), 0});
    b.to.port = deaf.local_endpoint().port();
    const auto answer = world.run(b.post(std::string(64 * 1024 * 1024, 'x'), 150ms));
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == http::errc::write_timeout);
    CHECK(answer.error().detail == "writing the request");
    CHECK(b.report.progress == http::progress::maybe_sent);
}

TEST_CASE("client: a large request arrives whole", "[http][client]")
{
    sim::real_world world;
    bench b(world, {answering(1, ok_response("thanks"), {hold()})});
    const std::string body(8 * 1024 * 1024, 'y');
    const auto answer = world.run(b.post(body, 10s));
    REQUIRE(answer.has_value());
    REQUIRE(b.server.requests().size() == 1);
    CHECK(b.server.requests()[0].size() == body.size() + b.server.requests()[0].find("\r\n\r\n") + 4);
    CHECK(b.client.stats().idle == 1);
}

TEST_CASE("client: an idle connection that the server closed, reset or spoke on is not used again", "[http][client]")
{
    const std::vector<std::pair<std::string, step>> deeds = {
        {"FIN", shut()}, {"RST", reset()}, {"unasked answer", write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")}};
    for (const auto& [name, deed] : deeds) {
        INFO(name);
        sim::real_world world;
        bench b(world, {{read_request(), write(ok_response("first")), deed, hold()}, answering(1, ok_response("second"), {hold()})});
        CHECK(b.run_get().value().body == "first");
        while (b.client.stats().idle > 0)
            REQUIRE(world.run(world.shard().time().sleep(1ms)).has_value());
        const auto next = b.run_get();
        REQUIRE(next.has_value());
        CHECK(next->body == "second");
    }
}

TEST_CASE("client: nobody listens, no such host: the texts are those of Go", "[http][client]")
{
    sim::real_world world;
    bench b(world, {{hold()}});
    {
        asio::ip::tcp::acceptor closed(world.shard().executor(), {asio::ip::make_address("127.0.0.1"), 0});
        b.to.port = closed.local_endpoint().port();
    }
    const auto refused = b.run_get();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == http::errc::connect_failed);
    CHECK(refused.error().detail == "dial tcp 127.0.0.1:" + std::to_string(b.to.port) + ": connect: connection refused");
    CHECK(b.report.progress == http::progress::not_sent);
    CHECK(b.client.stats().connect_failed == 1);
    b.to.host = "-"; // refused by the resolver itself, without asking a server
    const auto unknown = b.run_get();
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().code == http::errc::resolve_failed);
    CHECK(unknown.error().detail == "dial tcp: lookup -: no such host");
    CHECK(b.report.progress == http::progress::not_sent);
}

TEST_CASE("client: a name is resolved, and its addresses tried in turn", "[http][client]")
{
    sim::real_world world;
    bench b(world, {answering(1, ok_response("hello"), {hold()})});
    b.to.host = "localhost"; // ::1 too on many machines, where nobody listens
    const auto answer = b.run_get();
    INFO((answer ? "" : answer.error().text()));
    REQUIRE(answer.has_value());
    CHECK(b.server.requests().at(0).find("Host: localhost:") != std::string::npos);
}

namespace {

class signing final : public http::finisher
{
public:
    core::result<void> finish(std::string& head) override
    {
        ++calls;
        seen = head;
        if (refuse)
            return core::error{core::errc::closed, "no key"};
        head += "Authorization: me\r\n";
        return {};
    }
    int calls = 0;
    bool refuse = false;
    std::string seen;
};

awaitable<core::result<http::response>> send_signed(bench& b, signing& last)
{
    const http::headers fields{{"X-A", "1"}};
    http::request_view request;
    request.method = "POST";
    request.target = "/f";
    request.fields = &fields;
    request.body = "{}";
    co_return co_await b.client.send(b.to, request, b.world.shard().time().in(5s), &last, &b.report);
}

} // namespace

TEST_CASE("client: the finisher's headers come last in the head, just before the first byte leaves", "[http][client]")
{
    sim::real_world world;
    bench b(world, {answering(2, ok_response("x"), {hold()})});
    signing last;
    REQUIRE(world.run(send_signed(b, last)).has_value());
    CHECK(last.calls == 1);
    const std::string head = "POST /f HTTP/1.1\r\nHost: " + b.to.authority() + "\r\nX-A: 1\r\nContent-Length: 2\r\n";
    CHECK(last.seen == head);
    CHECK(b.server.requests().at(0) == head + "Authorization: me\r\n\r\n{}");

    last.refuse = true;
    const auto refused = world.run(send_signed(b, last));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().detail == "no key");
    CHECK(b.report.progress == http::progress::not_sent);
    CHECK(b.client.stats().idle == 1); // unharmed
    last.refuse = false;
    REQUIRE(world.run(send_signed(b, last)).has_value());
    CHECK(b.server.connections() == 1);
}

TEST_CASE("client: what could break out of its place is refused before a connection is touched", "[http][client]")
{
    sim::real_world world;
    bench b(world, {{hold()}});
    const auto refused = [&](const std::string& method, const std::string& target, const http::headers& fields) {
        http::request_view request;
        request.method = method;
        request.target = target;
        request.fields = &fields;
        auto answer = world.run(b.client.send(b.to, request, world.shard().time().in(1s)));
        REQUIRE_FALSE(answer.has_value());
        CHECK(answer.error().code == http::errc::invalid_request);
        CHECK(answer.error().detail.starts_with("the request was not sent: "));
    };
    const http::headers none;
    refused("", "/", none);
    refused("GET /", "/", none);
    refused("GET", "", none);
    refused("GET", "x", none);
    refused("GET", "/a b", none);
    refused("GET", "/a\r\nX: y", none);
    refused("GET", std::string("/a\0b", 4), none);
    refused("GET", "/", {{"", "x"}});
    refused("GET", "/", {{"A B", "x"}});
    refused("GET", "/", {{"A:", "x"}});
    refused("GET", "/", {{"A", "x\r\nB: y"}});
    refused("GET", "/", {{"A", "x\ny"}});
    refused("GET", "/", {{"A", std::string("x\0y", 3)}});
    refused("GET", "/", {{"host", "x"}});
    refused("GET", "/", {{"Content-length", "0"}});
    refused("GET", "/", {{"transfer-encoding", "chunked"}});
    CHECK(b.client.stats().opened == 0);
}
