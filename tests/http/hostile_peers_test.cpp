#include "hostile_peers.hpp"

#include <lambent/http/certificate.hpp>
#include <lambent/http/client.hpp>
#include <lambent/http/h1_session.hpp>

#include <sim/books.hpp>
#include <sim/network.hpp>
#include <sim/world.hpp>
#include <support/catch.hpp>
#include <support/scripted_server.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace lambent;
using namespace lambent::support;
using namespace std::chrono_literals;
using test::hostile_peers;
using test::peer;
using test::wanted;

namespace {

/// What a call gave.
struct given
{
    core::result<http::response> answer;
    http::exchange_report report;
    http::response partial;
};

awaitable<void> call(http::client& client, const http::origin& to, std::size_t post_bytes, core::deadline until, given& out)
{
    const std::string body(post_bytes, 'x');
    http::request_view request;
    request.target = "/";
    if (post_bytes > 0) {
        request.method = "POST";
        request.body = body;
    }
    out.answer = co_await client.send(to, request, until, nullptr, &out.report, &out.partial);
}

/// The first connection gets the script, later ones answer "right".
std::vector<script> scripts_of(const script& first) { return {first, answering(3, ok_response("right"), {hold()})}; }

/// Only such a call waits its deadline out: all others end by what the peer does, however slow the machine is.
bool ends_by_deadline(const wanted& want)
{
    return std::any_of(want.errors.begin(), want.errors.end(),
        [](http::errc e) { return e == http::errc::response_timeout || e == http::errc::body_timeout; });
}

/// Where a peer is met.
class ground
{
public:
    virtual ~ground() = default;
    virtual given run(const wanted& want) = 0;
    virtual std::size_t connections() const = 0;
    virtual const http::client_stats& stats() const = 0;
    virtual void pause() = 0; ///< a millisecond
};

asio::ssl::context server_context()
{
    static const http::identity shown = [] {
        sim::real_world world;
        const auto now = world.shard().time().wall();
        http::certificate_request request;
        request.not_before = now - 1h;
        request.not_after = now + 24h;
        return http::make_certificate(http::make_authority("hostile", now - 1h, now + 24h).value(), request).value();
    }();
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.use_certificate_chain(asio::buffer(shown.certificate_pem));
    context.use_private_key(asio::buffer(shown.private_key_pem), asio::ssl::context::pem);
    return context;
}

class on_sockets final : public ground
{
public:
    on_sockets(const script& first, bool tls)
        : server_(world_.shard(), scripts_of(first), tls ? std::optional(server_context()) : std::nullopt), client_(world_.shard(), options())
    {
        server_.start();
        to_.tls = tls;
        to_.host = "127.0.0.1";
        to_.port = server_.port();
    }
    ~on_sockets() override
    {
        world_.run(finish());
        CHECK(stats().opened == stats().closed);
    }
    given run(const wanted& want) override
    {
        given out;
        world_.run(call(client_, to_, want.post_bytes, world_.shard().time().in(ends_by_deadline(want) ? 500ms : 60s), out));
        return out;
    }
    std::size_t connections() const override { return server_.connections(); }
    const http::client_stats& stats() const override { return client_.stats(); }
    void pause() override { static_cast<void>(world_.run(world_.shard().time().sleep(1ms))); }

private:
    static http::client_options options()
    {
        http::client_options out;
        out.tls.dangerously_skip_certificate_verification = true;
        return out;
    }
    awaitable<void> finish()
    {
        co_await client_.close(world_.shard().time().in(1s));
        co_await server_.stop();
    }

    sim::real_world world_;
    scripted_server server_;
    http::client client_;
    http::origin to_;
};

class on_simulation final : public ground
{
public:
    explicit on_simulation(const script& first) : network(world.shard(), scripts_of(first)), client_(world.shard(), {}, network.door())
    {
        network.write_max = 64 * 1024;
        to_.host = "server";
        books_.emplace(world, network, client_.stats(), sim::books::options{1, false, true});
    }
    ~on_simulation() override
    {
        world.run(client_.close(world.time().in(1s)));
        CHECK(stats().opened == stats().closed);
        CHECK(network.open_connections() == 0);
    }
    given run(const wanted& want) override
    {
        const sim::books::calling mine(*books_);
        given out;
        world.run(call(client_, to_, want.post_bytes, world.time().in(1s), out));
        return out;
    }
    std::size_t connections() const override { return network.dialled(); }
    const http::client_stats& stats() const override { return client_.stats(); }
    void pause() override { static_cast<void>(world.run(world.time().sleep(1ms))); }

    sim::world world;
    sim::network network;

private:
    http::client client_;
    http::origin to_;
    std::optional<sim::books> books_;
};

void check_call(const wanted& want, const given& got)
{
    if (want.errors.empty()) {
        INFO((got.answer ? "" : got.answer.error().text()));
        REQUIRE(got.answer.has_value());
        CHECK(got.answer->status == want.status);
        CHECK((got.answer->body == want.body)); // not printed: megabytes
        CHECK(got.report.progress == http::progress::answered);
        return;
    }
    REQUIRE_FALSE(got.answer.has_value());
    const core::error& why = got.answer.error();
    INFO(why.text());
    CHECK(std::find(want.errors.begin(), want.errors.end(), why.code) != want.errors.end());
    CHECK(why.detail.find(want.detail) != std::string::npos);
    CHECK(got.report.progress == want.progress);
    if (want.status >= 0)
        CHECK(got.partial.status == want.status);
}

/// The peer's deeds are named, its connection is retired where it must be, and the next call gets its own answer.
void check_peer(const peer& p, ground& there)
{
    for (const wanted& want : p.calls)
        check_call(want, there.run(want));
    for (int i = 0; i < 5000 && !p.kept && there.stats().idle > 0; ++i)
        there.pause();
    CHECK(there.stats().idle == (p.kept ? 1U : 0U));
    CHECK(there.stats().busy == 0);
    const given next = there.run(wanted{});
    INFO((next.answer ? "" : next.answer.error().text()));
    REQUIRE(next.answer.has_value());
    CHECK(next.answer->body == "right");
    CHECK(there.connections() == (p.kept ? 1U : 2U));
    CHECK(there.stats().opened == there.stats().closed + there.stats().idle + there.stats().busy);
}

std::string name_of(const peer& p) { return "F." + p.item + " " + p.deed; }

/// All that the script writes before the second request.
std::string text_of(const peer& p)
{
    std::string out;
    std::size_t requests = 0;
    for (const step& one : p.script) {
        requests += one.what == step::act::read_request || one.what == step::act::read_some ? 1 : 0;
        if (requests <= 1 && one.what == step::act::write)
            out += one.text;
    }
    return out;
}

} // namespace

TEST_CASE("hostile peers: over sockets each deed is named, retired where it must be, and harms no other answer", "[http][hostile]")
{
    for (const peer& p : hostile_peers()) {
        INFO(name_of(p));
        on_sockets there(p.script, false);
        check_peer(p, there);
    }
}

TEST_CASE("hostile peers: over TLS likewise", "[http][hostile][tls]")
{
    for (const peer& p : hostile_peers()) {
        INFO(name_of(p));
        on_sockets there(p.script, true);
        check_peer(p, there);
    }
}

TEST_CASE("hostile peers: over the simulated network likewise", "[http][hostile][sim]")
{
    for (const peer& p : hostile_peers()) {
        INFO(name_of(p));
        on_simulation there(p.script);
        check_peer(p, there);
    }
}

TEST_CASE("hostile peers: read byte by byte likewise", "[http][hostile][sim]")
{
    for (const peer& p : hostile_peers()) {
        INFO(name_of(p));
        on_simulation there(p.script);
        there.network.read_max = p.large ? 1000 : 1;
        check_peer(p, there);
    }
}

TEST_CASE("hostile peers: cut at any byte likewise", "[http][hostile][sim]")
{
    for (const peer& p : hostile_peers()) {
        const std::size_t length = p.large ? 0 : text_of(p).size();
        for (std::size_t cut = 1; cut < length; ++cut) {
            INFO(name_of(p) << ", cut at " << cut);
            on_simulation there(p.script);
            there.network.cut_at = cut;
            check_peer(p, there);
        }
    }
}

namespace {

/// Something else than the peer's own deed may have gone wrong: the answer is its own or an error with a name.
void check_loosely(const peer& p, const given& got)
{
    if (got.answer) {
        // By the first connection, which may be a later call's, or by the next.
        const bool planned = std::any_of(p.calls.begin(), p.calls.end(),
            [&got](const wanted& want) { return want.errors.empty() && want.body == got.answer->body; });
        CHECK((planned || got.answer->body == "right"));
        return;
    }
    CHECK(&got.answer.error().code.category() == &http::category());
    CHECK_FALSE(got.answer.error().text().empty());
    CHECK(got.report.progress != http::progress::answered);
}

void check_loosely(const peer& p, on_simulation& there)
{
    for (const wanted& want : p.calls)
        check_loosely(p, there.run(want));
    // One of these may be what breaks, or be the last of a connection's script; each has a connection that is sound.
    bool right = false;
    for (int i = 0; i < 4 && !right; ++i) {
        const given next = there.run(wanted{});
        check_loosely(p, next);
        right = next.answer.has_value() && next.answer->body == "right";
    }
    CHECK(right);
    CHECK(there.stats().busy == 0);
}

} // namespace

TEST_CASE("hostile peers: whichever dial, read or write breaks, each call ends once and the next is served", "[http][hostile][sim]")
{
    std::size_t broken = 0;
    for (const peer& p : hostile_peers()) {
        for (std::size_t n = 0;; ++n) {
            INFO(name_of(p) << ", operation " << n);
            on_simulation there(p.script);
            there.network.fail_at = n;
            check_loosely(p, there);
            if (there.network.operations() <= n)
                break;
            ++broken;
            // The long ones repeat themselves: their ends and some of the middle are enough.
            if (p.calls.front().post_bytes > 0 || p.large)
                n += n > 8 ? 50 : 0;
        }
    }
    CHECK(broken > 300);
}

TEST_CASE("hostile peers: whichever step of the script is an end instead, each call ends once and the next is served", "[http][hostile][sim]")
{
    for (const peer& p : hostile_peers()) {
        for (std::size_t n = 0; n < p.script.size(); ++n) {
            for (const step& instead : {shut(), reset(), hold()}) {
                INFO(name_of(p) << ", step " << n);
                script cut_short(p.script.begin(), p.script.begin() + static_cast<std::ptrdiff_t>(n));
                cut_short.push_back(instead);
                on_simulation there(cut_short);
                check_loosely(p, there);
            }
        }
    }
}

namespace {

/// What a session makes of the text in these pieces, in one line.
std::string verdict(const std::vector<std::string>& pieces)
{
    http::h1_session session(http::response_limits{}, 2);
    int callers[2] = {};
    for (int& one : callers) {
        session.output() += "request";
        session.submit(&one, false);
    }
    session.wrote(session.pending().size());
    std::string out;
    const auto drain = [&] {
        for (;;) {
            switch (session.next()) {
            case http::h1_session::event::need_more:
                return true;
            case http::h1_session::event::broken:
                out += "broken: " + session.error().text();
                return false;
            case http::h1_session::event::response:
                out += std::to_string(session.tag() == &callers[1]) + ":" + std::to_string(session.view().status) + ":"
                    + std::string(session.view().body) + " ";
                session.taken();
            }
        }
    };
    for (const std::string& piece : pieces) {
        session.feed({piece.data(), piece.size()});
        if (!drain())
            return out;
    }
    session.end(true);
    drain();
    return out;
}

} // namespace

TEST_CASE("hostile peers: a session's verdict is the same however its bytes are cut", "[http][hostile][session]")
{
    for (const peer& p : hostile_peers()) {
        if (p.large)
            continue;
        INFO(name_of(p));
        const std::string text = text_of(p);
        const std::string whole = verdict({text});
        std::vector<std::string> single;
        for (std::size_t cut = 1; cut < text.size(); ++cut)
            CHECK(verdict({text.substr(0, cut), text.substr(cut)}) == whole);
        for (const char c : text)
            single.emplace_back(1, c);
        CHECK(verdict(single) == whole);
    }
}

namespace {

std::string name_of(http::errc e)
{
    switch (e) {
    case http::errc::response_timeout:
        return "response_timeout";
    case http::errc::body_timeout:
        return "body_timeout";
    case http::errc::reset_before_response:
        return "reset_before_response";
    case http::errc::truncated_response:
        return "truncated_response";
    case http::errc::malformed_response:
        return "malformed_response";
    case http::errc::header_too_large:
        return "header_too_large";
    case http::errc::body_too_large:
        return "body_too_large";
    default:
        return "(unnamed)";
    }
}

std::string outcome_of(const peer& p)
{
    std::string out;
    for (const wanted& want : p.calls) {
        out += out.empty() ? "" : ", then ";
        if (want.errors.empty())
            out += "the answer (" + std::to_string(want.status) + ")";
        for (std::size_t i = 0; i < want.errors.size(); ++i)
            out += (i > 0 ? " or `" : "`") + name_of(want.errors[i]) + "`";
    }
    return out;
}

std::string table()
{
    std::string out = "| item | what the server does | what the caller gets | the connection |\n|---|---|---|---|\n";
    for (const peer& p : hostile_peers())
        out += "| F." + p.item + " | " + p.deed + " | " + outcome_of(p) + " | " + (p.kept ? "kept" : "closed") + " |\n";
    return out;
}

} // namespace

TEST_CASE("hostile peers: prints the table for docs/hostile_peers.md", "[.table]") { std::cout << table(); }

TEST_CASE("hostile peers: the documented table is the one that was run", "[http][hostile]")
{
    std::ifstream file(LAMBENT_SOURCE_DIR "/docs/hostile_peers.md");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const bool same = text.find(table()) != std::string::npos;
    INFO("print it by: http_test '[.table]'");
    CHECK(same);
}
