#include <lambent/core/task_group.hpp>
#include <lambent/core/waiter.hpp>
#include <lambent/http/server.hpp>

#include <http/raw_client.hpp>
#include <sim/world.hpp>

#include <boost/asio/post.hpp>

#include <string>
#include <vector>

using namespace lambent;
using namespace std::chrono_literals;
using namespace std::string_literals;
using tests::raw_client;

namespace {

// Answers with what it was asked; some paths do something else.
class echo final : public http::handler
{
public:
    awaitable<http::server_response> handle(http::server_request& request) override
    {
        ++calls;
        http::server_response response;
        response.body = request.method + " " + request.target + " " + request.body;
        if (request.path == "/wait") {
            const auto [ec] = co_await gate.wait(await_tuple);
            if (ec)
                ++cancelled;
        }
        else if (request.path == "/headers")
            response.fields = answer_with;
        else if (request.path == "/status")
            response.status = std::stoi(request.query);
        else if (request.path == "/big")
            response.body = std::string(std::stoul(request.query), 'b');
        else if (request.path == "/close")
            response.close = true;
        else if (request.path == "/who")
            response.body = request.remote_address + (request.tls ? " tls" : " plain");
        else if (request.path == "/fault") {
            response.misbehaviour = static_cast<http::server_response::fault>(std::stoi(request.query));
            response.body = "0123456789";
        }
        else if (request.path == "/slow") {
            response.body = "0123456789abcdefghijklmno";
            response.body_chunk_delay = 1s;
        }
        co_return response;
    }

    core::waiter gate;
    http::headers answer_with;
    int calls = 0;
    int cancelled = 0;
};

// A server and a client on one loop; time moves only when a test moves it.
struct scene
{
    explicit scene(http::server_options options = {})
        : time(new sim::virtual_timekeeper), world(std::unique_ptr<core::timekeeper>(time)),
          server(world.shard(), options, handler)
    {
        const auto started = server.start();
        INFO((started ? "" : started.error().text()));
        REQUIRE(started);
    }

    template <class T>
    T run(awaitable<T> task)
    {
        return world.run(std::move(task));
    }

    ~scene()
    {
        world.run(server.close(core::deadline(time->now())));
        world.drain();
    }

    sim::virtual_timekeeper* time;
    sim::real_world world;
    echo handler;
    http::server server;
};

std::string get(const std::string& target, const std::string& fields = "")
{
    return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

std::string post(const std::string& target, const std::string& body)
{
    return "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string date = "Date: Sun, 30 Aug 2015 12:36:00 GMT\r\n";

std::string ok(const std::string& body, const std::string& last = "")
{
    return "HTTP/1.1 200 OK\r\n" + date + "Content-Length: " + std::to_string(body.size()) + "\r\n" + last + "\r\n" + body;
}

struct reply
{
    std::string bytes;
    boost::system::error_code end;
};

// Sends, reads to the end of the connection.
awaitable<reply> talk(scene& s, std::string wire)
{
    raw_client client(s.world.shard().executor());
    const auto refused = co_await client.connect(s.server.port());
    CHECK_FALSE(refused);
    co_await client.send(wire);
    reply got;
    got.bytes = co_await client.receive_all();
    got.end = client.why;
    co_return got;
}

reply talk_to(scene& s, std::string wire) { return s.run(talk(s, std::move(wire))); }

awaitable<void> yield(core::shard& shard) { co_await asio::post(shard.executor(), await_tuple); }

awaitable<void> keep_reply(scene& s, std::string wire, reply& into, bool& done)
{
    into = co_await talk(s, std::move(wire));
    done = true;
}

// Moves time by a second a turn until the connection ended; how long that took.
awaitable<core::duration> time_until_closed(scene& s, std::string wire, reply& into)
{
    bool done = false;
    core::task_group group(s.world.shard());
    group.start(keep_reply(s, std::move(wire), into, done));
    for (int i = 0; i < 100; ++i) // the bytes arrive while time stands still
        co_await yield(s.world.shard());
    const auto start = s.time->now();
    while (!done) {
        s.time->advance(1s);
        co_await yield(s.world.shard());
        co_await yield(s.world.shard());
    }
    co_await group.join();
    co_return s.time->now() - start;
}

} // namespace

TEST_CASE("server: answers a request, with date and length, and keeps the connection", "[http][server]")
{
    scene s;
    const auto got = talk_to(s, get("/a?b") + post("/p", "hello") + get("/last", "Connection: close\r\n"));
    CHECK(got.bytes == ok("GET /a?b ") + ok("POST /p hello") + ok("GET /last ", "Connection: close\r\n"));
    CHECK(got.end == asio::error::eof);
    CHECK(s.handler.calls == 3);
}

TEST_CASE("server: pipelined requests are answered in order, whatever each takes", "[http][server]")
{
    scene s;
    std::string wire;
    std::string expected;
    for (int i = 0; i < 300; ++i) {
        const std::string target = i % 7 == 0 ? "/big?" + std::to_string(i * 1000) : "/n" + std::to_string(i);
        wire += get(target);
        expected += ok(i % 7 == 0 ? std::string(static_cast<std::size_t>(i) * 1000, 'b') : "GET " + target + " ");
    }
    wire += get("/close");
    const auto got = talk_to(s, wire);
    CHECK(got.bytes == expected + ok("GET /close ", "Connection: close\r\n"));
}

TEST_CASE("server: malformed requests get their status, and the connection ends in good order", "[http][server]")
{
    const std::pair<std::string, int> cases[] = {
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", 400},
        {"GET / HTTP/1.1\nHost: h\n\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n" + std::string(200000, 'x'), 413},
        {"GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(70000, 'a') + "\r\n\r\n", 431},
        {"GET / HTTP/3.0\r\n\r\n", 505},
    };
    scene s;
    for (const auto& [wire, status] : cases) {
        INFO(wire.substr(0, 200));
        reply got;
        const auto waited = s.run(time_until_closed(s, wire, got));
        CHECK(got.bytes.starts_with("HTTP/1.1 " + std::to_string(status) + " "));
        CHECK(got.bytes.find("Connection: close\r\n") != std::string::npos);
        CHECK(got.end == asio::error::eof);
        CHECK(waited <= 3s);
    }
    CHECK(s.handler.calls == 0);
    CHECK(talk_to(s, get("/close")).bytes == ok("GET /close ", "Connection: close\r\n"));
}

TEST_CASE("server: chunked requests, HEAD, statuses without a body, HTTP/1.0", "[http][server]")
{
    scene s;
    CHECK(talk_to(s, "POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;e\r\nde\r\n0\r\nT: v\r\n\r\n").bytes
        == ok("POST /x abcde", "Connection: close\r\n"));
    CHECK(talk_to(s, "HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n" + get("/close")).bytes
        == "HTTP/1.1 200 OK\r\n" + date + "Content-Length: 8\r\n\r\n" + ok("GET /close ", "Connection: close\r\n"));
    CHECK(talk_to(s, get("/status?204") + get("/close")).bytes
        == "HTTP/1.1 204 No Content\r\n" + date + "\r\n" + ok("GET /close ", "Connection: close\r\n"));
    CHECK(talk_to(s, "GET /x HTTP/1.0\r\n\r\n").bytes == ok("GET /x ", "Connection: close\r\n"));
    CHECK(talk_to(s, "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /y HTTP/1.0\r\n\r\n").bytes
        == ok("GET /x ", "Connection: keep-alive\r\n") + ok("GET /y ", "Connection: close\r\n"));
}

TEST_CASE("server: the handler's fields go out; those that would break the header do not", "[http][server]")
{
    scene s;
    s.handler.answer_with = {{"X-A", "1"}, {"x-a", "2"}, {"Date", "mine"}, {"Content-Length", "13"}, {"Connection", "close"}};
    CHECK(talk_to(s, get("/headers") + get("/close")).bytes
        == "HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nDate: mine\r\nContent-Length: 13\r\n\r\nGET /headers " + ok("GET /close ", "Connection: close\r\n"));
    for (const http::header& bad : {http::header{"A", "b\r\nC: d"}, http::header{"A\r\nB", "c"}, http::header{"A b", "c"}, http::header{"", "c"}}) {
        s.handler.answer_with = {bad};
        reply got;
        s.run(time_until_closed(s, get("/headers"), got));
        CHECK(got.bytes.starts_with("HTTP/1.1 500 "));
        CHECK(got.bytes.find("C: d") == std::string::npos);
    }
}

namespace {

awaitable<void> expect_continue(scene& s)
{
    raw_client client(s.world.shard().executor());
    co_await client.connect(s.server.port());
    co_await client.send("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    const std::string interim = co_await client.receive_until("\r\n\r\n");
    CHECK(interim == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(s.handler.calls == 0);
    co_await client.send("hello");
    const std::string expected = ok("POST /x hello");
    std::string got = co_await client.receive(expected.size());
    CHECK(got == expected);
    // Who does not wait is not told.
    co_await client.send("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
    got = co_await client.receive(expected.size());
    CHECK(got == expected);
}

// A reset would take the refusal out of the hands of a client that still sends.
awaitable<void> send_after_refusal(scene& s)
{
    raw_client client(s.world.shard().executor());
    co_await client.connect(s.server.port());
    co_await client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n");
    const std::string refusal = co_await client.receive_all();
    CHECK(refusal.starts_with("HTTP/1.1 413 "));
    CHECK(client.why == asio::error::eof);
    const std::string more(500'000, 'x');
    for (int i = 0; i < 4; ++i) {
        const bool sent = co_await client.send(more);
        CHECK(sent);
        co_await yield(s.world.shard());
    }
}

awaitable<void> byte_by_byte(scene& s, std::string wire, std::string expected)
{
    raw_client client(s.world.shard().executor());
    co_await client.connect(s.server.port());
    client.socket().set_option(asio::ip::tcp::no_delay(true));
    for (const char c : wire) {
        co_await client.send(std::string_view(&c, 1));
        co_await yield(s.world.shard());
    }
    const std::string got = co_await client.receive(expected.size());
    CHECK(got == expected);
}

awaitable<std::string> peer(scene& s, std::string address)
{
    raw_client client(s.world.shard().executor());
    co_await client.connect(s.server.port(), nullptr, "localhost", address);
    co_await client.send(get("/who"));
    std::string head = co_await client.receive_until("\r\n\r\n");
    const auto at = head.find("Content-Length: ") + 16;
    co_return co_await client.receive(std::stoul(head.substr(at)));
}

} // namespace

TEST_CASE("server: 100 Continue for who waits for it", "[http][server]")
{
    scene s;
    s.run(expect_continue(s));
}

TEST_CASE("server: who is refused in the middle of a body may finish sending it", "[http][server]")
{
    scene s;
    s.run(send_after_refusal(s));
}

TEST_CASE("server: a request that comes byte by byte", "[http][server]")
{
    scene s;
    s.run(byte_by_byte(s, post("/p", "hello") + get("/q"), ok("POST /p hello") + ok("GET /q ")));
}

TEST_CASE("server: large bodies both ways", "[http][server]")
{
    scene s;
    const std::string body(5'000'000, 'z');
    const auto got = talk_to(s, post("/p", body) + get("/big?7000000") + get("/close"));
    CHECK((got.bytes == ok("POST /p " + body) + ok(std::string(7'000'000, 'b')) + ok("GET /close ", "Connection: close\r\n")));
}

TEST_CASE("server: tells its handler who asks", "[http][server]")
{
    scene s;
    CHECK(s.run(peer(s, "127.0.0.1")) == "127.0.0.1 plain");
    scene six({.address = "::1"});
    CHECK(six.run(peer(six, "::1")) == "::1 plain");
}

TEST_CASE("server: each fault is exactly that", "[http][server]")
{
    using fault = http::server_response::fault;
    scene s;
    const auto with = [&](fault f) { return talk_to(s, get("/fault?" + std::to_string(static_cast<int>(f)))); };

    auto got = with(fault::close_before_response);
    CHECK(got.bytes.empty());
    CHECK(got.end == asio::error::eof);

    got = with(fault::reset_before_response);
    CHECK(got.bytes.empty());
    CHECK(got.end == asio::error::connection_reset);

    got = with(fault::reset_after_header);
    CHECK(got.bytes == "HTTP/1.1 200 OK\r\n" + date + "Content-Length: 10\r\n\r\n");
    CHECK(got.end == asio::error::connection_reset);

    got = with(fault::truncate_body);
    CHECK(got.bytes == "HTTP/1.1 200 OK\r\n" + date + "Content-Length: 10\r\n\r\n01234");
    CHECK(got.end == asio::error::eof);
}

namespace {

awaitable<void> hang_for_an_hour(scene& s)
{
    raw_client client(s.world.shard().executor());
    co_await client.connect(s.server.port());
    const std::string wire = get("/fault?" + std::to_string(static_cast<int>(http::server_response::fault::hang)));
    co_await client.send(wire);
    while (s.handler.calls == 0)
        co_await yield(s.world.shard());
    for (int i = 0; i < 60; ++i) {
        s.time->advance(1min);
        co_await yield(s.world.shard());
    }
    CHECK(client.socket().available() == 0);
    CHECK(client.socket().is_open());
    boost::system::error_code ec;
    char c = 0;
    client.socket().non_blocking(true);
    client.socket().receive(asio::buffer(&c, 1), asio::ip::tcp::socket::message_peek, ec);
    CHECK(ec == asio::error::would_block); // neither bytes nor an end
}

awaitable<core::duration> read_slow_body(scene& s, std::string& body)
{
    const auto start = s.time->now();
    raw_client client(s.world.shard().executor());
    co_await client.connect(s.server.port());
    co_await client.send(get("/slow"));
    co_await client.receive_until("\r\n\r\n");
    for (int i = 0; i < 10; ++i) {
        // Nothing comes before its time.
        for (int turns = 0; turns < 20; ++turns)
            co_await yield(s.world.shard());
        CHECK(client.socket().available() == 0);
        s.time->advance(1s);
        const std::size_t piece = i % 2 == 0 ? 2 : 3;
        const std::string got = co_await client.receive(piece);
        body += got;
    }
    co_return s.time->now() - start;
}

} // namespace

TEST_CASE("server: a hang gives nothing, for as long as the peer stays", "[http][server]")
{
    scene s;
    s.run(hang_for_an_hour(s));
}

TEST_CASE("server: a slow body leaves in ten pieces with the pause between", "[http][server]")
{
    scene s;
    std::string body;
    CHECK(s.run(read_slow_body(s, body)) == 10s);
    CHECK(body == "0123456789abcdefghijklmno");
}

TEST_CASE("server: who is slow is dropped: silently when idle, with 408 inside a request", "[http][server]")
{
    http::server_options options;
    options.header_timeout = 60s;
    options.idle_timeout = 300s;
    scene s(options);
    reply got;
    auto waited = s.run(time_until_closed(s, "", got));
    CHECK(waited >= 300s);
    CHECK(waited <= 310s);
    CHECK(got.bytes.empty());
    CHECK(got.end == asio::error::eof);

    waited = s.run(time_until_closed(s, "GET / HTTP/1.1\r\nHo", got));
    CHECK(waited >= 60s);
    CHECK(waited <= 70s);
    CHECK(got.bytes.starts_with("HTTP/1.1 408 "));

    waited = s.run(time_until_closed(s, get("/a"), got));
    CHECK(waited >= 300s);
    CHECK(waited <= 310s);
    CHECK(got.bytes.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(got.bytes.ends_with("\r\n\r\nGET /a "));

    waited = s.run(time_until_closed(s, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf", got));
    CHECK(waited >= 300s);
    CHECK(got.bytes.starts_with("HTTP/1.1 408 "));
}

namespace {

awaitable<void> close_gently(scene& s)
{
    auto& shard = s.world.shard();
    raw_client idle(shard.executor());
    raw_client busy(shard.executor());
    co_await idle.connect(s.server.port());
    co_await busy.connect(s.server.port());
    co_await idle.send(get("/a"));
    const std::string expected = ok("GET /a ");
    const std::string first = co_await idle.receive(expected.size());
    CHECK(first == expected);
    co_await busy.send(get("/wait"));
    while (!s.handler.gate.armed())
        co_await yield(shard);

    core::task_group group(shard);
    group.start(s.server.close(s.time->in(1h)));
    // The idle one ends at once, and nobody new is let in.
    const std::string rest = co_await idle.receive_all();
    CHECK(rest.empty());
    CHECK(idle.why == asio::error::eof);
    raw_client late(shard.executor());
    const auto refused = co_await late.connect(s.server.port());
    CHECK(refused == asio::error::connection_refused);
    CHECK(group.running() == 1);
    s.handler.gate.wake();
    const std::string last = co_await busy.receive_all();
    CHECK(last == ok("GET /wait ", "Connection: close\r\n"));
    co_await group.join();
    CHECK(s.handler.cancelled == 0);
}

// The answer was under way, promising more, when the server began to close.
awaitable<void> close_while_answering(scene& s)
{
    auto& shard = s.world.shard();
    raw_client slow(shard.executor());
    co_await slow.connect(s.server.port());
    const std::string wire = get("/big?30000000");
    co_await slow.send(wire);
    const std::string head = co_await slow.receive_until("\r\n\r\n");
    CHECK(head.find("Connection") == std::string::npos);
    core::task_group group(shard);
    group.start(s.server.close(s.time->in(1h)));
    const std::string body = co_await slow.receive_all();
    CHECK(body.size() == 30'000'000);
    CHECK(slow.why == asio::error::eof);
    co_await group.join();
}

awaitable<void> close_hard(scene& s)
{
    auto& shard = s.world.shard();
    raw_client busy(shard.executor());
    co_await busy.connect(s.server.port());
    co_await busy.send(get("/wait"));
    while (!s.handler.gate.armed())
        co_await yield(shard);
    core::task_group group(shard);
    group.start(s.server.close(s.time->in(5s)));
    co_await yield(shard);
    CHECK(group.running() == 1);
    s.time->advance(5s);
    co_await group.join();
    CHECK(s.handler.cancelled == 1);
    const std::string got = co_await busy.receive_all();
    CHECK(got.empty());
}

awaitable<std::size_t> connect_many(scene& s, std::size_t n, std::vector<std::unique_ptr<raw_client>>& clients)
{
    for (std::size_t i = 0; i < n; ++i) {
        clients.push_back(std::make_unique<raw_client>(s.world.shard().executor()));
        co_await clients.back()->connect(s.server.port());
        co_await clients.back()->send(get("/n"));
    }
    for (int i = 0; i < 200; ++i)
        co_await yield(s.world.shard());
    std::size_t answered = 0;
    for (auto& c : clients)
        answered += c->socket().available() > 0 ? 1 : 0;
    co_return answered;
}

} // namespace

TEST_CASE("server: close lets requests in progress end, and nobody else begin", "[http][server]")
{
    scene s;
    s.run(close_gently(s));
    scene other;
    other.run(close_while_answering(other));
}

TEST_CASE("server: after its deadline close cancels handlers and cuts connections", "[http][server]")
{
    scene s;
    s.run(close_hard(s));
}

TEST_CASE("server: beyond connections_max clients wait at the door until one leaves", "[http][server]")
{
    http::server_options options;
    options.connections_max = 3;
    scene s(options);
    std::vector<std::unique_ptr<raw_client>> clients;
    CHECK(s.run(connect_many(s, 5, clients)) == 3);
    clients.erase(clients.begin(), clients.begin() + 2);
    CHECK(s.run(connect_many(s, 0, clients)) == 3);
}

TEST_CASE("server: an address that cannot be used is named with its reason", "[http][server]")
{
    scene first;
    sim::real_world world;
    echo handler;
    http::server taken(world.shard(), {.port = first.server.port()}, handler);
    const auto again = taken.start();
    REQUIRE_FALSE(again);
    CHECK(again.error().code == boost::system::errc::address_in_use);
    CHECK(again.error().detail == "listening on 127.0.0.1:" + std::to_string(first.server.port()) + ": Address already in use");
    http::server nonsense(world.shard(), {.address = "no such"}, handler);
    CHECK_FALSE(nonsense.start());
}
