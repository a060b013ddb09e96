#include <lambent/core/task_group.hpp>
#include <lambent/http/client.hpp>

#include <sim/books.hpp>
#include <sim/network.hpp>
#include <sim/world.hpp>
#include <support/catch.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using namespace lambent;
using namespace std::chrono_literals;

namespace {

std::string ok(const std::string& body, const std::string& fields = "")
{
    return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The target comes back as the body, so that a wrong answer shows.
std::string echo(const std::string& request)
{
    const auto from = request.find(' ') + 1;
    return ok("you asked for " + request.substr(from, request.find(' ', from) - from));
}

/// A world with a network and a client; the pool's books are compared with the network's whenever anything happens.
struct scene
{
    explicit scene(sim::world& world_in, http::client_options options = {}, sim::network::responder answer = echo)
        : world(world_in), network(world.shard(), std::move(answer)), client(std::make_unique<http::client>(world.shard(), options, network.door())),
          books(std::make_unique<sim::books>(world, network, client->stats(), sim::books::options{options.pipeline_depth, spares_in(options), true}))
    {
        to.host = "server";
    }
    ~scene()
    {
        world.run(client->close(world.time().in(1s)));
        CHECK(stats().idle == 0);
        CHECK(stats().busy == 0);
        CHECK(stats().queued == 0);
        CHECK(stats().opened == stats().closed);
        CHECK(network.open_connections() == 0);
        CHECK(books->checked() > 0);
        books.reset();
        client.reset();
    }

    const http::client_stats& stats() const { return client->stats(); }
    static bool spares_in(const http::client_options& options) { return options.idle_min > 0; }

    awaitable<core::result<http::response>> get(std::string target, core::duration within)
    {
        const sim::books::calling mine(*books);
        http::request_view request;
        request.target = target;
        co_return co_await client->send(to, request, world.time().in(within), nullptr, &report);
    }
    core::result<http::response> run_get(std::string target = "/", core::duration within = 1s)
    {
        return world.run(get(std::move(target), within));
    }

    sim::world& world;
    sim::network network;
    std::unique_ptr<http::client> client;
    std::unique_ptr<sim::books> books;
    http::origin to;
    http::exchange_report report;
};

core::duration sum(const http::phase_times& t)
{
    return t.queue + t.resolve + t.connect + t.handshake + t.write + t.wait + t.read;
}

struct tally
{
    std::size_t answered = 0;
    std::size_t failed = 0;
    std::size_t timed_out = 0;
};

awaitable<void> caller(scene& s, int id, int calls, core::duration within, tally& out)
{
    for (int i = 0; i < calls; ++i) {
        const std::string target = "/" + std::to_string(id) + "/" + std::to_string(i);
        http::request_view request;
        request.target = target;
        http::exchange_report report;
        const auto began = s.world.time().now();
        std::optional<sim::books::calling> mine(std::in_place, *s.books);
        auto answer = co_await s.client->send(s.to, request, s.world.time().in(within), nullptr, &report);
        mine.reset();
        CHECK(s.world.time().now() - began <= within);
        CHECK(sum(report.phases) == s.world.time().now() - began);
        if (answer) {
            ++out.answered;
            CHECK(answer->body == "you asked for " + target);
        } else {
            ++out.failed;
            CHECK_FALSE(answer.error().text().empty());
            CHECK(report.progress != http::progress::answered);
            if (answer.error().code == core::condition::timed_out) {
                ++out.timed_out;
                CHECK(s.world.time().now() - began == within);
            }
        }
        static_cast<void>(co_await s.world.shard().time().sleep(core::duration(static_cast<core::duration::rep>(s.world.chance().below(3'000'000)))));
    }
}

awaitable<void> callers(scene& s, int count, int calls, core::duration within, tally& out)
{
    core::task_group group(s.world.shard());
    for (int id = 0; id < count; ++id)
        group.start(caller(s, id, calls, within, out));
    co_await group.join();
}

} // namespace

TEST_CASE("client: in a sound network every caller gets its own answer", "[http][client][sim]")
{
    for (const std::size_t depth : {1, 4}) {
        sim::world world;
        http::client_options options;
        options.connections_max = 4;
        options.pipeline_depth = depth;
        tally out;
        {
            scene s(world, options);
            world.run(callers(s, 20, 20, 1s, out));
            CHECK(s.network.dialled() == 4);
            CHECK(s.stats().requests == 400);
        }
        CHECK(out.answered == 400);
    }
}

TEST_CASE("client: whatever the network does, no answer is another's, no connection leaks, no deadline is overrun", "[http][client][sim]")
{
    tally all;
    for (std::uint64_t seed = sim::seed_of_run(); seed < sim::seed_of_run() + 60; ++seed) {
        sim::world world(seed);
        http::client_options options;
        options.connections_max = 1 + world.chance().below(6);
        options.pipeline_depth = seed % 3 == 0 ? 1 + world.chance().below(4) : 1;
        options.queue_max = 6;
        options.idle_max = 20ms;
        options.age_max = 300ms;
        options.idle_min = seed % 4;
        scene s(world, options);
        auto& f = s.network.faults;
        f.refuse = 0.1;
        f.dial_hang = 0.05;
        f.reset = 0.05;
        f.truncate = 0.05;
        f.garbage = 0.05;
        f.hang = 0.05;
        f.close_idle = 0.1;
        f.split = 0.4;
        f.delay = 0.2;
        tally out;
        world.run(callers(s, 12, 15, 60ms, out));
        CHECK(out.answered + out.failed == 12 * 15);
        all.answered += out.answered;
        all.failed += out.failed;
        all.timed_out += out.timed_out;
    }
    // All three happen, else the above says little.
    CHECK(all.answered > 1000);
    CHECK(all.failed - all.timed_out > 500);
    CHECK(all.timed_out > 200);
}

TEST_CASE("client: each fault alone is an error of its own or nothing", "[http][client][sim]")
{
    struct row
    {
        double sim::faults::*fault;
        std::vector<core::error_code> errors;
    };
    const row rows[] = {
        {&sim::faults::refuse, {http::errc::connect_failed}},
        {&sim::faults::dial_hang, {http::errc::connect_timeout, http::errc::queue_timeout}},
        {&sim::faults::reset, {http::errc::reset_before_response, http::errc::truncated_response}},
        {&sim::faults::truncate, {http::errc::reset_before_response, http::errc::truncated_response}},
        {&sim::faults::garbage, {http::errc::malformed_response}},
        {&sim::faults::hang, {http::errc::response_timeout, http::errc::queue_timeout}},
        {&sim::faults::split, {}},
        {&sim::faults::delay, {}},
    };
    for (const row& r : rows) {
        INFO("row " << &r - rows);
        sim::world world;
        http::client_options options;
        options.connections_max = 2;
        options.idle_max = 0s; // each request dials
        scene s(world, options);
        s.network.faults.*r.fault = 0.5;
        int failures = 0;
        for (int i = 0; i < 100; ++i) {
            const auto answer = s.run_get("/" + std::to_string(i), 5s);
            if (answer) {
                CHECK(answer->body == "you asked for /" + std::to_string(i));
                continue;
            }
            ++failures;
            INFO(answer.error().code.message());
            CHECK(std::find(r.errors.begin(), r.errors.end(), answer.error().code) != r.errors.end());
        }
        CHECK((failures > 10) == !r.errors.empty());
    }
}

TEST_CASE("client: the deadline reaches every wait and names its phase", "[http][client][sim]")
{
    const auto check = [](scene& s, http::errc code, const std::string& phase, http::progress progress, core::duration http::phase_times::* spent) {
        const auto began = s.world.elapsed();
        const auto answer = s.run_get("/", 100ms);
        REQUIRE_FALSE(answer.has_value());
        CHECK(answer.error().code == code);
        CHECK(answer.error().code == core::condition::timed_out);
        CHECK(answer.error().detail == phase);
        CHECK(s.report.progress == progress);
        CHECK(s.world.elapsed() - began == 100ms);
        CHECK(sum(s.report.phases) == 100ms);
        CHECK(s.report.phases.*spent >= 98ms); // the others took a millisecond each at most
        CHECK(s.stats().busy == 0);
    };
    SECTION("dial")
    {
        using phase = http::dial_attempt::phase;
        using times = http::phase_times;
        const std::tuple<phase, http::errc, std::string, core::duration times::*> rows[] = {
            {phase::resolving, http::errc::resolve_timeout, "resolving server", &times::resolve},
            {phase::connecting, http::errc::connect_timeout, "connecting to server", &times::connect},
            {phase::handshake, http::errc::tls_handshake_timeout, "TLS handshake", &times::handshake},
        };
        for (const auto& [where, code, text, spent] : rows) {
            sim::world world;
            scene s(world);
            s.network.faults.dial_hang = 1;
            s.network.hang_in = where;
            check(s, code, text, http::progress::not_sent, spent);
        }
    }
    SECTION("write")
    {
        sim::world world;
        scene s(world);
        s.network.faults.delay_max = 1h;
        REQUIRE(s.run_get().has_value());
        s.network.faults.delay = 1;
        check(s, http::errc::write_timeout, "writing the request", http::progress::maybe_sent, &http::phase_times::write);
    }
    SECTION("response")
    {
        sim::world world;
        scene s(world);
        s.network.faults.hang = 1;
        check(s, http::errc::response_timeout, "waiting for the response", http::progress::maybe_sent, &http::phase_times::wait);
    }
    SECTION("head")
    {
        sim::world world;
        scene s(world, {}, [](const std::string&) { return "HTTP/1.1 200 OK\r\nA: b\r\n"; });
        check(s, http::errc::response_timeout, "waiting for the response", http::progress::maybe_sent, &http::phase_times::read);
    }
    SECTION("body")
    {
        sim::world world;
        scene s(world, {}, [](const std::string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"; });
        check(s, http::errc::body_timeout, "reading the body", http::progress::maybe_sent, &http::phase_times::read);
    }
    SECTION("passed already")
    {
        sim::world world;
        scene s(world);
        const auto answer = s.run_get("/", -1ms);
        CHECK(answer.error().code == http::errc::queue_timeout);
        CHECK(s.network.dialled() == 0);
    }
}

namespace {

awaitable<void> hold_and_queue(scene& s, core::result<http::response>& held, core::result<http::response>& queued)
{
    core::task_group group(s.world.shard());
    struct local
    {
        static awaitable<void> one(scene& in, std::string target, core::duration within, core::result<http::response>& out)
        {
            out = co_await in.get(std::move(target), within);
        }
    };
    group.start(local::one(s, "/hold", 500ms, held));
    group.start(local::one(s, "/queued", 100ms, queued));
    co_await group.join();
}

} // namespace

TEST_CASE("client: the deadline reaches the queue, and the one ahead is not disturbed", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.connections_max = 1;
    scene s(world, options);
    s.network.latency = 200ms;
    core::result<http::response> held;
    core::result<http::response> queued;
    world.run(hold_and_queue(s, held, queued));
    REQUIRE(held.has_value());
    REQUIRE_FALSE(queued.has_value());
    CHECK(queued.error().code == http::errc::queue_timeout);
    CHECK(queued.error().detail == "waiting for a connection");
    CHECK(s.network.served() == 1);
}

TEST_CASE("client: beyond queue_max a call is refused at once, and says so", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.connections_max = 1;
    options.queue_max = 0;
    scene s(world, options);
    s.network.latency = 200ms;
    core::result<http::response> held;
    core::result<http::response> refused;
    world.run(hold_and_queue(s, held, refused));
    CHECK(held.has_value());
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == http::errc::queue_full);
    CHECK(refused.error().detail == "0 requests wait for a connection to server already (queue_max)");
    CHECK(s.stats().queue_refused == 1);
}

TEST_CASE("client: cancelled at any step, a call ends, its connection is closed, the next one is served", "[http][client][sim]")
{
    for (const double split : {0.0, 0.7}) {
        std::size_t cancelled = 0;
        for (std::size_t step = 0;; ++step) {
            sim::world world;
            INFO("cancelled at step " << step);
            scene s(world);
            s.network.faults.split = split;
            s.network.faults.delay = split;
            world.cancel_at(step);
            const auto answer = s.run_get("/first", 10s);
            const bool was_cancelled = world.was_cancelled();
            if (!answer) {
                ++cancelled;
                CHECK(answer.error().code == core::errc::cancelled);
                CHECK(s.stats().busy == 0);
                CHECK((s.stats().idle == 0 || s.report.progress == http::progress::not_sent));
            }
            const auto next = s.run_get("/next", 10s);
            REQUIRE(next.has_value());
            CHECK(next->body == "you asked for /next");
            if (!was_cancelled)
                break;
        }
        CHECK(cancelled >= 3); // before it began, in the dial, in the exchange
    }
}

TEST_CASE("client: cancelled at any step among others, no neighbour is harmed", "[http][client][sim]")
{
    for (const std::size_t depth : {1, 3}) {
        for (std::size_t step = 0;; step += 3) {
            sim::world world;
            INFO("cancelled at step " << step << ", depth " << depth);
            http::client_options options;
            options.connections_max = 2;
            options.pipeline_depth = depth;
            scene s(world, options);
            tally out;
            core::task_group others(world.shard());
            others.start(callers(s, 3, 4, 1s, out));
            world.cancel_at(step);
            std::optional<core::result<http::response>> answer;
            try {
                answer.emplace(s.run_get("/cancelled", 1s));
            } catch (const boost::system::system_error& e) {
                CHECK(e.code() == asio::error::operation_aborted); // Asio's own, between the spawn and the first line
            }
            const bool was_cancelled = world.was_cancelled();
            world.run(others.join());
            if (answer && !*answer) {
                CHECK(answer->error().code == core::errc::cancelled);
            }
            CHECK(out.answered == 12);
            if (!was_cancelled)
                break;
        }
    }
}

TEST_CASE("client: an idle connection is closed after idle_max, not reused", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.idle_max = 10s;
    scene s(world, options);
    REQUIRE(s.run_get().has_value());
    world.time().advance(9s);
    REQUIRE(s.run_get().has_value());
    CHECK(s.stats().opened == 1);
    world.time().advance(10s);
    REQUIRE(s.run_get().has_value());
    CHECK(s.stats().opened == 2);
    CHECK(s.stats().closed == 1);
}

TEST_CASE("client: a connection is closed at its age, 80 to 100 % of age_max, however busy", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.age_max = 100s;
    scene s(world, options);
    core::duration closed_at{};
    while (s.stats().opened < 2) {
        REQUIRE(s.run_get().has_value());
        closed_at = world.elapsed();
        world.time().advance(1s);
        REQUIRE(world.elapsed() < 200s);
    }
    CHECK(closed_at >= 80s);
    CHECK(closed_at <= 102s);
}

namespace {

awaitable<void> pause(sim::world& world, core::duration d)
{
    const auto slept = co_await world.shard().time().sleep(d);
    CHECK(slept.has_value());
}

awaitable<void> get_into(scene& s, std::string target, core::duration within, std::optional<core::result<http::response>>& out)
{
    out.emplace(co_await s.get(std::move(target), within));
}

/// A call that runs beside the test.
struct running
{
    running(scene& s, std::string target, core::duration within) : scene_(s), group(s.world.shard())
    {
        group.start(get_into(s, std::move(target), within, answer));
        s.world.settle();
    }
    ~running() { join(); }
    void join() { scene_.world.run(group.join()); }

    scene& scene_;
    core::task_group group;
    std::optional<core::result<http::response>> answer;
};

} // namespace

TEST_CASE("client: a connection that the server closed while idle is not used again", "[http][client][sim]")
{
    sim::world world;
    scene s(world);
    REQUIRE(s.run_get().has_value());
    s.network.close_all();
    world.run(pause(world, 10ms));
    CHECK(s.stats().idle == 0);
    CHECK(s.stats().closed == 1);
    REQUIRE(s.run_get().has_value());
    CHECK(s.stats().opened == 2);
    CHECK(s.stats().stale_retried == 0);
}

TEST_CASE("client: a request that crosses with the server's close may have been sent, and is not repeated", "[http][client][sim]")
{
    sim::world world;
    scene s(world);
    REQUIRE(s.run_get().has_value());
    s.network.close_all();
    const auto answer = s.run_get();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == http::errc::reset_before_response);
    CHECK(s.report.progress == http::progress::maybe_sent);
    CHECK(s.network.served() == 1);
}

namespace {

class counting final : public http::finisher
{
public:
    core::result<void> finish(std::string& head) override
    {
        head += "X-Signed: " + std::to_string(++calls) + "\r\n";
        return {};
    }
    int calls = 0;
};

awaitable<core::result<http::response>> get_signed(scene& s, counting& last)
{
    http::request_view request;
    const sim::books::calling mine(*s.books);
    request.target = "/signed";
    co_return co_await s.client->send(s.to, request, s.world.time().in(1s), &last, &s.report);
}

} // namespace

TEST_CASE("client: a reused connection that breaks before a byte has left is forgiven at once, once, unsigned anew", "[http][client][sim]")
{
    sim::world world;
    scene s(world);
    REQUIRE(s.run_get().has_value());
    s.network.break_all();
    counting last;
    const auto answer = world.run(get_signed(s, last));
    REQUIRE(answer.has_value());
    CHECK(answer->body == "you asked for /signed");
    CHECK(last.calls == 1);
    CHECK(s.stats().stale_retried == 1);
    CHECK(s.stats().opened == 2);
    CHECK(s.stats().closed == 1);
}

TEST_CASE("client: several dead connections cost one retry, since the others are looked at", "[http][client][sim]")
{
    sim::world world;
    scene s(world);
    std::vector<std::unique_ptr<running>> calls;
    for (int i = 0; i < 5; ++i)
        calls.push_back(std::make_unique<running>(s, "/" + std::to_string(i), 1s));
    for (const auto& call : calls)
        call->join();
    REQUIRE(s.stats().idle == 5);
    s.network.break_all();
    REQUIRE(s.run_get("/again").has_value());
    CHECK(s.stats().stale_retried == 1);
    CHECK(s.stats().opened == 6);
    CHECK(s.stats().idle == 1);
}

TEST_CASE("client: a fresh connection that breaks before a byte has left is an error, nothing was sent", "[http][client][sim]")
{
    sim::world world;
    scene s(world);
    s.network.dead_on_arrival = true;
    const auto answer = s.run_get();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == http::errc::write_failed);
    CHECK(s.report.progress == http::progress::not_sent);
    CHECK(s.stats().stale_retried == 0);
}

TEST_CASE("client: a connection idle for a while is looked at before it is used", "[http][client][sim]")
{
    sim::world world;
    scene s(world);
    REQUIRE(s.run_get().has_value());
    s.network.break_all();
    world.run(pause(world, 2ms));
    REQUIRE(s.run_get().has_value());
    CHECK(s.stats().stale_retried == 0);
    CHECK(s.stats().opened == 2);
}

TEST_CASE("client: an answer nobody asked for retires the idle connection and is not the next one's", "[http][client][sim]")
{
    sim::world world;
    scene s(world, {}, [](const std::string& request) { return echo(request) + ok("HTTP/1.1 408"); });
    for (int i = 0; i < 3; ++i) {
        const auto answer = s.run_get("/" + std::to_string(i));
        REQUIRE(answer.has_value());
        CHECK(answer->body == "you asked for /" + std::to_string(i));
        CHECK(s.stats().idle == 0);
    }
    CHECK(s.stats().opened == 3);
}

TEST_CASE("client: close lets exchanges end, fails those who queue, and takes nothing new", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.connections_max = 1;
    scene s(world, options);
    s.network.latency = 200ms;
    running held(s, "/held", 1s);
    running queued(s, "/queued", 1s);
    REQUIRE(s.run_get("/warm", 1ms).error().code == http::errc::queue_timeout);
    const auto began = world.elapsed();
    world.run(s.client->close(world.time().in(1s)));
    REQUIRE(held.answer.has_value());
    REQUIRE(held.answer->has_value());
    CHECK((*held.answer)->body == "you asked for /held");
    REQUIRE(queued.answer.has_value());
    CHECK(queued.answer->error().code == core::errc::shutting_down);
    CHECK(world.elapsed() - began < 1s);
    CHECK(s.run_get().error().code == core::errc::shutting_down);
}

TEST_CASE("client: close ends what is left at its own deadline, dials too", "[http][client][sim]")
{
    for (const bool hung_dial : {false, true}) {
        sim::world world;
        scene s(world);
        s.network.faults.dial_hang = hung_dial ? 1 : 0;
        s.network.faults.hang = 1;
        running call(s, "/", core::forever);
        world.run(pause(world, 10ms));
        CHECK(s.stats().busy == (hung_dial ? 0 : 1));
        const auto began = world.elapsed();
        world.run(s.client->close(world.time().in(50ms)));
        CHECK(world.elapsed() - began == 50ms);
        REQUIRE(call.answer.has_value());
        CHECK(call.answer->error().code == core::errc::shutting_down);
        CHECK(s.network.open_connections() == 0);
    }
}

TEST_CASE("client: pipelined, an abandoned answer is swallowed and its neighbours get theirs", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.connections_max = 1;
    options.pipeline_depth = 3;
    scene s(world, options);
    REQUIRE(s.run_get().has_value());
    s.network.latency = 100ms;
    running first(s, "/1", 50ms);
    running second(s, "/2", 1s);
    running third(s, "/3", 1s);
    CHECK(s.network.served() == 4);
    first.join();
    second.join();
    third.join();
    CHECK(first.answer->error().code == http::errc::response_timeout);
    REQUIRE(second.answer->has_value());
    CHECK((*second.answer)->body == "you asked for /2");
    REQUIRE(third.answer->has_value());
    CHECK((*third.answer)->body == "you asked for /3");
    CHECK(s.stats().opened == 1);
    CHECK(s.stats().idle == 1);
}

TEST_CASE("client: when the only one on a connection times out, the connection is closed", "[http][client][sim]")
{
    sim::world world;
    scene s(world);
    s.network.latency = 100ms;
    const auto late = s.run_get("/late", 150ms);
    CHECK(late.error().code == http::errc::response_timeout);
    CHECK(s.network.open_connections() == 0);
    const auto next = s.run_get("/next", 1s);
    REQUIRE(next.has_value());
    CHECK(next->body == "you asked for /next");
    CHECK(s.stats().opened == 2);
}

TEST_CASE("client: those who wait are served first come, first served", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.connections_max = 2;
    std::vector<std::string> order;
    scene s(world, options, [&order](const std::string& request) {
        order.push_back(request.substr(4, request.find(' ', 4) - 4));
        return echo(request);
    });
    std::vector<std::unique_ptr<running>> calls;
    for (int i = 0; i < 20; ++i)
        calls.push_back(std::make_unique<running>(s, "/" + std::to_string(i), 10s));
    CHECK(s.stats().queued == 18);
    for (const auto& call : calls)
        call->join();
    for (int i = 0; i < 20; ++i)
        CHECK(order.at(static_cast<std::size_t>(i)) == "/" + std::to_string(i));
}

TEST_CASE("client: when a dial fails its caller is told, and the next in the queue dials", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.connections_max = 1;
    scene s(world, options);
    s.network.faults.refuse = 1;
    std::vector<std::unique_ptr<running>> calls;
    for (int i = 0; i < 3; ++i)
        calls.push_back(std::make_unique<running>(s, "/", 10s));
    for (const auto& call : calls) {
        call->join();
        CHECK(call->answer->error().code == http::errc::connect_failed);
        CHECK(call->answer->error().detail == "dial tcp server: connect: connection refused");
    }
    CHECK(s.network.dialled() == 3);
    CHECK(s.stats().connect_failed == 3);
}

TEST_CASE("client: a request refused before a connection is touched reports no time", "[http][client][sim]")
{
    sim::world world;
    scene s(world);
    REQUIRE(s.run_get().has_value());
    CHECK(s.run_get("not a target").error().code == http::errc::invalid_request);
    CHECK(s.report.progress == http::progress::not_sent);
    CHECK(sum(s.report.phases) == 0ms);
}

namespace {

std::uint64_t lane_in(const std::string& request) { return std::stoull(request.substr(request.find('/') + 1)); }

awaitable<void> get_in_lane(scene& s, std::uint64_t lane, std::size_t& answered)
{
    const sim::books::calling mine(*s.books);
    http::request_view request;
    const std::string target = "/" + std::to_string(lane);
    request.target = target;
    request.lane = lane;
    auto answer = co_await s.client->send(s.to, request, s.world.time().in(10s));
    REQUIRE(answer.has_value());
    CHECK(answer->body == "you asked for " + target);
    ++answered;
}

awaitable<void> lane_caller(scene& s, int calls, std::size_t& answered)
{
    for (int i = 0; i < calls; ++i) {
        const std::uint64_t lane = s.world.chance().below(3);
        co_await get_in_lane(s, lane, answered);
        if (s.world.chance().chance(0.3))
            static_cast<void>(co_await s.world.shard().time().sleep(core::duration(s.world.chance().below(3'000'000))));
    }
}

awaitable<void> lane_callers(scene& s, int count, int calls, std::size_t& answered)
{
    core::task_group group(s.world.shard());
    for (int i = 0; i < count; ++i)
        group.start(lane_caller(s, calls, answered));
    co_await group.join();
}

} // namespace

TEST_CASE("client: the report says where the time went, and whether the connection was new", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.connections_max = 1;
    scene s(world, options);
    s.network.latency = 5ms;
    REQUIRE(s.run_get().has_value());
    CHECK(s.report.progress == http::progress::answered);
    CHECK_FALSE(s.report.reused);
    CHECK(s.report.phases.connect == 5ms);
    CHECK(s.report.phases.wait == 5ms);
    CHECK(sum(s.report.phases) == 10ms);

    s.network.latency = 20ms;
    std::size_t answered = 0;
    core::task_group ahead(world.shard());
    ahead.start(get_in_lane(s, 0, answered));
    REQUIRE(s.run_get().has_value());
    world.run(ahead.join());
    CHECK(s.report.reused);
    CHECK(s.report.phases.queue == 20ms);
    CHECK(s.report.phases.wait == 20ms);
    CHECK(sum(s.report.phases) == 40ms);
}

TEST_CASE("client: requests of different lanes are never in flight together on one connection", "[http][client][sim]")
{
    struct last_asked
    {
        std::uint64_t lane = 0;
        core::duration until{};
    };
    std::size_t shared = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        sim::world world(seed);
        std::vector<last_asked> on(64);
        http::client_options options;
        options.connections_max = 3;
        options.pipeline_depth = 4;
        const sim::network* network = nullptr;
        scene s(world, options, [&](const std::string& request) {
            last_asked& last = on.at(network->asked_on());
            if (world.elapsed() < last.until) {
                CHECK(last.lane == lane_in(request));
                ++shared;
            }
            last = {lane_in(request), world.elapsed() + network->latency};
            return echo(request);
        });
        network = &s.network;
        std::size_t answered = 0;
        world.run(lane_callers(s, 24, 20, answered));
        CHECK(answered == 24 * 20);
        CHECK(s.network.dialled() == 3);
    }
    CHECK(shared > 1000); // else nothing was pipelined
}

TEST_CASE("client: who waits for its lane is not overtaken by those who could share", "[http][client][sim]")
{
    sim::world world;
    std::vector<std::uint64_t> order;
    http::client_options options;
    options.connections_max = 1;
    options.pipeline_depth = 4;
    scene s(world, options, [&order](const std::string& request) {
        order.push_back(lane_in(request));
        return echo(request);
    });
    std::size_t answered = 0;
    core::task_group group(world.shard());
    for (const std::uint64_t lane : {1, 1, 2, 1, 2}) {
        group.start(get_in_lane(s, lane, answered));
        world.settle();
        // Dialled; the second shares, the others wait.
        if (order.empty())
            world.run(pause(world, 1ms));
    }
    CHECK(order == std::vector<std::uint64_t>{1, 1});
    CHECK(s.stats().queued == 3);
    world.run(group.join());
    CHECK(answered == 5);
    CHECK(order == std::vector<std::uint64_t>{1, 1, 2, 1, 2});
}

TEST_CASE("client: warm_up opens what is missing, a few at once, and a call finds its connection open", "[http][client][sim]")
{
    for (const std::size_t idle_min : {0, 1, 3, 9}) {
        sim::world world;
        http::client_options options;
        options.idle_min = idle_min;
        options.connections_max = 5;
        scene s(world, options);
        s.books->expect_spares();
        s.network.latency = 5ms;
        REQUIRE(world.run(s.client->warm_up(s.to, world.time().in(1s))).has_value());
        CHECK(world.elapsed() == 5ms);
        const std::size_t opened = std::clamp<std::size_t>(idle_min, 1, 5);
        CHECK(s.stats().idle == opened);
        REQUIRE(world.run(s.client->warm_up(s.to, world.time().in(1s))).has_value());
        CHECK(s.network.dialled() == opened);
        REQUIRE(s.run_get().has_value());
        CHECK(s.report.phases.connect == 0ms);
        CHECK_FALSE(s.report.reused);
    }
}

TEST_CASE("client: warm_up of a crowd dials dozens at a time, and none after one has failed", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.idle_min = 200;
    scene s(world, options);
    s.network.latency = 5ms;
    std::size_t most = 0;
    s.network.watch = [&] { most = std::max(most, s.network.dialling()); };
    s.network.faults.refuse = 1;
    REQUIRE_FALSE(world.run(s.client->warm_up(s.to, world.time().in(1s))).has_value());
    CHECK(s.network.dialled() == 64);
    s.network.faults.refuse = 0;
    most = 0;
    REQUIRE(world.run(s.client->warm_up(s.to, world.time().in(1s))).has_value());
    CHECK(s.stats().idle == 200);
    CHECK(most == 64);
    // A few stay at hand, the others give up what memory they can.
    CHECK(s.network.resting() == 200 - 16);
    REQUIRE(s.run_get().has_value());
    CHECK(s.network.resting() == s.stats().idle - 16);
    s.network.watch = nullptr;
}

TEST_CASE("client: warm_up returns the first dial's error, and its deadline names the phase", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.idle_min = 3;
    scene s(world, options);
    s.network.faults.refuse = 1;
    const auto refused = world.run(s.client->warm_up(s.to, world.time().in(1s)));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == http::errc::connect_failed);
    CHECK(refused.error().detail == "dial tcp server: connect: connection refused");
    CHECK(s.stats().connect_failed == 3);
    s.network.faults.refuse = 0;
    s.network.faults.dial_hang = 1;
    s.network.hang_in = http::dial_attempt::phase::handshake;
    const auto began = world.elapsed();
    const auto late = world.run(s.client->warm_up(s.to, world.time().in(100ms)));
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().code == http::errc::tls_handshake_timeout);
    CHECK(world.elapsed() - began == 100ms);
    // The pause after failures is for what nobody asked for.
    s.network.faults.dial_hang = 0;
    REQUIRE(world.run(s.client->warm_up(s.to, world.time().in(1s))).has_value());
    CHECK(s.stats().idle == 3);
}

TEST_CASE("client: warm_up cancelled at any step ends its dials", "[http][client][sim]")
{
    std::size_t cancelled = 0;
    for (std::size_t step = 0;; ++step) {
        sim::world world;
        INFO("cancelled at step " << step);
        http::client_options options;
        options.idle_min = 2;
        scene s(world, options);
        world.cancel_at(step);
        std::optional<core::result<void>> done;
        try {
            done.emplace(world.run(s.client->warm_up(s.to, world.time().in(1s))));
        } catch (const boost::system::system_error& e) {
            CHECK(e.code() == asio::error::operation_aborted);
        }
        const bool was_cancelled = world.was_cancelled();
        if (done && !*done) {
            ++cancelled;
            CHECK(done->error().code == core::errc::cancelled);
        }
        REQUIRE(s.run_get().has_value());
        if (!was_cancelled)
            break;
    }
    CHECK(cancelled >= 2);
}

TEST_CASE("client: close ends a warm_up and the dials of spares, and nothing runs after it", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.idle_min = 2;
    scene s(world, options);
    REQUIRE(s.run_get().has_value());
    world.run(pause(world, 5ms));
    CHECK(s.stats().idle == 2);
    s.network.faults.dial_hang = 1;
    REQUIRE(s.run_get().has_value()); // one is taken: the dial of another hangs
    CHECK(s.network.dialled() == 3);
    s.network.close_all();
    world.run(pause(world, 5ms));
    std::optional<core::result<void>> warmed;
    struct local
    {
        static awaitable<void> warm(scene& in, std::optional<core::result<void>>& out)
        {
            out.emplace(co_await in.client->warm_up(in.to, core::deadline::never()));
        }
    };
    core::task_group group(world.shard());
    group.start(local::warm(s, warmed));
    world.settle();
    CHECK(s.network.dialled() == 5);
    const auto began = world.elapsed();
    world.run(s.client->close(world.time().in(1s)));
    CHECK(world.elapsed() == began);
    world.run(group.join());
    REQUIRE(warmed.has_value());
    REQUIRE_FALSE(warmed->has_value());
    CHECK(warmed->error().code == core::errc::shutting_down);
    const std::size_t steps = world.steps();
    world.settle();
    CHECK(world.steps() == steps);
    CHECK(world.time().waiting() == 0);
    CHECK(world.run(s.client->warm_up(s.to, core::deadline::never())).error().code == core::errc::shutting_down);
}

TEST_CASE("client: with idle_min a call that takes a connection has the next one dialled beside it", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.idle_min = 2;
    options.connections_max = 4;
    scene s(world, options);
    s.network.latency = 10ms;
    REQUIRE(s.run_get("/cold").has_value());
    CHECK(s.report.phases.connect == 10ms);
    CHECK(s.stats().idle == 2); // its own and a spare
    std::vector<std::unique_ptr<running>> calls;
    for (int i = 0; i < 4; ++i) {
        calls.push_back(std::make_unique<running>(s, "/" + std::to_string(i), 1s));
        world.run(pause(world, 1ms));
    }
    for (const auto& call : calls) {
        call->join();
        REQUIRE(call->answer->has_value());
    }
    CHECK(s.network.dialled() == 4); // never more than connections_max
    CHECK(s.stats().idle == 4);
    // What was closed for its age or by the server is replaced when a call comes, not before.
    s.network.close_all();
    world.run(pause(world, 60s));
    CHECK(s.network.dialled() == 4);
    REQUIRE(s.run_get("/again").has_value());
    world.run(pause(world, 20ms));
    CHECK(s.network.dialled() == 6);
    CHECK(s.stats().idle == 2);
}

TEST_CASE("client: the spares of an origin that refuses are dialled ever less often", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.idle_min = 2;
    scene s(world, options);
    s.network.faults.refuse = 1;
    std::size_t calls = 0;
    for (; world.elapsed() < 120s; ++calls) {
        REQUIRE_FALSE(s.run_get().has_value());
        world.run(pause(world, 100ms));
    }
    const std::size_t spares = s.network.dialled() - calls;
    // Pauses of 1, 2, 4, 8, 16, 30, 30, 30 s, one spare each beside the call's own dial.
    CHECK(spares >= 6);
    CHECK(spares <= 9);
    s.network.faults.refuse = 0;
    REQUIRE(s.run_get().has_value());
    REQUIRE(s.run_get().has_value());
    world.run(pause(world, 10ms));
    CHECK(s.stats().idle >= 2);
}

TEST_CASE("client: dies unclosed while spares are dialled: the dials end, and nothing is left", "[http][client][sim]")
{
    for (const bool loop_goes_on : {true, false}) {
        auto world = std::make_unique<sim::world>();
        sim::network network(world->shard(), echo);
        http::client_options options;
        options.idle_min = 2;
        {
            http::client client(world->shard(), options, network.door());
            http::origin to;
            to.host = "server";
            network.latency = 1ms;
            REQUIRE(world->run(client.warm_up(to, world->time().in(1s))).has_value());
            network.faults.dial_hang = 1;
            REQUIRE(world->run(client.send(to, {}, world->time().in(1s))).has_value());
            CHECK(network.dialled() == 3);
        }
        if (loop_goes_on) {
            world->settle();
            CHECK(world->time().waiting() == 0);
            CHECK(network.open_connections() == 0);
        } else {
            world.reset(); // frees the frames
        }
    }
}

TEST_CASE("client: pipelined, when the connection ends each unanswered request is told that it may have run", "[http][client][sim]")
{
    const std::string closing = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nfirst";
    const support::script by[] = {
        {support::read_request(), support::write(ok("first")), support::shut()},
        {support::read_request(), support::write(ok("first")), support::reset()},
        {support::read_request(), support::write(ok("first")), support::write("HTTP/1.1 2"), support::shut()},
        {support::read_request(), support::write(closing), support::hold()},
    };
    for (const support::script& steps : by) {
        INFO("row " << &steps - by);
        sim::world world;
        // The first connection serves one request, so that those behind it find it open and reused.
        support::script whole = support::answering(1, ok("before"));
        whole.insert(whole.end(), steps.begin(), steps.end());
        http::client_options options;
        options.connections_max = 1;
        options.pipeline_depth = 3;
        sim::network network(world.shard(), {whole, support::answering(1, ok("right"), {support::hold()})});
        http::client client(world.shard(), options, network.door());
        http::origin to;
        to.host = "server";
        const auto began = world.time().in(1s);
        REQUIRE(world.run(client.send(to, {}, began)).has_value());
        struct one
        {
            core::result<http::response> answer;
            http::exchange_report report;
        };
        struct local
        {
            static awaitable<void> call(http::client& by, const http::origin& at, core::deadline until, one& out)
            {
                http::request_view request;
                out.answer = co_await by.send(at, request, until, nullptr, &out.report);
            }
        };
        one three[3];
        core::task_group group(world.shard());
        for (one& each : three)
            group.start(local::call(client, to, began, each));
        world.run(group.join());
        if (three[0].answer) // a reset may overtake it
            CHECK(three[0].answer->body == "first");
        else
            CHECK(three[0].report.progress == http::progress::maybe_sent);
        for (const one* each : {&three[1], &three[2]}) {
            REQUIRE_FALSE(each->answer.has_value());
            CHECK(each->report.progress == http::progress::maybe_sent);
            CHECK((each->answer.error().code == http::errc::reset_before_response || each->answer.error().code == http::errc::truncated_response));
        }
        CHECK(client.stats().idle == 0);
        CHECK(client.stats().stale_retried == 0);
        const auto next = world.run(client.send(to, {}, began));
        REQUIRE(next.has_value());
        CHECK(next->body == "right");
        world.run(client.close(began));
    }
}

TEST_CASE("client: pipelined, a server that answers once too often is left, and the answers before count", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.connections_max = 1;
    options.pipeline_depth = 2;
    std::size_t asked = 0;
    scene s(world, options, [&asked](const std::string& request) { return echo(request) + (++asked == 2 ? ok("unasked") : ""); });
    running first(s, "/1", 1s);
    running second(s, "/2", 1s);
    first.join();
    second.join();
    CHECK(first.answer->value().body == "you asked for /1");
    CHECK(second.answer->value().body == "you asked for /2");
    CHECK(s.stats().idle == 0);
    REQUIRE(s.run_get("/3").has_value());
    CHECK(s.stats().opened == 2);
}

TEST_CASE("client: the gauges are told by origin", "[http][client][sim]")
{
    sim::world world;
    http::client_options options;
    options.connections_max = 1;
    scene s(world, options);
    CHECK(s.client->origins().empty());
    REQUIRE(s.run_get().has_value());
    s.network.latency = 10ms;
    s.to.host = "other";
    s.to.tls = true;
    s.to.port = 8443;
    running first(s, "/1", 1s);
    running second(s, "/2", 1s);
    auto now = s.client->origins();
    REQUIRE(now.size() == 2);
    CHECK(now[0].origin == "http://server");
    CHECK(now[0].idle == 1);
    CHECK(now[0].busy + now[0].opening + now[0].queued == 0);
    CHECK(now[1].origin == "https://other:8443");
    CHECK(now[1].opening == 1);
    CHECK(now[1].queued == 1);
    world.run(pause(world, 15ms));
    now = s.client->origins();
    CHECK(now[1].busy == 1);
    CHECK(now[1].opening == 0);
    CHECK(now[0].idle + now[1].idle == s.stats().idle);
    CHECK(now[0].busy + now[1].busy == s.stats().busy);
    CHECK(now[0].queued + now[1].queued == s.stats().queued);
}
