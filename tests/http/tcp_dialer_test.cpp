#include <lambent/core/task_group.hpp>
#include <lambent/http/client.hpp>
#include <lambent/http/name_cache.hpp>
#include <lambent/http/tcp_dialer.hpp>

#include <sim/world.hpp>
#include <support/black_hole.hpp>
#include <support/catch.hpp>
#include <support/scripted_server.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace lambent;
using namespace lambent::support;
using namespace std::chrono_literals;

namespace {

using addresses = std::vector<asio::ip::address>;

addresses list(const std::vector<std::string>& texts)
{
    addresses out;
    for (const std::string& text : texts)
        out.push_back(asio::ip::make_address(text));
    return out;
}

std::string text(const addresses& list)
{
    std::string out;
    for (const auto& one : list)
        out += (out.empty() ? "" : " ") + one.to_string();
    return out;
}

/// Names as a test wants them, told when it says so.
struct book
{
    addresses found;
    core::error_code error;
    bool slow = false;
    int asked = 0;
    std::vector<http::resolver::answer> waiting;

    void tell_all()
    {
        for (auto& told : std::exchange(waiting, {}))
            told(error, found);
    }
};

class fake_resolver final : public http::resolver
{
public:
    fake_resolver(core::shard& on, book& from) : shard_(on), book_(from) {}
    void ask(const std::string&, answer told) override
    {
        ++book_.asked;
        if (book_.slow)
            book_.waiting.push_back(std::move(told));
        else
            asio::post(shard_.executor(), [this, told = std::move(told)] { told(book_.error, book_.found); });
    }
    void close() noexcept override {}

private:
    core::shard& shard_;
    book& book_;
};

using looked_up = core::result<addresses>;

awaitable<void> look_up(http::name_cache& cache, std::string host, http::dial_attempt& attempt, std::optional<looked_up>& out)
{
    out.emplace(co_await cache.addresses_of(host, attempt));
}

struct names
{
    explicit names(sim::world& world_in) : world(world_in), cache(world_in.shard(), std::make_unique<fake_resolver>(world_in.shard(), book)) {}

    looked_up get(const std::string& host = "a.example")
    {
        http::dial_attempt attempt;
        std::optional<looked_up> out;
        world.run(look_up(cache, host, attempt, out));
        return *out;
    }

    sim::world& world;
    struct book book;
    http::name_cache cache;
};

} // namespace

TEST_CASE("names: an answer is kept for ten seconds, an absence for one", "[http][names]")
{
    sim::world world;
    names n(world);
    n.book.found = list({"10.0.0.1"});
    CHECK(text(*n.get()) == "10.0.0.1");
    world.time().advance(9s);
    CHECK(n.get().has_value());
    CHECK(n.book.asked == 1);
    world.time().advance(1s);
    CHECK(n.get().has_value());
    CHECK(n.book.asked == 2);

    n.book.found.clear();
    n.book.error = asio::error::host_not_found;
    const auto missing = n.get("b.example");
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == http::errc::resolve_failed);
    CHECK(missing.error().detail == "dial tcp: lookup b.example: no such host");
    CHECK_FALSE(n.get("b.example").has_value());
    CHECK(n.book.asked == 3);
    world.time().advance(1s);
    n.book.error = asio::error::host_not_found_try_again;
    CHECK(n.get("b.example").error().detail == "dial tcp: lookup b.example: temporary failure in name resolution");
    CHECK(n.book.asked == 4);
}

TEST_CASE("names: an address is its own answer", "[http][names]")
{
    sim::world world;
    names n(world);
    CHECK(text(*n.get("192.0.2.7")) == "192.0.2.7");
    CHECK(text(*n.get("2001:db8::1")) == "2001:db8::1");
    CHECK(n.book.asked == 0);
}

TEST_CASE("names: families alternate, each is rotated, what failed a short time ago comes last", "[http][names]")
{
    sim::world world;
    names n(world);
    n.book.found = list({"::1", "::2", "10.0.0.1", "10.0.0.2", "10.0.0.3"});
    CHECK(text(*n.get()) == "::1 10.0.0.1 ::2 10.0.0.2 10.0.0.3");
    CHECK(text(*n.get()) == "::2 10.0.0.2 ::1 10.0.0.3 10.0.0.1");
    CHECK(text(*n.get()) == "::1 10.0.0.3 ::2 10.0.0.1 10.0.0.2");
    n.cache.blame(asio::ip::make_address("::2"));
    n.cache.blame(asio::ip::make_address("10.0.0.1"));
    CHECK(text(*n.get()) == "::1 10.0.0.2 10.0.0.3 ::2 10.0.0.1");
    world.time().advance(30s);
    CHECK(text(*n.get()).starts_with("::1 10.0.0."));
}

TEST_CASE("names: however many ask, the name is asked for once; who stops waiting leaves the answer to the others", "[http][names]")
{
    sim::world world;
    names n(world);
    n.book.slow = true;
    n.book.found = list({"10.0.0.1"});
    core::task_group group(world.shard());
    http::dial_attempt attempts[3];
    std::optional<looked_up> out[3];
    for (int i = 0; i < 3; ++i)
        group.start(look_up(n.cache, "a.example", attempts[i], out[i]));
    world.settle();
    CHECK(n.book.asked == 1);
    attempts[1].stop();
    world.settle();
    REQUIRE(out[1].has_value());
    CHECK(out[1]->error().code == core::errc::cancelled);
    CHECK_FALSE(out[0].has_value());
    n.book.tell_all();
    world.run(group.join());
    CHECK(text(**out[0]) == "10.0.0.1");
    CHECK(text(**out[2]) == "10.0.0.1");
}

TEST_CASE("names: an answer that comes after its cache has gone is dropped", "[http][names]")
{
    sim::world world;
    auto n = std::make_unique<names>(world);
    n->book.slow = true;
    http::dial_attempt attempt;
    std::optional<looked_up> out;
    core::task_group group(world.shard());
    group.start(look_up(n->cache, "a.example", attempt, out));
    world.settle();
    attempt.stop();
    world.run(group.join());
    auto waiting = std::move(n->book.waiting);
    n.reset();
    for (auto& told : waiting)
        told({}, list({"10.0.0.1"}));
    CHECK(out->error().code == core::errc::cancelled);
}

namespace {

/// A client whose names are a test's, and a server on 127.0.0.1.
struct bench
{
    explicit bench(http::client_options options = {})
        : server(world.shard(), {answering(10, ok_response("hello"), {hold()})}),
          client(world.shard(), options,
              std::make_unique<http::tcp_dialer>(world.shard(), options, std::make_unique<fake_resolver>(world.shard(), book)))
    {
        server.start();
        to.host = "a.example";
        to.port = server.port();
    }
    ~bench() { world.run(finish()); }
    awaitable<void> finish()
    {
        co_await client.close(world.shard().time().in(1s));
        co_await server.stop();
    }
    awaitable<core::result<http::response>> get(core::duration within)
    {
        http::request_view request;
        request.fields = &fields;
        co_return co_await client.send(to, request, world.shard().time().in(within));
    }
    core::result<http::response> run_get(core::duration within = 10s) { return world.run(get(within)); }

    sim::real_world world;
    struct book book;
    scripted_server server;
    http::client client;
    http::origin to;
    http::headers fields;
};

} // namespace

TEST_CASE("dialer: dead addresses are passed over, and come last the next time", "[http][dialer]")
{
    bench b;
    b.book.found = list({"127.0.0.2", "127.0.0.3", "127.0.0.1"});
    b.fields.add("Connection", "close");
    for (int i = 0; i < 3; ++i) {
        const auto answer = b.run_get();
        INFO((answer ? "" : answer.error().text()));
        REQUIRE(answer.has_value());
    }
}

TEST_CASE("dialer: when all addresses refuse, the first refusal is told", "[http][dialer]")
{
    bench b;
    b.book.found = list({"127.0.0.2", "127.0.0.3"});
    const auto answer = b.run_get();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == http::errc::connect_failed);
    CHECK(answer.error().detail == "dial tcp 127.0.0.2:" + std::to_string(b.to.port) + ": connect: connection refused");
    CHECK(b.client.stats().connect_failed == 1);
}

TEST_CASE("dialer: beside an address that does not answer the next one is tried", "[http][dialer]")
{
    bench b;
    const black_hole hole(b.world.shard(), "127.0.0.2", b.to.port);
    b.book.found = list({"127.0.0.2", "127.0.0.1"});
    const auto answer = b.run_get();
    INFO((answer ? "" : answer.error().text()));
    REQUIRE(answer.has_value());
    CHECK(answer->body == "hello");
}

TEST_CASE("dialer: no answer within connect_timeout or the deadline, each in its words", "[http][dialer]")
{
    http::client_options options;
    options.tcp.connect_timeout = 50ms;
    bench b(options);
    const black_hole hole(b.world.shard(), "127.0.0.2", b.to.port);
    b.book.found = list({"127.0.0.2"});
    const std::string at = "127.0.0.2:" + std::to_string(b.to.port);
    const auto by_option = b.run_get();
    REQUIRE_FALSE(by_option.has_value());
    CHECK(by_option.error().code == http::errc::connect_timeout);
    CHECK(by_option.error().detail == "dial tcp " + at + ": i/o timeout");
    const auto by_deadline = b.run_get(20ms);
    REQUIRE_FALSE(by_deadline.has_value());
    CHECK(by_deadline.error().code == http::errc::connect_timeout);
    CHECK(by_deadline.error().detail == "connecting to " + at);
}

TEST_CASE("dialer: the deadline reaches a name that is not answered", "[http][dialer]")
{
    bench b;
    b.book.slow = true;
    const auto answer = b.run_get(20ms);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == http::errc::resolve_timeout);
    CHECK(answer.error().detail == "resolving a.example");
}
