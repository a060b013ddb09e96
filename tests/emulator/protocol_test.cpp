#include "signed_request.hpp"

#include <lambent/core/bytes.hpp>
#include <lambent/emulator/json_text.hpp>
#include <lambent/emulator/protocol.hpp>

using namespace lambent;
using namespace lambent::emulator;
using namespace std::chrono_literals;

namespace {

invoke_operation read(const http::server_request& request)
{
    auto operation = read_invoke(request);
    INFO((std::holds_alternative<service_error>(operation) ? std::get<service_error>(operation).message : ""));
    REQUIRE(std::holds_alternative<invoke_operation>(operation));
    return std::get<invoke_operation>(operation);
}

service_error refusal_of(const http::server_request& request)
{
    auto operation = read_invoke(request);
    REQUIRE(std::holds_alternative<service_error>(operation));
    return std::get<service_error>(operation);
}

std::string field(const http::server_response& response, std::string_view name)
{
    return std::string(response.fields.get(name).value_or("(absent)"));
}

} // namespace

TEST_CASE("protocol: name and qualifier come from path and query, decoded", "[emulator][protocol]")
{
    CHECK(read(invoke_request("foo")).function.name == "foo");
    CHECK(read(invoke_request("foo")).function.qualifier.empty());
    CHECK(read(invoke_request("foo%3Aprod")).function.qualifier == "prod");
    http::server_request request = invoke_request("foo");
    request.query = "x=1&Qualifier=%24LATEST&Qualifier=2";
    CHECK(read(request).function.qualifier == "$LATEST");
    request = invoke_request("foo%3A%24LATEST");
    request.query = "Qualifier=$LATEST";
    CHECK(read(request).function.qualifier == "$LATEST");
    request = invoke_request("arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Amy-fn%3Aprod");
    CHECK(read(request).function.region == "us-east-1");
    CHECK(read(request).function.account == "123456789012");
    CHECK(read(request).function.name == "my-fn");
    request = invoke_request("foo");
    request.path = "/base/path" + request.path;
    CHECK(read(request).function.name == "foo");
    request = invoke_request("foo");
    request.query = "Qualifier";
    CHECK(read(request).function.qualifier.empty());
}

TEST_CASE("protocol: two qualifiers that differ are a wrong parameter", "[emulator][protocol]")
{
    http::server_request request = invoke_request("foo%3Aprod");
    request.query = "Qualifier=test";
    const service_error error = refusal_of(request);
    CHECK(error.status == 400);
    CHECK(error.type == "InvalidParameterValueException");
    CHECK(error.message == "The derived qualifier from the function name does not match the specified qualifier.");
}

TEST_CASE("protocol: names, qualifiers and enumerations that break their pattern are validation errors", "[emulator][protocol]")
{
    service_error error = refusal_of(invoke_request("fo%20o"));
    CHECK(error.status == 400);
    CHECK(error.type == "ValidationException");
    CHECK(error.message.find("1 validation error detected: Value 'fo o' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:")
        == 0);
    CHECK(refusal_of(invoke_request(std::string(171, 'a'))).message.find("length less than or equal to 170") != std::string::npos);
    http::server_request request = invoke_request("foo");
    request.query = "Qualifier=a%20b";
    CHECK(refusal_of(request).type == "ValidationException");
    request = invoke_request("foo");
    request.fields.add("X-Amz-Invocation-Type", "Later");
    CHECK(refusal_of(request).message.find("Value 'Later' at 'invocationType'") != std::string::npos);
    request = invoke_request("foo");
    request.fields.add("X-Amz-Log-Type", "Head");
    CHECK(refusal_of(request).message.find("Value 'Head' at 'logType'") != std::string::npos);
}

TEST_CASE("protocol: paths and methods of no operation are forbidden", "[emulator][protocol]")
{
    http::server_request request = invoke_request("foo");
    request.method = "GET";
    CHECK(refusal_of(request).status == 403);
    for (const char* path : {"/", "/2015-03-31/functions", "/2015-03-31/functions/invocations", "/2015-03-31/functions/a/b/invocations",
             "/2015-03-31/functions/foo/invoke-async", "/2015-03-31/functions/foo/invocations/"}) {
        request = invoke_request("foo");
        request.path = path;
        INFO(path);
        CHECK(refusal_of(request).message == "Unable to determine service/operation name to be authorized");
    }
}

TEST_CASE("protocol: types, log and client context are read from headers", "[emulator][protocol]")
{
    http::server_request request = invoke_request("foo");
    CHECK(read(request).type == invocation_type::request_response);
    CHECK_FALSE(read(request).log_tail);
    request.fields.add("x-amz-log-type", "Tail");
    CHECK(read(request).log_tail);
    request.fields.add("X-Amz-Invocation-Type", "Event");
    CHECK(read(request).type == invocation_type::event);
    CHECK_FALSE(read(request).log_tail);
    request.fields.set("X-Amz-Invocation-Type", "DryRun");
    CHECK(read(request).type == invocation_type::dry_run);

    request = invoke_request("foo");
    request.fields.add("X-Amz-Client-Context", core::to_base64(R"({"custom":{"a":1}})"));
    CHECK(read(request).client_context == R"({"custom":{"a":1}})");
    request.fields.set("X-Amz-Client-Context", "not base64");
    CHECK(refusal_of(request).type == "InvalidRequestContentException");
    request.fields.set("X-Amz-Client-Context", core::to_base64("not json"));
    CHECK(refusal_of(request).type == "InvalidRequestContentException");
    request.fields.set("X-Amz-Client-Context", core::to_base64('"' + std::string(2686, 'x') + '"'));
    CHECK(refusal_of(request).message.find("3583") != std::string::npos);
}

TEST_CASE("protocol: a refused call's function is named as far as it can be", "[emulator][protocol]")
{
    CHECK(named_function(invoke_request("foo%3Aprod")) == "foo");
    CHECK(named_function(invoke_request("f%20o")) == "f o");
    http::server_request request = invoke_request("foo");
    request.path = "/other";
    CHECK(named_function(request).empty());
}

TEST_CASE("protocol: payloads are JSON, or nothing", "[emulator][protocol]")
{
    CHECK_FALSE(check_payload(invocation_type::request_response, ""));
    CHECK_FALSE(check_payload(invocation_type::request_response, "{\"a\":1}"));
    const auto error = check_payload(invocation_type::request_response, "{\"a\":1,\n  hello}");
    REQUIRE(error);
    CHECK(error->status == 400);
    CHECK(error->type == "InvalidRequestContentException");
    CHECK(error->message == "Could not parse request body into json: Could not parse payload into json: Unexpected character ('h' (code 104)): "
                            "was expecting double-quote to start field name\n at [Source: (byte[])\"{\"a\":1,\n  hello}\"; line: 2, column: 3]");
}

TEST_CASE("protocol: payloads have limits, by invocation type", "[emulator][protocol]")
{
    const auto text_of = [](std::size_t bytes) { return '"' + std::string(bytes - 2, 'x') + '"'; };
    CHECK_FALSE(check_payload(invocation_type::request_response, text_of(6'291'456)));
    const auto sync = check_payload(invocation_type::request_response, text_of(6'291'457));
    REQUIRE(sync);
    CHECK(sync->status == 413);
    CHECK(sync->type == "RequestTooLargeException");
    CHECK(sync->message == "Request must be smaller than 6291456 bytes for the InvokeFunction operation");
    CHECK_FALSE(check_payload(invocation_type::event, text_of(1'048'576)));
    const auto event = check_payload(invocation_type::event, text_of(1'048'577));
    REQUIRE(event);
    CHECK(event->message == "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)");
}

TEST_CASE("protocol: errors have the service's headers and members", "[emulator][protocol]")
{
    http::server_response response = to_response(not_found("arn:aws:lambda:eu-west-1:123456789012:function:nope"), "the-id");
    CHECK(response.status == 404);
    CHECK(field(response, "x-amzn-ErrorType") == "ResourceNotFoundException");
    CHECK(field(response, "x-amzn-RequestId") == "the-id");
    CHECK(field(response, "Content-Type") == "application/json");
    CHECK(response.body == R"({"Type":"User","Message":"Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nope"})");
    CHECK(to_response(throttled("ConcurrentInvocationLimitExceeded"), "i").body
        == R"({"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."})");
    CHECK(to_response(throttled("x"), "i").status == 429);
    CHECK(to_response(internal_failure(), "i").status == 500);
    CHECK(to_response(internal_failure(), "i").body.find(R"("Type":"Service")") != std::string::npos);
    const service_error front{403, "MissingAuthenticationTokenException", "Missing Authentication Token", {}};
    CHECK(to_response(front, "i").body == R"({"message":"Missing Authentication Token"})");
    CHECK(bad_gateway().status == 502);
    CHECK_FALSE(bad_gateway().fields.contains("x-amzn-ErrorType"));
    CHECK(unreachable_region("us-east-1", "eu-west-1").message == "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')");
    CHECK(foreign_account("AKID", "123456789012", "the-arn").type == "AccessDeniedException");
}

TEST_CASE("protocol: replies carry version, function error and log", "[emulator][protocol]")
{
    function_reply reply;
    reply.payload = "{\"ok\":true}";
    http::server_response response = to_response(reply, "the-id", "$LATEST", nullptr);
    CHECK(response.status == 200);
    CHECK(response.body == "{\"ok\":true}");
    CHECK(field(response, "X-Amz-Executed-Version") == "$LATEST");
    CHECK_FALSE(response.fields.contains("X-Amz-Function-Error"));
    CHECK_FALSE(response.fields.contains("X-Amz-Log-Result"));
    const std::string log = "a log";
    response = to_response(thrown("bad \"id\""), "the-id", "7", &log);
    CHECK(response.status == 200);
    CHECK(field(response, "X-Amz-Function-Error") == "Unhandled");
    CHECK(response.body == R"({"errorMessage":"bad \"id\"","errorType":"Error"})");
    CHECK(core::from_base64(field(response, "X-Amz-Log-Result")) == "a log");
    CHECK(accepted("i").status == 202);
    CHECK(accepted("i").body.empty());
    CHECK(dry_run("i", "$LATEST").status == 204);
}

TEST_CASE("protocol: an answer beyond the limit is a function error", "[emulator][protocol]")
{
    function_reply reply;
    reply.payload.assign(answer_bytes_max, 'x');
    CHECK_FALSE(within_limits(reply).function_error);
    reply.payload += 'x';
    const function_reply refused = within_limits(reply);
    CHECK(refused.function_error == "Unhandled");
    CHECK(refused.payload
        == R"({"errorMessage":"Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"})");
}

TEST_CASE("protocol: a function that takes too long is reported with time, request and limit", "[emulator][protocol]")
{
    const function_reply reply = timed_out(noon() + 120ms, "the-id", 3s);
    CHECK(reply.function_error == "Unhandled");
    CHECK(reply.payload == R"({"errorMessage":"2026-11-22T12:00:00.120Z the-id Task timed out after 3.00 seconds"})");
    CHECK(timed_out(noon(), "the-id", 1500ms).payload.find("after 1.50 seconds") != std::string::npos);
}

TEST_CASE("protocol: the log frames what the function printed, and keeps the last 4 KiB", "[emulator][protocol]")
{
    measured facts;
    facts.request_id = "the-id";
    facts.version = "$LATEST";
    facts.took = 12340us;
    function_reply reply;
    reply.log = "hello";
    CHECK(log_tail(facts, reply, false)
        == "START RequestId: the-id Version: $LATEST\nhello\nEND RequestId: the-id\nREPORT RequestId: the-id\tDuration: 12.34 ms\tBilled Duration: 13 ms"
           "\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t\n");
    reply.log.assign(10'000, 'x');
    const std::string tail = log_tail(facts, reply, false);
    CHECK(tail.size() == 4096);
    CHECK(tail.ends_with("64 MB\t\n"));
    CHECK(log_tail(facts, timed_out(noon(), "the-id", 3s), true).find("Task timed out after 3.00 seconds") != std::string::npos);
}
