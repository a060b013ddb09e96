// The two configurations of the processor's documentation, with every outcome.
#include "lambda_bench.hpp"

using namespace lambent;
using namespace lambent::test;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

const std::string with_error_handling = R"yaml(
branch:
  processors:
    - aws_lambda:
        function: foo
  result_map: |
    root = if meta().exists("lambda_function_error") {
      throw("Invocation failed due to %v: %v".format(this.errorType, this.errorMessage))
    } else {
      this
    }
)yaml";

const std::string with_request = R"yaml(
branch:
  request_map: '{"id":this.doc.id,"username":this.user.name}'
  processors:
    - aws_lambda:
        function: trigger_user_update
)yaml";

const std::string original = R"({"doc":{"body":"hello world","id":"foo"},"user":{"name":"fooey"}})";

struct documented_bench : lambda_bench
{
    explicit documented_bench(fake_lambda::handler h) : lambda_bench(std::move(h))
    {
        host.variables.variables = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "s"},
            {"AWS_REGION", "eu-west-1"}};
        host.defaults.endpoint = "http://lambda.test";
    }
};

fake_lambda::handler always(fake_lambda::answer a)
{
    return [a = std::move(a)](const fake_lambda::call&) { return a; };
}

} // namespace

TEST_CASE("documented, error handling: success replaces the contents", "[processor][documented]")
{
    documented_bench b(always({200, R"({"seen":"foo"})", ""}));
    const data::batch done = b.one(with_error_handling, {original});
    CHECK(contents(done) == texts{R"({"seen":"foo"})"});
    CHECK(failures(done) == texts{""});
    CHECK(done[0].metadata().empty());
    CHECK(b.lambda.calls[0].body == original);
}

TEST_CASE("documented, error handling: a function error flags the unchanged original", "[processor][documented]")
{
    documented_bench b(always(fake_lambda::function_error(R"({"errorMessage":"division by zero","errorType":"ZeroDivisionError"})")));
    const data::batch done = b.one(with_error_handling, {original});
    CHECK(contents(done) == texts{original});
    CHECK(failures(done)
        == texts{"result mapping failed: failed assignment (line 1): Invocation failed due to ZeroDivisionError: division by zero"});
    CHECK(done[0].metadata().empty());
    CHECK(done[0].failed()->source == nullptr);
    CHECK(b.lambda.calls.size() == 1);
}

TEST_CASE("documented, error handling: an error without a type prints as nil", "[processor][documented]")
{
    documented_bench b(always(fake_lambda::function_error(R"({"errorMessage":"Task timed out after 3.00 seconds"})")));
    CHECK(failures(b.one(with_error_handling, {original}))
        == texts{"result mapping failed: failed assignment (line 1): Invocation failed due to <nil>: Task timed out after 3.00 seconds"});
}

TEST_CASE("documented, error handling: a failed invocation skips the result map", "[processor][documented]")
{
    documented_bench b(always(fake_lambda::error(500, "ServiceException", "Internal failure")));
    const data::batch done = b.one(with_error_handling, {original});
    CHECK(contents(done) == texts{original});
    CHECK(failures(done)
        == texts{"processors failed: operation error Lambda: Invoke, exceeded maximum number of attempts, 4, https response error "
                 "StatusCode: 500, RequestID: r-4, ServiceException: Internal failure"});
    CHECK(b.host.lines.lines.front().fields.at("path") == "root.pipeline.processors.0.branch.processors.0");
}

TEST_CASE("documented, error handling: throttled and then answered is a success", "[processor][documented]")
{
    documented_bench b([](const fake_lambda::call& c) {
        return c.number == 1 ? fake_lambda::error(429, "TooManyRequestsException", "Rate Exceeded.")
                             : fake_lambda::answer{200, R"({"ok":1})", ""};
    });
    CHECK(contents(b.one(with_error_handling, {original})) == texts{R"({"ok":1})"});
}

TEST_CASE("documented, error handling: throttled for good", "[processor][documented]")
{
    documented_bench b(always(fake_lambda::error(429, "TooManyRequestsException", "Rate Exceeded.")));
    CHECK(failures(b.one(with_error_handling, {original}))
        == texts{"processors failed: operation error Lambda: Invoke, exceeded maximum number of attempts, 4, https response error "
                 "StatusCode: 429, RequestID: r-4, TooManyRequestsException: Rate Exceeded."});
}

TEST_CASE("documented, error handling: no answer in time", "[processor][documented]")
{
    documented_bench b(always({.never = true}));
    const data::batch done = b.one(with_error_handling, {original});
    CHECK(contents(done) == texts{original});
    CHECK(failures(done)[0].starts_with("processors failed: operation error Lambda: Invoke, "));
    CHECK(b.lambda.calls.size() == 4);
    CHECK(b.world.elapsed() >= 20s);
}

TEST_CASE("documented, error handling: an answer that is no JSON flags the original", "[processor][documented]")
{
    documented_bench b(always({200, "<html>", ""}));
    const data::batch done = b.one(with_error_handling, {original});
    CHECK(contents(done) == texts{original});
    CHECK(failures(done)[0].starts_with("result mapping failed: failed assignment (line 1): "));
}

TEST_CASE("documented, error handling: each message of a batch has its own outcome", "[processor][documented]")
{
    documented_bench b([](const fake_lambda::call& c) {
        return c.body == "{\"n\":2}" ? fake_lambda::function_error(R"({"errorMessage":"two","errorType":"E"})") : echo(c);
    });
    const data::batch done = b.one(with_error_handling, {R"({"n":1})", R"({"n":2})", R"({"n":3})"});
    CHECK(contents(done) == texts{R"({"n":1})", R"({"n":2})", R"({"n":3})"});
    CHECK(failures(done) == texts{"", "result mapping failed: failed assignment (line 1): Invocation failed due to E: two", ""});
}

TEST_CASE("documented, request map: the function sees the request, the original stays", "[processor][documented]")
{
    documented_bench b(always({200, R"({"ignored":true})", ""}));
    const data::batch done = b.one(with_request, {original});
    CHECK(contents(done) == texts{original});
    CHECK(failures(done) == texts{""});
    REQUIRE(b.lambda.calls.size() == 1);
    CHECK(b.lambda.calls[0].function == "trigger_user_update");
    CHECK(b.lambda.calls[0].body == R"({"id":"foo","username":"fooey"})");
}

TEST_CASE("documented, request map: a function error changes nothing, not even metadata", "[processor][documented]")
{
    documented_bench b(always(fake_lambda::function_error(R"({"errorMessage":"m"})")));
    const data::batch done = b.one(with_request, {original});
    CHECK(contents(done) == texts{original});
    CHECK(failures(done) == texts{""});
    CHECK(done[0].metadata().empty());
}

TEST_CASE("documented, request map: a failed invocation flags the original", "[processor][documented]")
{
    documented_bench b(always(fake_lambda::error(403, "AccessDeniedException", "no")));
    CHECK(failures(b.one(with_request, {original}))
        == texts{"processors failed: operation error Lambda: Invoke, https response error StatusCode: 403, RequestID: r-1, "
                 "api error AccessDeniedException: no"});
}

TEST_CASE("documented, request map: a message that is no JSON is flagged and the function is not called", "[processor][documented]")
{
    documented_bench b(&echo);
    const data::batch done = b.one(with_request, {"not json", original});
    CHECK(contents(done) == texts{"not json", original});
    CHECK(failures(done)[0].starts_with("request mapping failed: failed assignment (line 1): "));
    CHECK(failures(done)[1].empty());
    CHECK(b.lambda.calls.size() == 1);
}
