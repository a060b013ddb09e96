#include "simulated_lambda.hpp"

#include <lambent/core/task_group.hpp>

#include <algorithm>
#include <memory>
#include <optional>

using namespace lambent;
using namespace lambent::aws;
using namespace std::chrono_literals;

namespace {

struct one_call
{
    invocation call;
    call_report report;
    std::optional<core::result<invocation_reply>> outcome;
    core::duration took{};
};

awaitable<void> run_one(bench& b, one_call& c, core::duration within)
{
    const core::instant began = b.world.time().now();
    auto reply = co_await b.get().invoke(c.call, within, &c.report);
    c.took = b.world.time().now() - began;
    c.outcome.emplace(std::move(reply));
}

awaitable<void> run_all(bench& b, std::vector<std::unique_ptr<one_call>>& calls, core::duration within)
{
    core::task_group group(b.world.shard());
    for (const auto& one : calls)
        group.start(run_one(b, *one, within));
    co_await group.join();
}

std::vector<std::unique_ptr<one_call>> calls_of(std::initializer_list<std::string_view> functions)
{
    std::vector<std::unique_ptr<one_call>> out;
    for (const std::string_view name : functions) {
        out.push_back(std::make_unique<one_call>());
        out.back()->call.function = name;
        out.back()->call.payload = "{}";
    }
    return out;
}

/// A connection that is open already, so that what follows is pipelined over it.
void warm(bench& b)
{
    b.options.http.connections_max = 1;
    b.options.http.pipeline_depth = 8;
    REQUIRE(b.invoke());
}

} // namespace

TEST_CASE("pipelining: when its connection breaks, every unanswered call on it may have run", "[aws][pipelining]")
{
    for (const bool idempotent : {false, true}) {
        bench b;
        warm(b);
        b.network.faults.truncate = 1;
        auto calls = calls_of({"f", "f", "f", "f"});
        for (const auto& one : calls)
            one->call.idempotent = idempotent;
        b.world.run(run_all(b, calls, 60s));
        int maybe = 0;
        for (const auto& one : calls) {
            REQUIRE(one->outcome);
            REQUIRE_FALSE(*one->outcome);
            CHECK(one->outcome->error().certainty >= certainty::maybe_executed);
            CHECK(one->report.attempts == (idempotent ? 4 : 1));
            maybe += one->outcome->error().certainty == certainty::maybe_executed;
        }
        CHECK(maybe >= (idempotent ? 0 : 3)); // of the first one the answer's head may have come
        CHECK(b.get().stats().failed_calls.maybe_executed + b.get().stats().failed_calls.executed == 4);
    }
}

TEST_CASE("pipelining: calls of different functions, or latency classes, never share a connection in flight", "[aws][pipelining]")
{
    struct row
    {
        std::string_view first_class;
        std::string_view second_class;
        bool together;
    };
    // The first function's answers never end; whoever waits behind one of them waits for ever.
    for (const row& r : {row{"", "", false}, row{"slow", "quick", false}, row{"same", "same", true}}) {
        INFO(r.first_class << ", " << r.second_class);
        bench b;
        b.options.http.connections_max = 3;
        b.options.http.pipeline_depth = 4;
        REQUIRE(b.invoke());
        b.decide = [](const received& request) {
            // A head without its body: what comes behind it on this connection is nobody's answer.
            if (request.path.find("/slow/") != std::string::npos)
                return std::string("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
            return answer_of(200, "{}");
        };
        auto calls = calls_of({"slow", "slow", "quick", "quick", "quick"});
        for (const auto& one : calls)
            one->call.latency_class = one->call.function == "slow" ? r.first_class : r.second_class;
        b.world.run(run_all(b, calls, 10s));
        const auto quick = [&](const auto& one) { return one->call.function == "quick" && one->outcome->has_value(); };
        const auto answered = std::count_if(calls.begin(), calls.end(), quick);
        if (r.together)
            CHECK(answered < 3);
        else
            CHECK(answered == 3);
        CHECK(b.network.dialled() == 3);
    }
}

TEST_CASE("pipelining: off unless asked for", "[aws][pipelining]")
{
    bench b;
    auto calls = calls_of({"f", "f", "f"});
    b.world.run(run_all(b, calls, 10s));
    for (const auto& one : calls)
        CHECK(one->outcome->has_value());
    CHECK(b.network.dialled() == 3);
}

TEST_CASE("warm up: the first call finds its connection open", "[aws][client]")
{
    bench b;
    REQUIRE(b.world.run(b.get().warm_up(1s)));
    CHECK(b.network.dialled() == 1);
    REQUIRE(b.invoke());
    CHECK(b.network.dialled() == 1);
    CHECK(b.report.reused == false); // open, but nobody's call had been on it
    REQUIRE(b.invoke());
    CHECK(b.report.reused);
    bench refused;
    refused.network.faults.refuse = 1;
    CHECK(refused.world.run(refused.get().warm_up(1s)).error().code == http::errc::connect_failed);
    bench nowhere;
    nowhere.options.region = "no region";
    CHECK(nowhere.world.run(nowhere.get().warm_up(1s)).error().code == errc::invalid_configuration);
}

TEST_CASE("client: more kinds of calls than it keeps requests for are sent all the same", "[aws][client]")
{
    bench b;
    for (int i = 0; i < 600; ++i) {
        const std::string name = "f" + std::to_string(i % 300);
        b.call.function = name;
        REQUIRE(b.invoke());
        CHECK(b.requests.back().path == "/2015-03-31/functions/" + name + "/invocations");
        CHECK(b.verified(b.requests.back(), -2ms));
    }
}
