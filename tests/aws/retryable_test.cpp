#include <lambent/aws/retryable.hpp>

#include <support/catch.hpp>

using namespace lambent;
using namespace lambent::aws;

namespace {

struct row
{
    int status;
    std::string_view code;
    retry_class kind;
    aws::certainty known;
};

void check(const row& expected)
{
    INFO(expected.status << ' ' << expected.code);
    const classification got = classify_answer(expected.status, expected.code, false);
    CHECK(got.kind == expected.kind);
    CHECK(got.certainty == expected.known);
}

} // namespace

TEST_CASE("retryable: a throttled call did not run", "[aws][retry]")
{
    for (const std::string_view code : {"TooManyRequestsException", "UnknownError", ""})
        check({429, code, retry_class::throttled, certainty::refused});
    check({400, "ThrottlingException", retry_class::throttled, certainty::refused});
    check({502, "EC2ThrottledException", retry_class::throttled, certainty::refused});
    check({429, "toomanyrequestsexception", retry_class::throttled, certainty::refused});
}

TEST_CASE("retryable: what gets ready by itself is tried again", "[aws][retry]")
{
    for (const std::string_view code : {"EC2UnexpectedException", "ENINotReadyException", "ResourceNotReadyException"})
        check({502, code, retry_class::transient, certainty::refused});
    for (const std::string_view code : {"SnapStartNotReadyException", "CodeArtifactUserPendingException"})
        check({409, code, retry_class::transient, certainty::refused});
}

TEST_CASE("retryable: what ran out comes back slowly", "[aws][retry]")
{
    check({502, "ENILimitReachedException", retry_class::slow, certainty::refused});
    check({502, "SubnetIPAddressLimitReachedException", retry_class::slow, certainty::refused});
    check({409, "ResourceConflictException", retry_class::slow, certainty::refused});
}

TEST_CASE("retryable: the nine configuration errors that Lambda calls 502 are permanent", "[aws][retry]")
{
    for (const std::string_view code : {"EC2AccessDeniedException", "InvalidRuntimeException", "InvalidSecurityGroupIDException",
             "InvalidSubnetIDException", "InvalidZipFileException", "KMSAccessDeniedException", "KMSDisabledException",
             "KMSInvalidStateException", "KMSNotFoundException"})
        check({502, code, retry_class::never, certainty::refused});
}

TEST_CASE("retryable: after another 5xx nobody knows", "[aws][retry]")
{
    check({500, "ServiceException", retry_class::ambiguous, certainty::maybe_executed});
    check({502, "UnknownError", retry_class::ambiguous, certainty::maybe_executed});
    check({503, "ServiceUnavailableException", retry_class::ambiguous, certainty::maybe_executed});
    check({504, "GatewayTimeout", retry_class::ambiguous, certainty::maybe_executed});
}

TEST_CASE("retryable: mount and snapshot time-outs get one more chance", "[aws][retry]")
{
    for (const std::string_view code : {"SnapStartTimeoutException", "EFSMountTimeoutException", "EFSMountConnectivityException",
             "S3FilesMountTimeoutException", "S3FilesMountConnectivityException", "UnknownError"})
        check({408, code, retry_class::once, certainty::refused});
}

TEST_CASE("retryable: the client's own mistakes are permanent", "[aws][retry]")
{
    check({400, "InvalidRequestContentException", retry_class::never, certainty::refused});
    check({400, "RecursiveInvocationException", retry_class::never, certainty::refused});
    check({400, "SnapStartException", retry_class::never, certainty::refused});
    check({402, "ServiceQuotaExceededException", retry_class::never, certainty::refused});
    check({403, "AccessDeniedException", retry_class::never, certainty::refused});
    check({403, "UnrecognizedClientException", retry_class::never, certainty::refused});
    check({404, "ResourceNotFoundException", retry_class::never, certainty::refused});
    check({409, "DurableExecutionAlreadyStartedException", retry_class::never, certainty::refused});
    check({409, "UnknownError", retry_class::never, certainty::refused});
    check({410, "EFSIOException", retry_class::never, certainty::maybe_executed});
    check({413, "RequestTooLargeException", retry_class::never, certainty::refused});
    check({415, "UnsupportedMediaTypeException", retry_class::never, certainty::refused});
    check({418, "TeapotException", retry_class::never, certainty::refused});
    check({301, "UnknownError", retry_class::never, certainty::refused});
    check({307, "UnknownError", retry_class::never, certainty::refused});
}

TEST_CASE("retryable: expired keys ask for fresh ones", "[aws][retry]")
{
    check({403, "ExpiredTokenException", retry_class::fresh_keys, certainty::refused});
    check({400, "ExpiredToken", retry_class::fresh_keys, certainty::refused});
}

TEST_CASE("retryable: a bad signature is a matter of clocks only when they differ", "[aws][retry]")
{
    for (const std::string_view code : {"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"}) {
        CHECK(classify_answer(403, code, false).kind == retry_class::never);
        CHECK(classify_answer(403, code, true).kind == retry_class::clock);
        CHECK(classify_answer(403, code, true).certainty == certainty::refused);
    }
    for (const std::string_view code : {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"})
        CHECK(classify_answer(403, code, false).kind == retry_class::clock);
    CHECK(classify_answer(403, "AccessDeniedException", true).kind == retry_class::never);
}

TEST_CASE("retryable: an answer that cannot be decoded has run", "[aws][retry]")
{
    check({200, "", retry_class::never, certainty::executed});
}

TEST_CASE("retryable: what never left may go again", "[aws][retry]")
{
    using http::progress;
    for (const http::errc code : {http::errc::resolve_failed, http::errc::resolve_timeout, http::errc::connect_failed, http::errc::connect_timeout,
             http::errc::tls_handshake_failed, http::errc::tls_handshake_timeout, http::errc::queue_timeout, http::errc::write_failed}) {
        const classification got = classify_transport(code, progress::not_sent, 0);
        CHECK(got.kind == retry_class::transient);
        CHECK(got.certainty == certainty::not_sent);
    }
}

TEST_CASE("retryable: what cannot get better is not repeated though it never left", "[aws][retry]")
{
    using http::progress;
    for (const http::errc code : {http::errc::certificate_refused, http::errc::invalid_request, http::errc::queue_full}) {
        const classification got = classify_transport(code, progress::not_sent, 0);
        CHECK(got.kind == retry_class::never);
        CHECK(got.certainty == certainty::not_sent);
    }
    CHECK(classify_transport(core::errc::cancelled, progress::not_sent, 0).kind == retry_class::never);
    CHECK(classify_transport(core::errc::shutting_down, progress::not_sent, 0).kind == retry_class::never);
}

TEST_CASE("retryable: bytes left and no answer: the function may have run", "[aws][retry]")
{
    using http::progress;
    for (const http::errc code : {http::errc::reset_before_response, http::errc::write_failed, http::errc::write_timeout,
             http::errc::response_timeout, http::errc::malformed_response, http::errc::truncated_response}) {
        const classification got = classify_transport(code, progress::maybe_sent, 0);
        CHECK(got.kind == retry_class::ambiguous);
        CHECK(got.certainty == certainty::maybe_executed);
    }
    CHECK(classify_transport(core::errc::cancelled, progress::maybe_sent, 0).kind == retry_class::never);
    CHECK(classify_transport(core::errc::cancelled, progress::maybe_sent, 0).certainty == certainty::maybe_executed);
}

TEST_CASE("retryable: a success that broke off has run", "[aws][retry]")
{
    using http::progress;
    for (const http::errc code : {http::errc::truncated_response, http::errc::body_timeout, http::errc::malformed_response}) {
        const classification got = classify_transport(code, progress::maybe_sent, 200);
        CHECK(got.kind == retry_class::ambiguous);
        CHECK(got.certainty == certainty::executed);
    }
    const classification large = classify_transport(http::errc::body_too_large, progress::maybe_sent, 200);
    CHECK(large.kind == retry_class::never);
    CHECK(large.certainty == certainty::executed);
}

TEST_CASE("retryable: a refusal whose body broke off is judged by its status", "[aws][retry]")
{
    using http::progress;
    CHECK(classify_transport(http::errc::truncated_response, progress::maybe_sent, 404).kind == retry_class::never);
    CHECK(classify_transport(http::errc::truncated_response, progress::maybe_sent, 404).certainty == certainty::refused);
    CHECK(classify_transport(http::errc::truncated_response, progress::maybe_sent, 429).kind == retry_class::throttled);
    CHECK(classify_transport(http::errc::truncated_response, progress::maybe_sent, 500).kind == retry_class::ambiguous);
    CHECK(classify_transport(core::errc::cancelled, progress::maybe_sent, 429).kind == retry_class::never);
}
