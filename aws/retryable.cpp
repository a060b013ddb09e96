#include <lambent/aws/retryable.hpp>

#include <lambent/http/headers.hpp>

#include <algorithm>
#include <span>

namespace lambent::aws {
namespace {

// The SDKs' common list; codes compare without case, as the SDK for Go matches them.
constexpr std::string_view throttling[] = {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
    "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException", "RequestLimitExceeded",
    "BandwidthLimitExceeded", "LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete", "EC2ThrottledException"};
constexpr std::string_view permanent_502[] = {"EC2AccessDeniedException", "InvalidRuntimeException", "InvalidSecurityGroupIDException",
    "InvalidSubnetIDException", "InvalidZipFileException", "KMSAccessDeniedException", "KMSDisabledException", "KMSInvalidStateException",
    "KMSNotFoundException"};
constexpr std::string_view not_ready[] = {"EC2UnexpectedException", "ENINotReadyException", "ResourceNotReadyException",
    "SnapStartNotReadyException", "CodeArtifactUserPendingException"};
constexpr std::string_view exhausted[] = {
    "ENILimitReachedException", "SubnetIPAddressLimitReachedException", "ResourceConflictException"};
constexpr std::string_view mounting[] = {"SnapStartTimeoutException", "EFSMountTimeoutException", "EFSMountConnectivityException",
    "S3FilesMountTimeoutException", "S3FilesMountConnectivityException"};
constexpr std::string_view expired[] = {"ExpiredToken", "ExpiredTokenException"};
constexpr std::string_view skewed[] = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"};
constexpr std::string_view perhaps_skewed[] = {
    "InvalidSignatureException", "InvalidSignature", "SignatureDoesNotMatch", "AuthFailure"};

bool one_of(std::span<const std::string_view> list, std::string_view code) noexcept
{
    return std::any_of(list.begin(), list.end(), [&](std::string_view known) { return http::equal_ignoring_case(known, code); });
}

} // namespace

bool is_throttling(int status, std::string_view code) noexcept
{
    return status == 429 || one_of(throttling, code);
}

bool is_permanent_502(std::string_view code) noexcept
{
    return one_of(permanent_502, code);
}

classification classify_answer(int status, std::string_view code, bool clocks_differ) noexcept
{
    if (is_throttling(status, code))
        return {retry_class::throttled, certainty::refused};
    if (is_permanent_502(code))
        return {retry_class::never, certainty::refused};
    if (one_of(not_ready, code))
        return {retry_class::transient, certainty::refused};
    if (one_of(exhausted, code))
        return {retry_class::slow, certainty::refused};
    if (one_of(mounting, code))
        return {retry_class::once, certainty::refused};
    if (one_of(expired, code))
        return {retry_class::fresh_keys, certainty::refused};
    if (one_of(skewed, code) || (clocks_differ && one_of(perhaps_skewed, code)))
        return {retry_class::clock, certainty::refused};
    if (status >= 500)
        return {retry_class::ambiguous, certainty::maybe_executed};
    if (status == 408)
        return {retry_class::once, certainty::refused};
    if (status == 410)
        return {retry_class::never, certainty::maybe_executed};
    if (status >= 200 && status < 300)
        return {retry_class::never, certainty::executed};
    return {retry_class::never, certainty::refused};
}

classification classify_transport(const core::error_code& failure, http::progress progress, int status) noexcept
{
    const bool hopeless = failure == core::condition::cancelled || failure == make_error_code(core::errc::deadline_exceeded)
        || failure == make_error_code(http::errc::invalid_request) || failure == make_error_code(http::errc::invalid_url)
        || failure == make_error_code(http::errc::certificate_refused) || failure == make_error_code(http::errc::queue_full)
        || failure == make_error_code(http::errc::header_too_large) || failure == make_error_code(http::errc::body_too_large);
    if (status >= 300) {
        // Its body is lost, its status stands.
        classification answered = classify_answer(status, {}, false);
        if (hopeless)
            answered.kind = retry_class::never;
        return answered;
    }
    const certainty known = status != 0 ? certainty::executed : progress == http::progress::not_sent ? certainty::not_sent : certainty::maybe_executed;
    if (hopeless)
        return {retry_class::never, known};
    return {known == certainty::not_sent ? retry_class::transient : retry_class::ambiguous, known};
}

} // namespace lambent::aws
