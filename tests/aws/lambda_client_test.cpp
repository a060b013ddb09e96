#include "simulated_lambda.hpp"

#include <lambent/sigv4/amz_date.hpp>

#include <set>

using namespace lambent;
using namespace lambent::aws;
using namespace std::chrono_literals;

namespace {

std::string http_date(core::wall_time at)
{
    static constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::string basic;
    REQUIRE(sigv4::append_amz_date(basic, at));
    const int month = std::stoi(basic.substr(4, 2));
    return "Mon, " + basic.substr(6, 2) + " " + std::string(months[month - 1]) + " " + basic.substr(0, 4) + " " + basic.substr(9, 2) + ":"
        + basic.substr(11, 2) + ":" + basic.substr(13, 2) + " GMT";
}

} // namespace

TEST_CASE("lambda: an invocation arrives signed and its answer comes back", "[aws][client]")
{
    bench b;
    b.options.trace_id = "Root=1;x=\n";
    b.answers = {answer_of(200, "{\"ok\":true}", "X-Amz-Executed-Version: 7\r\nx-amzn-RequestId: rid\r\n")};
    b.call.qualifier = "$LATEST";
    const auto reply = b.invoke();
    REQUIRE(reply);
    CHECK(reply->payload == "{\"ok\":true}");
    CHECK(reply->executed_version == "7");
    CHECK(reply->request_id == "rid");
    CHECK(reply->attempts == 1);
    CHECK(b.report.certainty == certainty::executed);
    REQUIRE(b.requests.size() == 1);
    const received& request = b.requests[0];
    CHECK(request.method == "POST");
    CHECK(request.path == "/2015-03-31/functions/f/invocations");
    CHECK(request.query == "Qualifier=%24LATEST");
    CHECK(request.body == R"({"id":1})");
    CHECK(request.header("host") == "lambda.eu-west-1.amazonaws.com");
    CHECK(request.header("content-type") == "application/octet-stream");
    CHECK(request.header("user-agent").substr(0, 8) == "lambent/");
    CHECK(request.header("x-amzn-trace-id") == "Root=1;x=%0A");
    CHECK(request.header("authorization").find("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,") != std::string::npos);
    CHECK(b.verified(request));
}

TEST_CASE("lambda: the signature is as late as the connection", "[aws][client]")
{
    bench b;
    b.network.latency = 10min; // each way: a signature made before the dial would have expired
    REQUIRE(b.invoke());
    CHECK(b.verified(b.requests.at(0), -10min));
    CHECK_FALSE(b.verified(b.requests.at(0), -20min));
}

TEST_CASE("lambda: every attempt is signed anew", "[aws][client]")
{
    bench b;
    b.answers = {refusal_of(429, "TooManyRequestsException", "Retry-After: 3\r\n"), answer_of(200, "{}")};
    REQUIRE(b.invoke());
    REQUIRE(b.requests.size() == 2);
    CHECK(b.requests[0].header("x-amz-date") != b.requests[1].header("x-amz-date"));
    CHECK(b.verified(b.requests[1]));
    CHECK(b.get().stats().throttled == 1);
    CHECK(b.get().stats().retries == 1);
}

TEST_CASE("lambda: the payload and the keys are taken as they are, empty too", "[aws][client]")
{
    bench b;
    b.call.payload = {};
    b.source = make_static_source(credentials{"AKID", secret_string("secret"), {}, std::nullopt});
    REQUIRE(b.invoke());
    CHECK(b.requests[0].body.empty());
    CHECK(b.requests[0].header("content-length") == "0");
    CHECK(b.requests[0].header("x-amz-security-token") == "(none)");
}

TEST_CASE("lambda: a function error is an answer", "[aws][client]")
{
    bench b;
    b.answers = {answer_of(200, R"({"errorMessage":"x"})", "X-Amz-Function-Error: Unhandled\r\n")};
    const auto reply = b.invoke();
    REQUIRE(reply);
    CHECK(reply->function_error == "Unhandled");
    CHECK(b.requests.size() == 1);
    CHECK(b.get().stats().function_errors == 1);
    CHECK(b.get().stats().failed == 0);
}

TEST_CASE("lambda: a permanent refusal costs one request", "[aws][client]")
{
    bench b;
    b.answers = {refusal_of(404, "ResourceNotFoundException", "x-amzn-RequestId: r\r\n")};
    CHECK(b.error() == "operation error Lambda: Invoke, https response error StatusCode: 404, RequestID: r, ResourceNotFoundException: m");
    CHECK(b.requests.size() == 1);
    CHECK(b.report.attempts == 1);
    CHECK(b.report.status == 404);
    CHECK(b.report.error_type == "ResourceNotFoundException");
    CHECK(b.report.request_id == "r");
    CHECK(b.report.certainty == certainty::refused);
}

TEST_CASE("lambda: throttling ends after retries plus one requests", "[aws][client]")
{
    bench b;
    b.answers = {refusal_of(429, "TooManyRequestsException")};
    CHECK(b.error()
        == "operation error Lambda: Invoke, exceeded maximum number of attempts, 4, https response error StatusCode: 429, RequestID: , "
           "TooManyRequestsException: m");
    CHECK(b.requests.size() == 4);
    CHECK(b.get().stats().attempts == 4);
    CHECK(b.get().stats().failed == 1);
    CHECK(b.get().stats().in_flight == 0);
}

TEST_CASE("lambda: a 500 is repeated only where running twice does no harm", "[aws][client]")
{
    bench careful;
    careful.answers = {refusal_of(500, "ServiceException")};
    CHECK(careful.error() == "operation error Lambda: Invoke, https response error StatusCode: 500, RequestID: , ServiceException: m");
    CHECK(careful.requests.size() == 1);
    CHECK(careful.report.certainty == certainty::maybe_executed);
    bench at_least_once;
    at_least_once.options.retry.ambiguous = true;
    at_least_once.answers = {refusal_of(500, "ServiceException"), refusal_of(503, "Unavailable"), answer_of(200, "x")};
    CHECK(at_least_once.invoke()->attempts == 3);
}

TEST_CASE("lambda: an attempt that hangs ends at its time-out, as the original says it", "[aws][client]")
{
    bench b;
    b.network.faults.hang = 1;
    b.options.attempt_timeout = 5s;
    CHECK(b.error() == "operation error Lambda: Invoke, https response error StatusCode: 0, RequestID: , canceled, context deadline exceeded");
    CHECK(b.world.elapsed() >= 5s);
    CHECK(b.world.elapsed() < 6s);
    CHECK(b.report.certainty == certainty::maybe_executed);
    CHECK(b.get().stats().timed_out == 1);
    bench again;
    again.network.faults.hang = 1;
    again.options.attempt_timeout = 5s;
    again.options.retry.ambiguous = true;
    CHECK(again.error()
        == "operation error Lambda: Invoke, exceeded maximum number of attempts, 4, https response error StatusCode: 0, RequestID: , canceled, "
           "context deadline exceeded");
}

TEST_CASE("lambda: the call's deadline reaches every wait and names it", "[aws][client]")
{
    SECTION("connection")
    {
        bench b;
        b.network.faults.dial_hang = 1;
        CHECK(b.error(2s).find("operation error Lambda: Invoke, the call's deadline passed connecting to ") == 0);
        CHECK(b.world.elapsed() == 2s);
        CHECK(b.report.certainty == certainty::not_sent);
    }
    SECTION("answer")
    {
        bench b;
        b.network.faults.hang = 1;
        auto reply = b.invoke(2s);
        REQUIRE_FALSE(reply);
        CHECK(reply.error().code == core::errc::deadline_exceeded);
        CHECK(reply.error().detail == "operation error Lambda: Invoke, the call's deadline passed waiting for the response");
    }
    SECTION("rate limit")
    {
        bench b;
        counting_limiter limiter(b.world.shard());
        limiter.pause = 1h;
        b.limiter = &limiter;
        CHECK(b.error(2s) == "operation error Lambda: Invoke, the call's deadline passed waiting for the rate limit");
        CHECK(b.world.elapsed() == 2s);
        CHECK(b.requests.empty());
    }
    SECTION("back-off")
    {
        bench b;
        b.answers = {refusal_of(429, "TooManyRequestsException", "Retry-After: 4\r\n")};
        CHECK(b.error(2s).find("(the call's deadline leaves no time for another attempt)") != std::string::npos);
        CHECK(b.world.elapsed() < 2s);
    }
}

TEST_CASE("lambda: a refused connection is told as the original does, and tried again", "[aws][client]")
{
    bench b;
    b.options.endpoint = "http://localhost:1/base/";
    b.network.faults.refuse = 1;
    const std::string text = b.error();
    CHECK(text.find("operation error Lambda: Invoke, exceeded maximum number of attempts, 4, https response error StatusCode: 0, RequestID: , request send failed, "
                    "Post \"http://localhost:1/base/2015-03-31/functions/f/invocations\": ")
        == 0);
    CHECK(b.report.attempts == 4);
    CHECK(b.report.certainty == certainty::not_sent);
}

TEST_CASE("lambda: the limiter is asked once per request", "[aws][client]")
{
    bench b;
    counting_limiter limiter(b.world.shard());
    limiter.pause = 10ms;
    b.limiter = &limiter;
    b.answers = {refusal_of(429, "TooManyRequestsException")};
    b.error();
    CHECK(limiter.asked == 4);
}

TEST_CASE("lambda: expired keys are fetched anew once; without others the refusal stands", "[aws][client]")
{
    bench b;
    b.source = std::make_shared<rotating_source>(std::vector<std::string>{"OLD", "NEW"});
    b.answers = {refusal_of(403, "ExpiredTokenException"), answer_of(200, "{}")};
    REQUIRE(b.invoke());
    REQUIRE(b.requests.size() == 2);
    CHECK(b.requests[0].header("authorization").find("Credential=OLD/") != std::string::npos);
    CHECK(b.requests[1].header("authorization").find("Credential=NEW/") != std::string::npos);
    bench fixed;
    fixed.answers = {refusal_of(403, "ExpiredTokenException")};
    CHECK(fixed.error() == "operation error Lambda: Invoke, https response error StatusCode: 403, RequestID: , api error ExpiredTokenException: m");
    CHECK(fixed.requests.size() == 1);
}

TEST_CASE("lambda: a clock that is wrong is corrected from the answer's date, for later calls too", "[aws][client]")
{
    bench b;
    const std::string date = "Date: " + http_date(b.world.time().wall() + 10min) + "\r\n";
    b.answers = {refusal_of(403, "InvalidSignatureException", date), answer_of(200, "{}")};
    REQUIRE(b.invoke());
    REQUIRE(b.requests.size() == 2);
    CHECK(b.verified(b.requests[0]));
    CHECK(b.verified(b.requests[1], 10min));
    REQUIRE(b.invoke());
    CHECK(b.verified(b.requests.at(2), 10min));
}

TEST_CASE("lambda: what cannot be sent fails each call without a connection", "[aws][client]")
{
    bench b;
    SECTION("no region")
    {
        b.options.region.clear();
        CHECK(b.error() == "operation error Lambda: Invoke, failed to resolve service endpoint, endpoint rule error, Invalid Configuration: Missing Region");
    }
    SECTION("no scheme")
    {
        b.options.endpoint = "127.0.0.1:1";
        CHECK(b.error() == "operation error Lambda: Invoke, failed to resolve service endpoint, Failed to parse uri: 127.0.0.1:1");
    }
    SECTION("no function")
    {
        b.call.function = "";
        CHECK(b.error() == "operation error Lambda: Invoke, the function's name is empty");
    }
    SECTION("no keys")
    {
        b.source = make_static_source(core::error{errc::no_credentials, "static credentials are empty"});
        CHECK(b.error() == "operation error Lambda: Invoke, get identity: get credentials: failed to refresh cached credentials, static credentials are empty");
    }
    SECTION("no time")
    {
        b.options.attempt_timeout = 0s;
        CHECK(b.error() == "operation error Lambda: Invoke, context deadline exceeded");
    }
    CHECK(b.report.attempts == 0);
    CHECK(b.report.certainty == certainty::not_sent);
    CHECK(b.network.dialled() == 0);
}

TEST_CASE("lambda: a token that would break out of its header is not sent", "[aws][client]")
{
    bench b;
    b.source = make_static_source(credentials{"AKID", secret_string("secret"), secret_string("t\r\nX-Evil: 1"), std::nullopt});
    CHECK(b.error().find("operation error Lambda: Invoke, ") == 0);
    CHECK(b.requests.empty());
    CHECK(b.report.certainty == certainty::not_sent);
}

TEST_CASE("lambda: with an endpoint of one's own and no region, the scope's region is empty", "[aws][client]")
{
    bench b;
    b.options.region.clear();
    b.options.endpoint = "http://localhost:9000";
    REQUIRE(b.invoke());
    CHECK(b.requests[0].header("authorization").find("//lambda/aws4_request") != std::string::npos);
    CHECK(b.requests[0].header("host") == "localhost:9000");
}

TEST_CASE("lambda: cancelled at any step, a call ends once and leaves no connection", "[aws][client]")
{
    std::size_t cancelled = 0;
    for (std::size_t step = 0;; ++step) {
        bench b;
        counting_limiter limiter(b.world.shard());
        limiter.pause = 10ms;
        b.limiter = &limiter;
        b.answers = {refusal_of(429, "TooManyRequestsException"), answer_of(200, "{}")};
        b.world.cancel_at(step);
        auto reply = b.invoke();
        if (!b.world.was_cancelled()) {
            CHECK(reply.has_value());
            break;
        }
        INFO("step " << step);
        if (!reply) {
            ++cancelled;
            CHECK(reply.error().code == core::condition::cancelled);
            CHECK(reply.error().detail.find("operation error Lambda: Invoke, ") == 0);
            if (!b.requests.empty())
                CHECK(b.report.certainty != certainty::not_sent);
        }
        CHECK(b.get().stats().in_flight == 0);
        REQUIRE(step < 10000);
    }
    CHECK(cancelled > 5);
}

TEST_CASE("lambda: under every kind of fault a call ends once, and never denies that the function ran", "[aws][client][property]")
{
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        bench b(seed);
        INFO("seed " << seed);
        core::entropy& chance = b.world.chance();
        sim::faults& faults = b.network.faults;
        for (double* one : {&faults.refuse, &faults.dial_hang, &faults.reset, &faults.truncate, &faults.garbage, &faults.hang, &faults.close_idle,
                 &faults.split, &faults.delay})
            *one = chance.chance(0.3) ? 0.4 : 0;
        b.options.attempt_timeout = 3s;
        b.options.retry.ambiguous = chance.chance(0.5);
        b.answers = {answer_of(200, "{\"a\":1}")};
        for (int i = 0; i < 4; ++i) {
            const std::size_t before = b.requests.size();
            auto reply = b.invoke(chance.chance(0.3) ? core::duration(4s) : core::forever);
            const std::size_t ran = b.requests.size() - before;
            if (!reply && ran > 0)
                REQUIRE(b.report.certainty >= certainty::maybe_executed);
            if (!b.options.retry.ambiguous)
                REQUIRE(ran <= 1);
            REQUIRE(ran <= 4);
            REQUIRE(b.report.attempts <= 4);
            if (!reply)
                REQUIRE(reply.error().detail.find("operation error Lambda: Invoke, ") == 0);
        }
        REQUIRE(b.get().stats().in_flight == 0);
        REQUIRE(b.get().stats().calls == 4);
    }
}
