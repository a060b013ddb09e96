#include "lambda_bench.hpp"

#include <lambent/core/limiter.hpp>

using namespace lambent;
using namespace lambent::test;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

const std::string refused_404 = "operation error Lambda: Invoke, https response error StatusCode: 404, RequestID: r-1, "
                                "ResourceNotFoundException: Function not found: foo";

} // namespace

TEST_CASE("aws_lambda: the answer takes the message's place; metadata and an earlier failure stay", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call&) { return fake_lambda::answer{200, R"({"ok":true})", ""}; });
    data::batch batch = messages({R"({"id":1})"});
    batch[0].set_meta("a", "kept");
    batch[0].set_meta("lambda_function_error", "stale");
    batch[0].fail("before");
    const data::batch done = b.one(foo(), std::move(batch));
    CHECK(contents(done) == texts{R"({"ok":true})"});
    CHECK(failures(done) == texts{"before"});
    CHECK(done[0].meta("a")->text() == "kept");
    CHECK(done[0].meta("lambda_function_error")->text() == "stale");
    REQUIRE(b.lambda.calls.size() == 1);
    CHECK(b.lambda.calls[0].head.starts_with("POST /2015-03-31/functions/foo/invocations HTTP/1.1\r\n"));
    CHECK(b.lambda.calls[0].body == R"({"id":1})");
    CHECK(b.host.lines.lines.empty());
}

TEST_CASE("aws_lambda: a function error is an answer: contents and metadata, no flag, no second call", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call&) { return fake_lambda::function_error(R"({"errorMessage":"m"})"); });
    const data::batch done = b.one(foo(), {"{}"});
    CHECK(contents(done) == texts{R"({"errorMessage":"m"})"});
    CHECK(failures(done) == texts{""});
    CHECK(done[0].meta("lambda_function_error")->text() == "Unhandled");
    CHECK(b.lambda.calls.size() == 1);
    CHECK(b.host.lines.lines.empty());
}

TEST_CASE("aws_lambda: an empty message is sent, an empty answer empties", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call&) { return fake_lambda::answer{}; });
    CHECK(contents(b.one(foo(), {"x"})) == texts{""});
    CHECK(contents(b.one(foo(), {""})) == texts{""});
    CHECK(b.lambda.calls[1].body.empty());
}

TEST_CASE("aws_lambda: a structured message leaves with sorted keys and its numbers as they were", "[processor][aws_lambda]")
{
    lambda_bench b(&echo);
    const data::batch done = b.one("processors: [ mapping: 'root = this', " + foo() + " ]",
        {R"({"z":1,"h":"<&>","big":12345678901234567890,"b":1.50,"a":1e3})"});
    CHECK(contents(done) == texts{R"({"a":1e3,"b":1.50,"big":12345678901234567890,"h":"<&>","z":1})"});
}

TEST_CASE("aws_lambda: exhausted retries leave the contents and flag the message, with its source", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call&) { return fake_lambda::error(500, "ServiceException", "Internal failure"); });
    auto stage = b.build(foo(), "pipeline.processors.7");
    auto done = b.process(*stage, messages({R"({"id":1})"}));
    REQUIRE(done);
    const data::message& m = done->at(0).at(0);
    const std::string why = "operation error Lambda: Invoke, exceeded maximum number of attempts, 4, https response error "
                            "StatusCode: 500, RequestID: r-4, ServiceException: Internal failure";
    CHECK(m.bytes() == R"({"id":1})");
    CHECK(m.metadata().empty());
    REQUIRE(m.failed());
    CHECK(m.failed()->text == why);
    REQUIRE(m.failed()->source);
    CHECK(*m.failed()->source == data::component_ref{"aws_lambda", "", "pipeline.processors.7"});
    CHECK(b.lambda.calls.size() == 4);
    CHECK(b.host.lines.at(core::log_level::error) == texts{"Lambda function 'foo' failed: " + why});
    CHECK(b.host.lines.at(core::log_level::debug) == texts{"Processor failed: " + why});
    b.world.run(stage->close());
}

TEST_CASE("aws_lambda: retries counts the attempts after the first; below zero is none", "[processor][aws_lambda]")
{
    for (const auto& [retries, attempts] : {std::pair{2, 3}, std::pair{0, 1}, std::pair{-1, 1}}) {
        lambda_bench b([](const fake_lambda::call&) { return fake_lambda::error(503, "ServiceUnavailable", "later"); });
        CHECK_FALSE(failures(b.one(foo("retries: " + std::to_string(retries)), {"{}"}))[0].empty());
        CHECK(b.lambda.calls.size() == static_cast<std::size_t>(attempts));
    }
}

TEST_CASE("aws_lambda: a permanent error is not repeated", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call&) { return fake_lambda::error(404, "ResourceNotFoundException", "Function not found: foo"); });
    CHECK(failures(b.one(foo(), {"{}"})) == texts{refused_404});
    CHECK(b.lambda.calls.size() == 1);
}

TEST_CASE("aws_lambda: throttled calls are repeated with pauses", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call& c) {
        return c.number < 3 ? fake_lambda::error(429, "TooManyRequestsException", "Rate Exceeded.") : echo(c);
    });
    const data::batch done = b.one(foo(), {R"({"id":1})"});
    CHECK(contents(done) == texts{R"({"id":1})"});
    CHECK(failures(done) == texts{""});
    CHECK(b.lambda.calls.size() == 3);
    CHECK(b.world.elapsed() > 0s);
}

TEST_CASE("aws_lambda: timeout bounds each attempt, not all of them", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call&) { return fake_lambda::answer{.never = true}; });
    const data::batch done = b.one(foo("timeout: 2s, retries: 1"), {R"({"id":1})"});
    CHECK(contents(done) == texts{R"({"id":1})"});
    CHECK(failures(done)[0].starts_with("operation error Lambda: Invoke, "));
    CHECK(b.lambda.calls.size() == 2);
    CHECK(b.world.elapsed() >= 4s);
    CHECK(b.world.elapsed() < 5s);
}

TEST_CASE("aws_lambda: a timeout of nothing sends nothing", "[processor][aws_lambda]")
{
    for (const std::string timeout : {"0s", "-1s"}) {
        lambda_bench b(&echo);
        const data::batch done = b.one(foo("retries: 0, timeout: " + timeout), {R"({"id":1})"});
        CHECK(contents(done) == texts{R"({"id":1})"});
        CHECK(failures(done)[0].starts_with("operation error Lambda: Invoke, "));
        CHECK(b.lambda.calls.empty());
    }
}

TEST_CASE("aws_lambda: without parallel messages go one after another", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call& c) { return fake_lambda::answer{200, c.body, "", 300ms}; });
    CHECK(contents(b.one(foo(), {"1", "2", "3", "4"})) == texts{"1", "2", "3", "4"});
    CHECK(b.lambda.running_most == 1);
    CHECK(b.world.elapsed() == 1200ms);
    CHECK(b.lambda.dialled.size() == 1);
}

TEST_CASE("aws_lambda: parallel sends all messages at once and keeps their order", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call& c) {
        return fake_lambda::answer{200, c.body, "", std::chrono::milliseconds(500 - 2 * std::stoi(c.body))};
    });
    texts numbers;
    for (int i = 0; i < 200; ++i)
        numbers.push_back(std::to_string(i));
    CHECK(contents(b.one(foo("parallel: true"), numbers)) == numbers);
    CHECK(b.lambda.running_most == 200);
    CHECK(b.world.elapsed() == 500ms);
}

TEST_CASE("aws_lambda: in a parallel batch each message has its own fate", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call& c) {
        if (c.body == "1")
            return fake_lambda::error(404, "ResourceNotFoundException", "Function not found: foo");
        return c.body == "2" ? fake_lambda::function_error("failed") : echo(c);
    });
    const data::batch done = b.one(foo("parallel: true"), {"1", "2", "3"});
    CHECK(contents(done) == texts{"1", "failed", "3"});
    CHECK_FALSE(failures(done)[0].empty());
    CHECK(failures(done)[1].empty());
    CHECK(done[1].meta("lambda_function_error")->text() == "Unhandled");
    CHECK(b.host.lines.at(core::log_level::error)[0].starts_with("Lambda parallel request to 'foo' failed: "));
}

TEST_CASE("aws_lambda: a parallel batch of one is logged as a single call", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call&) { return fake_lambda::error(404, "ResourceNotFoundException", "Function not found: foo"); });
    b.one(foo("parallel: true"), {"1"});
    CHECK(b.host.lines.at(core::log_level::error) == texts{"Lambda function 'foo' failed: " + refused_404});
}

TEST_CASE("aws_lambda: an empty batch calls nobody", "[processor][aws_lambda]")
{
    lambda_bench b(&echo);
    CHECK(b.all(foo("parallel: true"), {}).empty());
    CHECK(b.all(foo(), {}).empty());
    CHECK(b.lambda.calls.empty());
}

TEST_CASE("aws_lambda: cancelled at any step, every wait ends and nothing stays open", "[processor][aws_lambda]")
{
    const auto behaviour = [](const fake_lambda::call& c) {
        return c.number <= 3 ? fake_lambda::error(500, "ServiceException", "x") : fake_lambda::answer{200, c.body, "", 200ms};
    };
    for (const std::string more : {"parallel: true", "parallel: false", "rate_limit: rl, parallel: true"}) {
        INFO(more);
        for (std::size_t step = 0;; ++step) {
            lambda_bench b(behaviour);
            b.host.limiters["rl"] = core::make_local_limiter(b.world.shard(), 1, 100ms);
            auto stage = b.build(foo(more));
            b.world.cancel_at(step);
            auto done = b.process(*stage, messages({"1", "2", "3"}));
            const bool cancelled = b.world.was_cancelled();
            if (!done)
                CHECK(done.error().code == core::condition::cancelled);
            else
                CHECK(contents(*done) == std::vector<texts>{{"1", "2", "3"}});
            b.world.run(stage->close());
            stage.reset();
            CHECK(b.lambda.open == 0);
            CHECK(b.lambda.running == 0);
            CHECK(b.world.time().waiting() == 0);
            if (!cancelled) {
                CHECK(done);
                break;
            }
        }
    }
}

TEST_CASE("aws_lambda: the rate limit is asked once per HTTP attempt", "[processor][aws_lambda]")
{
    lambda_bench b([](const fake_lambda::call&) { return fake_lambda::error(500, "ServiceException", "x"); });
    b.host.limiters["rl"] = core::make_local_limiter(b.world.shard(), 1, 10s);
    b.one(foo("rate_limit: rl, retries: 2"), {"{}"});
    CHECK(b.lambda.calls.size() == 3);
    CHECK(b.world.elapsed() == 20s);
}

TEST_CASE("aws_lambda: waiting at the rate limit is not charged to the timeout", "[processor][aws_lambda]")
{
    lambda_bench b(&echo);
    b.host.limiters["rl"] = core::make_local_limiter(b.world.shard(), 1, 1h);
    CHECK(failures(b.one(foo("rate_limit: rl, timeout: 1s, retries: 0"), {"1", "2"})) == texts{"", ""});
    CHECK(b.world.elapsed() == 1h);
}

TEST_CASE("aws_lambda: a rate limit that went away is asked for again each second", "[processor][aws_lambda]")
{
    lambda_bench b(&echo);
    b.host.limiters["rl"] = core::make_local_limiter(b.world.shard(), 1, 10s);
    auto stage = b.build(foo("rate_limit: rl"));
    b.host.limiters.clear();
    b.world.cancel_at(4);
    CHECK_FALSE(b.process(*stage, messages({"1"})));
    CHECK(b.host.lines.has(core::log_level::error, "Rate limit error: unable to locate resource: rl"));
    CHECK(b.lambda.calls.empty());
    b.world.run(stage->close());
}

TEST_CASE("aws_lambda: an answer that did not come is asked for again, unless at_most_once", "[processor][aws_lambda]")
{
    const auto behaviour = [](const fake_lambda::call& c) {
        fake_lambda::answer a = echo(c);
        a.hang_up = c.number == 1;
        return a;
    };
    lambda_bench often(behaviour);
    CHECK(failures(often.one(foo(), {"{}"})) == texts{""});
    CHECK(often.lambda.calls.size() == 2);
    lambda_bench once(behaviour);
    CHECK_FALSE(failures(once.one(foo("at_most_once: true"), {"{}"}))[0].empty());
    CHECK(once.lambda.calls.size() == 1);
}

TEST_CASE("aws_lambda: a refused connection is tried again", "[processor][aws_lambda]")
{
    lambda_bench b(&echo);
    b.lambda.refuse = 2;
    CHECK(failures(b.one(foo("at_most_once: true"), {"{}"})) == texts{""});
    CHECK(b.lambda.dialled.size() == 3);
}

TEST_CASE("aws_lambda: the host's defaults fill what the config leaves open", "[processor][aws_lambda]")
{
    lambda_bench b(&echo);
    b.host.defaults = {"http://emulator.test:9", "", "ap-south-1", "AKIDEFAULT", "secret"};
    b.one("aws_lambda: { function: foo }", {"{}"});
    REQUIRE(b.lambda.calls.size() == 1);
    CHECK(b.lambda.dialled[0] == http::origin{false, "emulator.test", 9});
    CHECK(b.lambda.calls[0].header("Authorization").find("Credential=AKIDEFAULT/20150830/ap-south-1/lambda/aws4_request")
        != std::string::npos);
    b.one(foo(), {"{}"});
    CHECK(b.lambda.dialled[1] == http::origin{false, "lambda.test", 80});
    CHECK(b.lambda.calls[1].header("Authorization").find("Credential=AKIDEXAMPLE/20150830/eu-west-1/lambda/aws4_request")
        != std::string::npos);
}

TEST_CASE("aws_lambda: keys and region come from the environment where the config has none", "[processor][aws_lambda]")
{
    lambda_bench b(&echo);
    b.host.variables.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "e"},
        {"AWS_SESSION_TOKEN", "tok"}, {"AWS_REGION", "sa-east-1"}};
    b.one("aws_lambda: { function: foo, endpoint: 'http://lambda.test' }", {"{}"});
    REQUIRE(b.lambda.calls.size() == 1);
    CHECK(b.lambda.calls[0].header("Authorization").find("Credential=AKIAENV/20150830/sa-east-1/lambda/aws4_request")
        != std::string::npos);
    CHECK(b.lambda.calls[0].header("X-Amz-Security-Token") == "tok");
}

TEST_CASE("aws_lambda: no call is made to build one, and its client is watched while it lives", "[processor][aws_lambda]")
{
    lambda_bench b(&echo);
    auto stage = b.build(foo());
    CHECK(b.lambda.dialled.empty());
    CHECK(b.host.watched.size() == 1);
    stage.reset();
    CHECK(b.host.watched.empty());
}

TEST_CASE("aws_lambda: what cannot be built", "[processor][aws_lambda]")
{
    lambda_bench b(&echo);
    const std::string prefix = "failed to init processor <no label> path root.pipeline.processors.0: ";
    CHECK(build_error(b.host, "aws_lambda: { function: '' }") == prefix + "lambda function must not be empty");
    CHECK(build_error(b.host, "aws_lambda: {}") == prefix + "field 'function' is required and was not present in the config");
    CHECK(build_error(b.host, foo("rate_limit: zz")) == prefix + "rate limit resource 'zz' was not found");
    CHECK(build_error(b.host, foo("timeout: 5")) == prefix + "failed to parse 'timeout' as a duration string: time: missing unit in duration \"5\"");
    CHECK(build_error(b.host, "aws_lambda: { function: f, credentials: { profile: p, role: r } }")
        == prefix + "failed to get shared config profile, p");
    CHECK(build_error(b.host, "aws_lambda: { function: f, credentials: { role: r } }").starts_with(
        prefix + "the field 'credentials.role' is not supported yet: "));
    CHECK(build_error(b.host, "aws_lambda: { function: f, credentials: { from_ec2_role: true } }").starts_with(
        prefix + "the field 'credentials.from_ec2_role' is not supported yet: "));
    CHECK(build_error(b.host, foo("tcp: { keep_alive: { idle: 10s }, tcp_user_timeout: 1m30s }"))
        == prefix + "keep_alive.idle (10s) must be greater than tcp_user_timeout (1m30s)");
    CHECK(build_error(b.host, foo("tcp: { connect_timeout: 1s }")) == "(built)");
}
