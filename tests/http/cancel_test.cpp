#include <lambent/core/task_group.hpp>
#include <lambent/http/certificate.hpp>
#include <lambent/http/client.hpp>
#include <lambent/http/resolver.hpp>
#include <lambent/http/tcp_dialer.hpp>

#include <sim/books.hpp>
#include <sim/network.hpp>
#include <sim/world.hpp>
#include <support/black_hole.hpp>
#include <support/catch.hpp>
#include <support/scripted_server.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace lambent;
using namespace lambent::support;
using namespace std::chrono_literals;

// A call is cancelled wherever it can wait: it ends once, with `cancelled`; its connection is closed as soon as a byte may have left,
// and kept otherwise; the books balance; the next call is served.

namespace {

struct given
{
    int times = 0;
    core::result<http::response> answer;
    http::exchange_report report;
};

awaitable<void> call(http::client& client, const http::origin& to, std::string body, core::deadline until, given& out)
{
    http::request_view request;
    request.method = "POST";
    request.body = body;
    out.answer = co_await client.send(to, request, until, nullptr, &out.report);
    ++out.times;
}

/// A call under way beside the test, to be cancelled.
struct cancellable
{
    cancellable(core::shard& on, http::client& client, const http::origin& to, std::string body) : group(on)
    {
        group.start(call(client, to, std::move(body), core::deadline::never(), out));
    }
    template <class World>
    void cancel(World& world)
    {
        group.cancel();
        world.run(group.join());
    }
    void check(http::progress progress) const
    {
        CHECK(out.times == 1);
        REQUIRE_FALSE(out.answer.has_value());
        CHECK(out.answer.error().code == core::errc::cancelled);
        CHECK(out.report.progress == progress);
    }

    given out;
    core::task_group group;
};

// ---- over the simulated network

struct simulated
{
    explicit simulated(std::vector<script> scripts, http::client_options options = {})
        : network(world.shard(), std::move(scripts)), client(world.shard(), options, network.door()),
          books(std::in_place, world, network, client.stats(), sim::books::options{1, false, false})
    {
        to.host = "server";
    }
    ~simulated()
    {
        world.run(client.close(world.time().in(1s)));
        CHECK(stats().opened == stats().closed);
        CHECK(stats().queued == 0);
        CHECK(network.open_connections() == 0);
        CHECK(network.dialling() == 0);
    }
    const http::client_stats& stats() const { return client.stats(); }
    void pass(core::duration d) { CHECK(world.run(world.time().sleep(d)).has_value()); }
    core::result<http::response> next()
    {
        given out;
        world.run(call(client, to, "next", world.time().in(1s), out));
        return std::move(out.answer);
    }

    sim::world world;
    sim::network network;
    http::client client;
    http::origin to;
    std::optional<sim::books> books;
};

const script right = answering(3, ok_response("right"), {hold()});

} // namespace

TEST_CASE("cancelled in the queue: the one ahead is not disturbed, and the next is served", "[http][cancel][sim]")
{
    http::client_options options;
    options.connections_max = 1;
    simulated s({right}, options);
    cancellable ahead(s.world.shard(), s.client, s.to, "ahead");
    s.pass(1ms);
    cancellable queued(s.world.shard(), s.client, s.to, "queued");
    s.world.settle();
    CHECK(s.stats().queued == 1);
    queued.cancel(s.world);
    queued.check(http::progress::not_sent);
    CHECK(s.stats().queued == 0);
    s.world.run(ahead.group.join());
    CHECK(ahead.out.answer.value().body == "right");
    CHECK(s.next().value().body == "right");
    CHECK(s.network.dialled() == 1);
    CHECK(s.network.served() == 2);
}

TEST_CASE("cancelled while resolving, connecting or shaking hands: the dial ends, nothing stays open", "[http][cancel][sim]")
{
    using phase = http::dial_attempt::phase;
    for (const phase where : {phase::resolving, phase::connecting, phase::handshake}) {
        simulated s({right});
        s.network.faults.dial_hang = 1;
        s.network.hang_in = where;
        cancellable c(s.world.shard(), s.client, s.to, "x");
        s.pass(10ms);
        CHECK(s.network.dialling() == 1);
        c.cancel(s.world);
        c.check(http::progress::not_sent);
        CHECK(s.network.dialling() == 0);
        CHECK(s.stats().opened == 0);
        CHECK(s.stats().connect_failed == 0);
        s.network.faults.dial_hang = 0;
        CHECK(s.next().value().body == "right");
    }
}

TEST_CASE("cancelled while writing, waiting, inside head or body: the connection is closed, the next gets its own answer", "[http][cancel][sim]")
{
    struct row
    {
        std::string name;
        script first;
        std::size_t body;
    };
    const row rows[] = {
        {"write", {read_request(), hold()}, 1'000'000},
        {"wait", {read_request(), hold()}, 1},
        {"head", {read_request(), write("HTTP/1.1 200 OK\r\nA: b"), hold()}, 1},
        {"body", {read_request(), write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"), hold()}, 1},
    };
    for (const row& r : rows) {
        INFO(r.name);
        simulated s({r.first, right});
        s.network.write_max = 1000;
        cancellable c(s.world.shard(), s.client, s.to, std::string(r.body, 'x'));
        s.pass(10ms);
        CHECK(s.stats().busy == 1);
        CHECK((c.out.report.phases.connect > 0ms));
        c.cancel(s.world);
        c.check(http::progress::maybe_sent);
        const http::phase_times& spent = c.out.report.phases;
        CHECK((spent.write > 0ms) == (r.name == "write"));
        CHECK((spent.wait > 0ms) == (r.name != "write"));
        CHECK((spent.read > 0ms) == (r.name == "head" || r.name == "body"));
        CHECK(s.stats().busy == 0);
        CHECK(s.network.open_connections() == 0);
        s.network.write_max = 1'000'000;
        CHECK(s.next().value().body == "right");
        CHECK(s.network.dialled() == 2);
    }
}

// ---- over sockets

namespace {

class silent_resolver final : public http::resolver
{
public:
    explicit silent_resolver(int& asked) : asked_(asked) {}
    void ask(const std::string&, answer told) override
    {
        ++asked_;
        kept_.push_back(std::move(told));
    }
    void close() noexcept override { kept_.clear(); }
    /// Breaks its silence.
    void tell(const asio::ip::address& found)
    {
        for (const answer& told : std::exchange(kept_, {}))
            told({}, {found});
    }

private:
    int& asked_;
    std::vector<answer> kept_;
};

asio::ssl::context server_context(core::wall_time now)
{
    http::certificate_request request;
    request.not_before = now - 1h;
    request.not_after = now + 1h;
    const auto shown = http::make_certificate(http::make_authority("cancel", now - 1h, now + 1h).value(), request).value();
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.use_certificate_chain(asio::buffer(shown.certificate_pem));
    context.use_private_key(asio::buffer(shown.private_key_pem), asio::ssl::context::pem);
    return context;
}

struct real
{
    explicit real(std::vector<script> scripts, bool tls = false, http::client_options options = {})
        : server(world.shard(), std::move(scripts), tls ? std::optional(server_context(world.shard().time().wall())) : std::nullopt),
          resolver(new silent_resolver(asked)),
          client(world.shard(), loose(options),
              std::make_unique<http::tcp_dialer>(world.shard(), loose(options), std::unique_ptr<http::resolver>(resolver)))
    {
        server.start();
        to.tls = tls;
        to.host = "127.0.0.1";
        to.port = server.port();
    }
    ~real()
    {
        world.run(finish());
        CHECK(client.stats().opened == client.stats().closed);
    }
    static http::client_options loose(http::client_options options)
    {
        options.tls.dangerously_skip_certificate_verification = true;
        return options;
    }
    awaitable<void> finish()
    {
        co_await client.close(world.shard().time().in(1s));
        co_await server.stop();
    }
    template <class Condition>
    void until(Condition reached)
    {
        for (int i = 0; i < 10'000 && !reached(); ++i)
            static_cast<void>(world.run(world.shard().time().sleep(1ms)));
        REQUIRE(reached());
    }
    core::result<http::response> next()
    {
        given out;
        world.run(call(client, to, "next", world.shard().time().in(5s), out));
        return std::move(out.answer);
    }

    sim::real_world world;
    int asked = 0;
    scripted_server server;
    silent_resolver* resolver; ///< the client's
    http::client client;
    http::origin to;
};

} // namespace

TEST_CASE("cancelled in the queue, over sockets", "[http][cancel]")
{
    http::client_options options;
    options.connections_max = 1;
    real r({{read_request(), hold()}, right}, false, options);
    cancellable ahead(r.world.shard(), r.client, r.to, "ahead");
    r.until([&] { return r.server.requests().size() == 1; });
    cancellable queued(r.world.shard(), r.client, r.to, "queued");
    r.until([&] { return r.client.stats().queued == 1; });
    queued.cancel(r.world);
    queued.check(http::progress::not_sent);
    CHECK(r.client.stats().queued == 0);
    CHECK(r.client.stats().busy == 1);
    ahead.cancel(r.world);
    ahead.check(http::progress::maybe_sent);
    CHECK(r.next().value().body == "right");
}

TEST_CASE("cancelled while resolving, over sockets", "[http][cancel]")
{
    real r({right});
    http::origin named = r.to;
    named.host = "silent.example";
    cancellable c(r.world.shard(), r.client, named, "x");
    r.until([&] { return r.asked == 1; });
    c.cancel(r.world);
    c.check(http::progress::not_sent);
    CHECK(r.client.stats().opened == 0);
    CHECK(r.next().value().body == "right");
}

TEST_CASE("cancelled between a wake and the resumption that it posted, the call ends all the same", "[http][cancel]")
{
    real r({{read_request(), hold()}});
    http::origin named = r.to;
    named.host = "silent.example";
    cancellable c(r.world.shard(), r.client, named, "x");
    r.until([&] { return r.asked == 1; });
    // The name is found: the dial goes on in a later turn, and is cancelled before it.
    r.resolver->tell(asio::ip::make_address("127.0.0.1"));
    c.cancel(r.world);
    c.check(http::progress::not_sent);
    CHECK(r.server.requests().empty());
}

TEST_CASE("cancelled while connecting, over sockets", "[http][cancel]")
{
    real r({right});
    const black_hole hole(r.world.shard(), "127.0.0.2", r.to.port);
    http::origin nowhere = r.to;
    nowhere.host = "127.0.0.2";
    cancellable c(r.world.shard(), r.client, nowhere, "x");
    static_cast<void>(r.world.run(r.world.shard().time().sleep(1ms)));
    CHECK(c.out.times == 0);
    c.cancel(r.world);
    c.check(http::progress::not_sent);
    CHECK(r.client.stats().opened == 0);
    CHECK(r.next().value().body == "right");
}

TEST_CASE("cancelled while shaking hands, over sockets", "[http][cancel][tls]")
{
    real r({{skip_handshake(), read_some(), hold()}, right}, true);
    cancellable c(r.world.shard(), r.client, r.to, "x");
    r.until([&] { return r.server.requests().size() == 1; }); // the client's first flight
    c.cancel(r.world);
    c.check(http::progress::not_sent);
    CHECK(r.client.stats().opened == 0);
    CHECK(r.next().value().body == "right");
}

TEST_CASE("cancelled while writing, over sockets", "[http][cancel]")
{
    real r({right});
    // Never accepted from: the backlog answers the handshake, nobody reads.
    asio::ip::tcp::acceptor deaf(r.world.shard().executor(), {asio::ip::make_address("127.0.0.1"), 0});
    http::origin to = r.to;
    to.port = deaf.local_endpoint().port();
    cancellable c(r.world.shard(), r.client, to, std::string(64 * 1024 * 1024, 'x'));
    r.until([&] { return r.client.stats().bytes_sent > 0; });
    c.cancel(r.world);
    c.check(http::progress::maybe_sent);
    CHECK(r.client.stats().closed == 1);
    CHECK(r.next().value().body == "right");
}

TEST_CASE("cancelled while waiting, inside head or body, over sockets and TLS", "[http][cancel][tls]")
{
    const std::string texts[] = {"", "HTTP/1.1 200 OK\r\nA: b", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"};
    for (const bool tls : {false, true}) {
        for (const std::string& text : texts) {
            INFO((tls ? "TLS, " : "") << "after " << text.size() << " bytes");
            real r({{read_request(), write(text), hold()}, right}, tls);
            cancellable c(r.world.shard(), r.client, r.to, "x");
            r.until([&] { return r.server.requests().size() == 1 && r.client.stats().bytes_received == text.size(); });
            c.cancel(r.world);
            c.check(http::progress::maybe_sent);
            CHECK(r.client.stats().idle == 0);
            CHECK(r.client.stats().busy == 0);
            CHECK(r.next().value().body == "right");
            CHECK(r.server.connections() == 2);
        }
    }
}
