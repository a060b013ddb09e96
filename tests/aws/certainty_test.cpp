#include "simulated_lambda.hpp"

#include <lambent/aws/retryable.hpp>

using namespace lambent;
using namespace lambent::aws;
using namespace std::chrono_literals;

// Each row of the table in retryable.hpp, through the whole client: what the default policy makes of it, and what the caller's
// word that running twice does no harm adds.
namespace {

struct row
{
    std::string_view what;
    int status;                ///< 0: `fault` says what goes wrong; -1: `code` is the whole answer
    std::string_view code;
    double sim::faults::*fault;
    core::error_code error;
    aws::certainty known;
    unsigned by_default;       ///< attempts of four at most
    unsigned idempotent;
};

const row rows[] = {
    {"refused connection", 0, "", &sim::faults::refuse, http::errc::connect_failed, certainty::not_sent, 4, 4},
    {"hung connection", 0, "", &sim::faults::dial_hang, http::errc::connect_timeout, certainty::not_sent, 4, 4},
    {"no answer", 0, "", &sim::faults::hang, http::errc::response_timeout, certainty::maybe_executed, 1, 4},
    {"garbage for an answer", -1, "\x01\x02 no HTTP\r\n\r\n", nullptr, http::errc::malformed_response, certainty::maybe_executed, 1, 4},
    {"too many requests", 429, "TooManyRequestsException", nullptr, errc::throttled, certainty::refused, 4, 4},
    {"throttling by another name", 400, "ThrottlingException", nullptr, errc::throttled, certainty::refused, 4, 4},
    {"EC2 throttled", 502, "EC2ThrottledException", nullptr, errc::throttled, certainty::refused, 4, 4},
    {"EC2 unexpected", 502, "EC2UnexpectedException", nullptr, errc::service_error, certainty::refused, 4, 4},
    {"interface not ready", 502, "ENINotReadyException", nullptr, errc::service_error, certainty::refused, 4, 4},
    {"resource not ready", 502, "ResourceNotReadyException", nullptr, errc::service_error, certainty::refused, 4, 4},
    {"interfaces used up", 502, "ENILimitReachedException", nullptr, errc::service_error, certainty::refused, 4, 4},
    {"addresses used up", 502, "SubnetIPAddressLimitReachedException", nullptr, errc::service_error, certainty::refused, 4, 4},
    {"EC2 denied", 502, "EC2AccessDeniedException", nullptr, errc::misconfigured_function, certainty::refused, 1, 1},
    {"runtime", 502, "InvalidRuntimeException", nullptr, errc::misconfigured_function, certainty::refused, 1, 1},
    {"security group", 502, "InvalidSecurityGroupIDException", nullptr, errc::misconfigured_function, certainty::refused, 1, 1},
    {"subnet", 502, "InvalidSubnetIDException", nullptr, errc::misconfigured_function, certainty::refused, 1, 1},
    {"zip file", 502, "InvalidZipFileException", nullptr, errc::misconfigured_function, certainty::refused, 1, 1},
    {"key denied", 502, "KMSAccessDeniedException", nullptr, errc::misconfigured_function, certainty::refused, 1, 1},
    {"key disabled", 502, "KMSDisabledException", nullptr, errc::misconfigured_function, certainty::refused, 1, 1},
    {"key in a wrong state", 502, "KMSInvalidStateException", nullptr, errc::misconfigured_function, certainty::refused, 1, 1},
    {"no such key", 502, "KMSNotFoundException", nullptr, errc::misconfigured_function, certainty::refused, 1, 1},
    {"service exception", 500, "ServiceException", nullptr, errc::service_error, certainty::maybe_executed, 1, 4},
    {"unavailable front end", 503, "", nullptr, errc::service_error, certainty::maybe_executed, 1, 4},
    {"gateway timeout", 504, "", nullptr, errc::service_error, certainty::maybe_executed, 1, 4},
    {"snapshot not ready", 409, "SnapStartNotReadyException", nullptr, errc::refused, certainty::refused, 4, 4},
    {"artifact pending", 409, "CodeArtifactUserPendingException", nullptr, errc::refused, certainty::refused, 4, 4},
    {"being updated", 409, "ResourceConflictException", nullptr, errc::refused, certainty::refused, 4, 4},
    {"durable name taken", 409, "DurableExecutionAlreadyStartedException", nullptr, errc::refused, certainty::refused, 1, 1},
    {"snapshot late", 408, "SnapStartTimeoutException", nullptr, errc::refused, certainty::refused, 2, 2},
    {"mount late", 408, "EFSMountTimeoutException", nullptr, errc::refused, certainty::refused, 2, 2},
    {"mount unreachable", 408, "EFSMountConnectivityException", nullptr, errc::refused, certainty::refused, 2, 2},
    {"S3 mount late", 408, "S3FilesMountTimeoutException", nullptr, errc::refused, certainty::refused, 2, 2},
    {"S3 mount unreachable", 408, "S3FilesMountConnectivityException", nullptr, errc::refused, certainty::refused, 2, 2},
    {"file system I/O", 410, "EFSIOException", nullptr, errc::refused, certainty::maybe_executed, 1, 1},
    {"snapshot error", 400, "SnapStartException", nullptr, errc::refused, certainty::refused, 1, 1},
    {"recursion", 400, "RecursiveInvocationException", nullptr, errc::refused, certainty::refused, 1, 1},
    {"parameter", 400, "InvalidParameterValueException", nullptr, errc::refused, certainty::refused, 1, 1},
    {"content", 400, "InvalidRequestContentException", nullptr, errc::refused, certainty::refused, 1, 1},
    {"mode", 400, "ModeNotSupportedException", nullptr, errc::refused, certainty::refused, 1, 1},
    {"no version", 400, "NoPublishedVersionException", nullptr, errc::refused, certainty::refused, 1, 1},
    {"quota", 402, "ServiceQuotaExceededException", nullptr, errc::refused, certainty::refused, 1, 1},
    {"not found", 404, "ResourceNotFoundException", nullptr, errc::function_not_found, certainty::refused, 1, 1},
    {"too large", 413, "RequestTooLargeException", nullptr, errc::payload_too_large, certainty::refused, 1, 1},
    {"too large, serialized", 413, "SerializedRequestEntityTooLargeException", nullptr, errc::payload_too_large, certainty::refused, 1, 1},
    {"media type", 415, "UnsupportedMediaTypeException", nullptr, errc::refused, certainty::refused, 1, 1},
    // The same keys again, and clocks that agree: nothing to try a second time.
    {"expired", 403, "ExpiredTokenException", nullptr, errc::access_denied, certainty::refused, 1, 1},
    {"unknown key", 403, "UnrecognizedClientException", nullptr, errc::access_denied, certainty::refused, 1, 1},
    {"bad signature", 403, "InvalidSignatureException", nullptr, errc::access_denied, certainty::refused, 1, 1},
    {"denied", 403, "AccessDeniedException", nullptr, errc::access_denied, certainty::refused, 1, 1},
};

} // namespace

TEST_CASE("certainty: each kind of failure is repeated as its row says, counted, and told in the error", "[aws][certainty]")
{
    for (const row& r : rows) {
        for (const bool idempotent : {false, true}) {
            INFO(r.what << (idempotent ? ", idempotent" : ""));
            bench b;
            b.options.attempt_timeout = 5s;
            b.call.idempotent = idempotent;
            if (r.fault != nullptr)
                b.network.faults.*r.fault = 1;
            else
                b.answers = {r.status < 0 ? std::string(r.code) : refusal_of(r.status, r.code)};
            const auto reply = b.invoke();
            REQUIRE_FALSE(reply);
            const unsigned attempts = idempotent ? r.idempotent : r.by_default;
            CHECK(reply.error().code == r.error);
            CHECK(reply.error().certainty == r.known);
            CHECK(b.report.certainty == r.known);
            CHECK(b.report.attempts == attempts);
            const lambda_stats& stats = b.get().stats();
            CHECK(stats.attempts == attempts);
            certainty_counts failed;
            for (unsigned i = 0; i < attempts; ++i)
                failed.count(r.known);
            CHECK(stats.failed_attempts.not_sent == failed.not_sent);
            CHECK(stats.failed_attempts.refused == failed.refused);
            CHECK(stats.failed_attempts.maybe_executed == failed.maybe_executed);
            CHECK(stats.failed_attempts.executed == failed.executed);
            CHECK(stats.failed_calls.total() == 1);
            CHECK(stats.failed == 1);
            CHECK(stats.ambiguous_retried == (r.known > certainty::refused ? attempts - 1 : 0));
        }
    }
}

TEST_CASE("certainty: an answer that began and broke off has run", "[aws][certainty]")
{
    for (const bool idempotent : {false, true}) {
        bench b;
        b.call.idempotent = idempotent;
        b.answers = {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"};
        b.options.attempt_timeout = 1s; // the rest never comes
        const auto reply = b.invoke();
        REQUIRE_FALSE(reply);
        CHECK(reply.error().code == http::errc::body_timeout);
        CHECK(reply.error().certainty == certainty::executed);
        CHECK(b.report.attempts == (idempotent ? 4 : 1));
        CHECK(b.get().stats().failed_attempts.executed == b.report.attempts);
        CHECK(b.get().stats().failed_calls.executed == 1);
    }
}

TEST_CASE("certainty: a connection gone stale before a byte left is forgiven, for any call", "[aws][certainty]")
{
    bench b;
    REQUIRE(b.invoke());
    b.network.break_all();
    const auto reply = b.invoke();
    REQUIRE(reply);
    CHECK(reply->attempts == 1);
    CHECK(b.get().transport_stats().stale_retried + b.get().transport_stats().opened >= 2);
    CHECK(b.get().stats().failed_attempts.total() == 0);
}

TEST_CASE("certainty: of several attempts the highest counts", "[aws][certainty]")
{
    bench b;
    b.call.idempotent = true;
    b.options.retry.retries = 1;
    b.answers = {refusal_of(500, "ServiceException"), refusal_of(404, "ResourceNotFoundException")};
    const auto reply = b.invoke();
    REQUIRE_FALSE(reply);
    CHECK(reply.error().code == errc::function_not_found);
    CHECK(reply.error().certainty == certainty::maybe_executed);
    CHECK(b.get().stats().failed_attempts.maybe_executed == 1);
    CHECK(b.get().stats().failed_attempts.refused == 1);
    CHECK(b.get().stats().failed_calls.maybe_executed == 1);
    CHECK(b.get().stats().ambiguous_retried == 1);
}

namespace {

awaitable<void> call_on(bench& b, int calls)
{
    for (int i = 0; i < calls; ++i) {
        const auto reply = co_await b.get().invoke(b.call, core::forever);
        static_cast<void>(reply);
    }
}

} // namespace

TEST_CASE("budget: a service that fails for long is not stormed", "[aws][certainty]")
{
    struct row
    {
        int status;
        std::string_view code;
        unsigned budget;
        std::uint64_t retries;
    };
    const row storms[] = {
        {502, "EC2UnexpectedException", 500, 500 / 14},
        {429, "TooManyRequestsException", 500, 500 / 5},
        {502, "EC2UnexpectedException", 28, 2},
        {502, "EC2UnexpectedException", 0, 3 * 1000},
    };
    for (const row& storm : storms) {
        INFO(storm.status << ", budget " << storm.budget);
        bench b;
        b.options.retry.budget = storm.budget;
        b.answers = {refusal_of(storm.status, storm.code)};
        b.world.run(call_on(b, 1000));
        CHECK(b.get().stats().retries == storm.retries);
        CHECK(b.requests.size() == 1000 + storm.retries);
        if (storm.budget > 0)
            CHECK(b.error().find("(not repeated: too many calls of this client have been of late, see retry.budget)") != std::string::npos);
        // It recovers: each success gives a token back.
        b.answers = {answer_of(200, "{}")};
        b.world.run(call_on(b, 14));
        b.answers = {refusal_of(storm.status, storm.code), answer_of(200, "{}")};
        CHECK(b.invoke());
    }
}

TEST_CASE("budget: with 500 answered for a minute, attempts stay below calls and bucket", "[aws][certainty]")
{
    bench b;
    b.call.idempotent = true;
    b.answers = {refusal_of(500, "ServiceException")};
    std::uint64_t calls = 0;
    while (b.world.elapsed() < 60s) {
        REQUIRE_FALSE(b.invoke());
        ++calls;
    }
    CHECK(b.get().stats().attempts <= calls + 500 / 14);
    CHECK(b.get().stats().attempts > calls);
}
