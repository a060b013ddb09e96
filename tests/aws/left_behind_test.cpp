// docs/what_a_call_leaves_behind.md, row by row.
#include "simulated_lambda.hpp"

#include <lambent/core/retry.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <optional>

using namespace lambent;
using namespace lambent::aws;
using namespace std::chrono_literals;

namespace {

enum class phase { rate_limit, queue, dial, answer, inside_answer, pause };
enum class way { cancelled, timed_out, closed };

struct row
{
    phase at;
    aws::certainty known;
    std::size_t connections; ///< open after it, where the client goes on
    std::size_t admissions;  ///< of the rate limit that it has used up
};

constexpr row table[] = {
    {phase::rate_limit, certainty::not_sent, 0, 0},
    {phase::queue, certainty::not_sent, 1, 1},
    {phase::dial, certainty::not_sent, 0, 1},
    {phase::answer, certainty::maybe_executed, 0, 1},
    {phase::inside_answer, certainty::executed, 0, 1},
    {phase::pause, certainty::refused, 1, 1},
};

/// Admits at once, or nobody.
class counted_limiter final : public core::limiter
{
public:
    explicit counted_limiter(core::shard& on) : shard_(on) {}
    bool try_admit() override
    {
        used += open;
        return open;
    }
    awaitable<core::result<void>> admit(core::deadline until) override
    {
        auto slept = co_await shard_.time().sleep_until(until);
        if (!slept)
            co_return std::move(slept.error());
        co_return core::error{core::errc::deadline_exceeded, {}};
    }

    bool open = true;
    std::size_t used = 0;

private:
    core::shard& shard_;
};

struct heard
{
    std::optional<core::result<invocation_reply>> outcome;
    auto handler()
    {
        return [this](core::result<invocation_reply> got) { outcome.emplace(std::move(got)); };
    }
};

awaitable<void> pause_for(core::shard& on, core::duration d)
{
    static_cast<void>(co_await on.time().sleep(d));
}

/// A client whose next call stays in one phase.
struct stuck : bench
{
    explicit stuck(phase at) : limit(world.shard())
    {
        limiter = &limit;
        options.http.connections_max = 4;
        switch (at) {
        case phase::rate_limit:
            limit.open = false;
            break;
        case phase::queue:
            options.http.connections_max = 1;
            network.faults.hang = 1;
            get().async_invoke(call, core::forever, asio::bind_cancellation_slot(stop_first.slot(), first.handler()));
            break;
        case phase::dial:
            network.faults.dial_hang = 1;
            break;
        case phase::answer:
            network.faults.hang = 1;
            break;
        case phase::inside_answer:
            answers = {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", answer_of(200, "{}")};
            break;
        case phase::pause:
            options.retry.throttle_base = 100h;
            options.retry.cap = 100h;
            answers = {refusal_of(429, "TooManyRequestsException"), answer_of(200, "{}")};
            break;
        }
        pass(1s);
        limit.used = 0;
    }
    ~stuck()
    {
        // While what the handlers refer to lives.
        world.run(get().close(world.time().in(1s)));
    }
    void pass(core::duration d) { world.run(pause_for(world.shard(), d)); }
    void emit(asio::cancellation_signal& signal)
    {
        asio::post(world.shard().executor(), [&signal] { signal.emit(asio::cancellation_type::terminal); });
        world.settle();
    }
    void heal()
    {
        limit.open = true;
        network.faults = {};
    }

    counted_limiter limit;
    heard first; // in front of the queue
    asio::cancellation_signal stop_first;
};

void end(stuck& b, way how, heard& out)
{
    asio::cancellation_signal stop;
    const core::duration within = how == way::timed_out ? core::duration(5s) : core::forever;
    b.get().async_invoke(b.call, within, asio::bind_cancellation_slot(stop.slot(), out.handler()));
    b.pass(1s);
    REQUIRE_FALSE(out.outcome);
    if (how == way::cancelled)
        b.emit(stop);
    else if (how == way::closed)
        b.world.run(b.get().close(b.world.time().in(1s)));
    b.pass(5s);
    REQUIRE(out.outcome);
    REQUIRE_FALSE(*out.outcome);
}

} // namespace

TEST_CASE("left behind: each phase has its certainty, its connections and its admission, however the call ends", "[aws][left_behind]")
{
    for (const row& expected : table) {
        for (const way how : {way::cancelled, way::timed_out, way::closed}) {
            if (how == way::timed_out && expected.at == phase::pause)
                continue; // a pause that outlasts the deadline is not begun
            INFO("phase " << static_cast<int>(expected.at) << ", way " << static_cast<int>(how));
            stuck b(expected.at);
            heard out;
            end(b, how, out);
            const core::error& why = out.outcome->error();
            CHECK(why.certainty == expected.known);
            switch (how) {
            case way::cancelled:
                CHECK(why.code == core::errc::cancelled);
                break;
            case way::timed_out:
                CHECK(why.code == core::condition::timed_out);
                break;
            case way::closed:
                CHECK(why.code == core::errc::shutting_down);
                break;
            }
            CHECK(b.limit.used == expected.admissions);
            CHECK(b.network.open_connections() == (how == way::closed ? 0 : expected.connections));
            CHECK(b.get().stats().in_flight == (how != way::closed && expected.at == phase::queue ? 1 : 0));
            CHECK(b.get().stats().failed == (how == way::closed && expected.at == phase::queue ? 2 : 1));
            const http::client_stats& wire = b.get().transport_stats();
            CHECK(wire.opened == wire.closed + wire.idle + wire.busy);
            CHECK(wire.queued == 0);
        }
    }
}

TEST_CASE("left behind: the next call is served, over a connection that has nothing of the last one", "[aws][left_behind]")
{
    for (const row& expected : table) {
        for (const way how : {way::cancelled, way::timed_out}) {
            if (how == way::timed_out && expected.at == phase::pause)
                continue;
            INFO("phase " << static_cast<int>(expected.at) << ", way " << static_cast<int>(how));
            stuck b(expected.at);
            heard out;
            end(b, how, out);
            b.heal();
            if (expected.at == phase::queue) {
                CHECK_FALSE(b.first.outcome); // who stood in front was not disturbed
                b.emit(b.stop_first);
            }
            const auto reply = b.invoke(5s);
            REQUIRE(reply);
            CHECK(reply->payload == "{}");
        }
    }
}

TEST_CASE("left behind: who stands behind an ended call in the queue moves up", "[aws][left_behind]")
{
    stuck b(phase::queue);
    asio::cancellation_signal stop;
    heard ended;
    heard behind;
    b.get().async_invoke(b.call, core::forever, asio::bind_cancellation_slot(stop.slot(), ended.handler()));
    b.get().async_invoke(b.call, core::forever, behind.handler());
    b.pass(1s);
    CHECK(b.get().transport_stats().queued == 2);
    b.emit(stop);
    b.pass(1s);
    CHECK(ended.outcome);
    CHECK_FALSE(behind.outcome);
    CHECK(b.get().transport_stats().queued == 1);
    b.heal();
    b.emit(b.stop_first);
    b.pass(1s);
    REQUIRE(behind.outcome);
    CHECK(behind.outcome->has_value());
}

TEST_CASE("left behind: an admission is spent by the attempt it was for, sent or not", "[aws][left_behind]")
{
    bench b;
    const auto hourly = core::make_local_limiter(b.world.shard(), 1, 1h);
    b.limiter = hourly.get();
    b.network.faults.dial_hang = 1;
    CHECK(b.error(2s).find("connecting to ") != std::string::npos);
    b.network.faults = {};
    CHECK(b.error(2s) == "operation error Lambda: Invoke, the call's deadline passed waiting for the rate limit");
    CHECK(b.invoke(1h));
}

TEST_CASE("left behind: a retry that a call did not live to make has cost the budget", "[aws][left_behind]")
{
    stuck b(phase::pause);
    b.options.retry.budget = core::retry_budget::cost(core::failure::throttled);
    b.answers = {refusal_of(429, "TooManyRequestsException")};
    heard out;
    end(b, way::cancelled, out);
    CHECK(out.outcome->error().text().find("not repeated") == std::string::npos);
    CHECK(b.error().find("(not repeated: too many calls of this client have been of late, see retry.budget)") != std::string::npos);
    CHECK(b.requests.size() == 2);
}
