#include "signed_request.hpp"

#include <lambent/core/bytes.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/emulator/invoke_service.hpp>

#include <sim/world.hpp>

#include <functional>

using namespace lambent;
using namespace lambent::emulator;
using namespace std::chrono_literals;

namespace {

using misbehaviour = http::server_response::fault;

struct recorder final : call_observer
{
    std::vector<call_record> calls;
    void record(const call_record& call) override { calls.push_back(call); }
};

latency_shape takes(core::duration time)
{
    latency_shape shape;
    shape.mean = time;
    return shape;
}

/// A service in virtual time. Functions are added before `open`.
struct bench_of_one
{
    sim::world world;
    recorder log;
    account_options account;
    std::optional<invoke_service> service;

    bench_of_one()
    {
        account.keys = {example_key()};
        account.observer = &log;
    }

    function_options& add(const std::string& name, std::shared_ptr<function> body = make_echo())
    {
        function_options& added = account.functions[name];
        added.body = std::move(body);
        return added;
    }

    core::result<void> open()
    {
        service.emplace(world.shard(), account);
        return service->open();
    }

    http::server_request signed_call(const std::string& function, const std::string& body, const std::string& type)
    {
        http::server_request request = invoke_request(function, body);
        if (!type.empty())
            request.fields.add("X-Amz-Invocation-Type", type);
        signed_as how;
        how.at = world.time().wall();
        sign(request, how);
        return request;
    }

    http::server_response call(const std::string& function, const std::string& body = "{}", const std::string& type = {})
    {
        http::server_request request = signed_call(function, body, type);
        return world.run(service->handle(request));
    }
};

std::string field(const http::server_response& response, std::string_view name)
{
    return std::string(response.fields.get(name).value_or("(absent)"));
}

awaitable<void> answer(invoke_service& service, http::server_request request, std::vector<http::server_response>& answers)
{
    http::server_response response = co_await service.handle(request);
    answers.push_back(std::move(response));
}

awaitable<void> joined(core::task_group& group)
{
    co_await group.join();
}

awaitable<void> drained(invoke_service& service, core::deadline until)
{
    co_await service.drain(until);
}

} // namespace

TEST_CASE("service: a function's answer comes back with version and request id, and the call is recorded", "[emulator][service]")
{
    bench_of_one b;
    b.add("foo");
    REQUIRE(b.open());
    const auto response = b.call("foo", R"({"id":7})");
    CHECK(response.status == 200);
    CHECK(response.body == R"({"id":7})");
    CHECK(field(response, "X-Amz-Executed-Version") == "$LATEST");
    REQUIRE(b.log.calls.size() == 1);
    const call_record& call = b.log.calls[0];
    CHECK(call.function == "foo");
    CHECK(call.request_id == field(response, "x-amzn-RequestId"));
    CHECK(call.payload_sha256 == sigv4::sha256_hex(R"({"id":7})"));
    CHECK(call.outcome == "ok");
    CHECK(call.status == 200);
    CHECK(call.executed);
    CHECK(call.type == "RequestResponse");
}

TEST_CASE("service: the function sees {} for nothing, its version, and the caller's context", "[emulator][service]")
{
    bench_of_one b;
    b.add("see", make_function([](const function_call& call) {
        function_reply reply;
        reply.payload = std::string(call.payload) + "|" + std::string(call.function) + "|" + std::string(call.version) + "|"
            + std::string(call.client_context);
        reply.log = "seen\n";
        return reply;
    })).versions.aliases = {{"prod", "3"}};
    REQUIRE(b.open());
    http::server_request request = invoke_request("see%3Aprod", "");
    request.fields.add("X-Amz-Client-Context", core::to_base64(R"({"a":1})"));
    request.fields.add("X-Amz-Log-Type", "Tail");
    signed_as how;
    how.at = b.world.time().wall();
    sign(request, how);
    const auto response = b.world.run(b.service->handle(request));
    CHECK(response.body == R"({}|see|3|{"a":1})");
    CHECK(core::from_base64(field(response, "X-Amz-Log-Result"))->find("Version: 3\nseen\nEND") != std::string::npos);
    CHECK(b.call("see%3Atest").status == 404);
}

TEST_CASE("service: a function error is an answer of 200", "[emulator][service]")
{
    bench_of_one b;
    b.add("foo", make_function([](const function_call&) { return thrown("bad id"); }));
    REQUIRE(b.open());
    const auto response = b.call("foo");
    CHECK(response.status == 200);
    CHECK(field(response, "X-Amz-Function-Error") == "Unhandled");
    CHECK(response.body == R"({"errorMessage":"bad id","errorType":"Error"})");
    CHECK(b.log.calls.at(0).outcome == "function_error");
}

TEST_CASE("service: refusals run nothing, and are recorded with AWS's name", "[emulator][service]")
{
    bench_of_one b;
    b.add("foo", make_function([](const function_call&) -> function_reply {
        FAIL("the function ran");
        return {};
    }));
    REQUIRE(b.open());
    struct expectation
    {
        std::string function;
        std::string body;
        int status;
        std::string type;
    };
    const std::vector<expectation> all{
        {"nope", "{}", 404, "ResourceNotFoundException"},
        {"foo", "not json", 400, "InvalidRequestContentException"},
        {"foo", '"' + std::string(request_bytes_max, 'x') + '"', 413, "RequestTooLargeException"},
        {"arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Afoo", "{}", 404, "ResourceNotFoundException"},
        {"210987654321%3Afunction%3Afoo", "{}", 403, "AccessDeniedException"},
        {"fo%20o", "{}", 400, "ValidationException"},
    };
    for (const auto& expected : all) {
        INFO(expected.function);
        const auto response = b.call(expected.function, expected.body);
        CHECK(response.status == expected.status);
        CHECK(field(response, "x-amzn-ErrorType") == expected.type);
        CHECK(b.log.calls.back().outcome == "refused");
        CHECK(b.log.calls.back().error_type == expected.type);
        CHECK_FALSE(b.log.calls.back().executed);
    }
    http::server_request unsigned_request = invoke_request("foo");
    CHECK(b.world.run(b.service->handle(unsigned_request)).status == 403);
    CHECK(b.log.calls.back().function == "foo");
    CHECK(b.log.calls.back().error_type == "MissingAuthenticationTokenException");
    CHECK(b.call("nope").body.find("Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nope") != std::string::npos);
    CHECK(b.service->running() == 0);
}

TEST_CASE("service: a call takes as long as its function, and no longer than the function's time-out", "[emulator][service]")
{
    bench_of_one b;
    b.add("slow").latency = takes(2s);
    b.add("stuck").latency = takes(1min);
    REQUIRE(b.open());
    CHECK(b.call("slow").status == 200);
    CHECK(b.world.elapsed() == 2s);
    const auto response = b.call("stuck");
    CHECK(b.world.elapsed() == 5s);
    CHECK(response.status == 200);
    CHECK(field(response, "X-Amz-Function-Error") == "Unhandled");
    CHECK(response.body.find(field(response, "x-amzn-RequestId") + " Task timed out after 3.00 seconds\"}") != std::string::npos);
    CHECK(response.body.find(R"({"errorMessage":"2015-08-30T12:36:05.000Z )") == 0);
    CHECK(b.log.calls.at(1).outcome == "timed_out");
    CHECK(b.log.calls.at(1).took == 3s);
}

TEST_CASE("service: beyond its reserved concurrency a function is throttled, beyond the account's every other", "[emulator][service]")
{
    bench_of_one b;
    b.account.concurrency = 3;
    function_options& reserved = b.add("reserved");
    reserved.reserved_concurrency = 1;
    reserved.latency = takes(1s);
    b.add("other").latency = takes(1s);
    REQUIRE(b.open());
    core::task_group group(b.world.shard());
    std::vector<http::server_response> answers;
    for (int i = 0; i < 2; ++i)
        group.start(answer(*b.service, b.signed_call("reserved", "{}", ""), answers));
    for (int i = 0; i < 3; ++i)
        group.start(answer(*b.service, b.signed_call("other", "{}", ""), answers));
    b.world.settle();
    REQUIRE(answers.size() == 2);
    CHECK(b.service->running() == 3);
    CHECK(answers[0].status == 429);
    CHECK(answers[0].body == R"({"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."})");
    CHECK(answers[1].body == R"({"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."})");
    CHECK(field(answers[1], "x-amzn-ErrorType") == "TooManyRequestsException");
    b.world.run(joined(group));
    CHECK(answers.size() == 5);
    CHECK(answers[4].status == 200);
    CHECK(b.service->running() == 0);
}

TEST_CASE("service: an event is accepted at once and runs later; without concurrency it waits, and none is lost", "[emulator][service]")
{
    bench_of_one b;
    b.account.concurrency = 2;
    b.add("foo").latency = takes(1s);
    b.add("stopped").reserved_concurrency = 0;
    REQUIRE(b.open());
    const auto stopped = b.call("stopped", "{}", "Event");
    CHECK(stopped.status == 202);
    for (int i = 0; i < 10; ++i) {
        const auto response = b.call("foo", R"({"n":)" + std::to_string(i) + "}", "Event");
        CHECK(response.status == 202);
        CHECK(response.body.empty());
    }
    CHECK(b.world.elapsed() == 0s);
    CHECK(b.log.calls.empty());
    b.world.run(drained(*b.service, core::deadline::never()));
    CHECK(b.world.elapsed() == 5s);
    REQUIRE(b.log.calls.size() == 11);
    for (int i = 0; i < 10; ++i) {
        CHECK(b.log.calls[std::size_t(i)].outcome == "ok");
        CHECK(b.log.calls[std::size_t(i)].payload_sha256 == sigv4::sha256_hex(R"({"n":)" + std::to_string(i) + "}"));
        CHECK(b.log.calls[std::size_t(i)].type == "Event");
    }
    CHECK(b.log.calls[10].function == "stopped");
    CHECK(b.log.calls[10].outcome == "abandoned");
}

TEST_CASE("service: draining cuts events off at its deadline, and records them", "[emulator][service]")
{
    bench_of_one b;
    b.account.concurrency = 1;
    b.account.events_max = 3;
    b.add("foo").latency = takes(2s);
    REQUIRE(b.open());
    for (int i = 0; i < 4; ++i)
        CHECK(b.call("foo", "{}", "Event").status == 202);
    CHECK(b.call("foo", "{}", "Event").status == 429);
    b.world.run(drained(*b.service, b.world.time().in(3s)));
    CHECK(b.world.elapsed() == 3s);
    REQUIRE(b.log.calls.size() == 5);
    CHECK(b.log.calls[0].outcome == "throttled");
    CHECK(b.log.calls[1].outcome == "ok");
    for (std::size_t i = 2; i < 5; ++i)
        CHECK(b.log.calls[i].outcome == "abandoned");
    CHECK(b.service->running() == 0);
}

TEST_CASE("service: a dry run checks everything and runs nothing", "[emulator][service]")
{
    bench_of_one b;
    b.add("foo").faults.service_500 = 1;
    REQUIRE(b.open());
    const auto response = b.call("foo", "", "DryRun");
    CHECK(response.status == 204);
    CHECK(b.log.calls.at(0).outcome == "dry_run");
    CHECK(b.call("nope", "", "DryRun").status == 404);
}

TEST_CASE("service: each fault looks as it should, and ran the function or did not", "[emulator][service]")
{
    struct expectation
    {
        fault what;
        int status;
        misbehaviour how;
        int logged_status;
        bool ran;
    };
    const std::vector<expectation> all{
        {fault::throttle, 429, misbehaviour::none, 429, false},
        {fault::service_500, 500, misbehaviour::none, 500, false},
        {fault::bad_gateway_502, 502, misbehaviour::none, 502, false},
        {fault::reset_before, 200, misbehaviour::reset_before_response, 0, false},
        {fault::reset_after, 200, misbehaviour::reset_after_header, 200, true},
        {fault::truncate, 200, misbehaviour::truncate_body, 200, true},
        {fault::slow_body, 200, misbehaviour::none, 200, true},
        {fault::hang, 200, misbehaviour::hang, 0, true},
    };
    for (const auto& expected : all) {
        INFO(fault_name(expected.what));
        bench_of_one b;
        int runs = 0;
        function_options& added = b.add("foo", make_function([&](const function_call&) {
            ++runs;
            return function_reply{"{}", {}, {}};
        }));
        for (const auto& field : fault_fields)
            if (field.what == expected.what)
                added.faults.*field.rate = 1;
        REQUIRE(b.open());
        const auto response = b.call("foo");
        CHECK(response.status == expected.status);
        CHECK(response.misbehaviour == expected.how);
        CHECK((response.body_chunk_delay > 0s) == (expected.what == fault::slow_body));
        CHECK(runs == (expected.ran ? 1 : 0));
        CHECK(b.log.calls.at(0).executed == expected.ran);
        CHECK(b.log.calls.at(0).status == expected.logged_status);
        CHECK(b.log.calls.at(0).outcome == (expected.what == fault::throttle ? "throttled" : fault_name(expected.what)));
    }
}

TEST_CASE("service: two runs with one seed give the same outcomes, call by call", "[emulator][service]")
{
    const auto outcomes = [](std::uint64_t seed) {
        bench_of_one b;
        b.account.seed = seed;
        function_options& added = b.add("foo");
        added.faults.throttle = 0.3;
        added.faults.truncate = 0.2;
        added.latency = takes(10ms);
        added.latency.kind = latency_shape::distribution::normal;
        added.latency.stddev = 5ms;
        REQUIRE(b.open());
        std::vector<std::string> seen;
        for (int i = 0; i < 100; ++i) {
            b.call("foo");
            seen.push_back(b.log.calls.back().outcome + std::to_string(b.log.calls.back().took.count()));
        }
        return seen;
    };
    CHECK(outcomes(1) == outcomes(1));
    CHECK(outcomes(1) != outcomes(2));
}

TEST_CASE("service: a call cut off at any step is recorded once and gives its place back", "[emulator][service]")
{
    for (std::size_t step = 0;; ++step) {
        bench_of_one b;
        b.add("foo").latency = takes(1s);
        REQUIRE(b.open());
        http::server_request request = b.signed_call("foo", "{}", "");
        std::vector<http::server_response> answers;
        b.world.cancel_at(step);
        core::task_group group(b.world.shard());
        group.start(answer(*b.service, std::move(request), answers));
        b.world.run(joined(group));
        CHECK(b.log.calls.size() == 1);
        CHECK(b.service->running() == 0);
        if (!b.world.was_cancelled()) {
            CHECK(b.log.calls.at(0).outcome == "ok");
            break;
        }
        REQUIRE(step < 100);
    }
}

TEST_CASE("service: options that cannot work are refused by name", "[emulator][service]")
{
    const auto refusal = [](const std::function<void(bench_of_one&)>& spoil) {
        bench_of_one b;
        b.add("foo");
        spoil(b);
        const auto opened = b.open();
        return opened ? std::string("accepted") : opened.error().text();
    };
    CHECK(refusal([](bench_of_one&) {}) == "accepted");
    CHECK(refusal([](bench_of_one& b) { b.account.keys.clear(); }).find("access key") != std::string::npos);
    CHECK(refusal([](bench_of_one& b) { b.add("a b"); }).find("function 'a b'") == 0);
    CHECK(refusal([](bench_of_one& b) { b.add("a:b"); }).find("function 'a:b'") == 0);
    CHECK(refusal([](bench_of_one& b) { b.add("bar", nullptr); }).find("function 'bar'") == 0);
    CHECK(refusal([](bench_of_one& b) { b.add("foo").faults.hang = 2; }).find("function 'foo'") == 0);
    CHECK(refusal([](bench_of_one& b) { b.add("foo").timeout = 0s; }).find("function 'foo'") == 0);
    CHECK(refusal([](bench_of_one& b) { b.add("foo").reserved_concurrency = 1001; }).find("function 'foo'") == 0);
}
