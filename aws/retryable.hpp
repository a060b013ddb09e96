#pragma once

#include <lambent/aws/certainty.hpp>
#include <lambent/core/error.hpp>
#include <lambent/http/errc.hpp>

#include <string_view>

namespace lambent::aws {

/// What a failed attempt asks for.
///
///   condition                                                                      status   class          certainty
///   DNS, connect, TLS, queue time-out; nothing written                             -        transient      not_sent
///   certificate refused, request refused locally, queue full, cancelled, closing   -        never          not_sent
///   broken or late after bytes left                                                -        ambiguous      maybe_executed
///   a 2xx answer began and broke off                                               2xx      ambiguous      executed
///   answer larger than its limits, or not decodable                                2xx      never          executed
///   throttling codes, any 429                                                      429      throttled      refused
///   EC2Throttled                                                                   502      throttled      refused
///   EC2Unexpected, ENINotReady, ResourceNotReady                                   502      transient      refused
///   ENILimitReached, SubnetIPAddressLimitReached                                   502      slow           refused
///   EC2AccessDenied, InvalidRuntime, InvalidSecurityGroupID, InvalidSubnetID,
///   InvalidZipFile, KMSAccessDenied, KMSDisabled, KMSInvalidState, KMSNotFound     502      never          refused
///   ServiceException, any other 5xx                                                5xx      ambiguous      maybe_executed
///   SnapStartNotReady, CodeArtifactUserPending                                     409      transient      refused
///   ResourceConflict                                                               409      slow           refused
///   any other 409                                                                  409      never          refused
///   SnapStartTimeout, EFS and S3Files mount errors, any other 408                  408      once           refused
///   EFSIO                                                                          410      never          maybe_executed
///   ExpiredToken, ExpiredTokenException                                            400/403  fresh_keys     refused
///   RequestTimeTooSkewed, RequestExpired, RequestInTheFuture; InvalidSignature,
///   SignatureDoesNotMatch, AuthFailure when the clocks differ by more than 4 min   400/403  clock          refused
///   everything else below 500                                                      3xx/4xx  never          refused
///
/// A function error is an answer and never comes here.
enum class retry_class {
    never,
    transient,  ///< back-off from the short base
    throttled,  ///< back-off from the throttling base; the service's hint counts
    slow,       ///< as throttled: what ran out comes back in seconds
    once,       ///< transient, one retry at most
    ambiguous,  ///< transient where the caller takes the risk of running the function twice, else never
    fresh_keys, ///< at once, if the credentials' source has others now
    clock,      ///< at once, with the clock corrected by the answer's Date
};

struct classification
{
    retry_class kind = retry_class::never;
    aws::certainty certainty = certainty::not_sent;
};

/// A complete answer that is no success. `code` is cut and spelt as `refusal::code`.
/// @param clocks_differ  the answer's Date and our clock are more than four minutes apart.
classification classify_answer(int status, std::string_view code, bool clocks_differ) noexcept;

/// No complete answer. `status` is that of a head that came, else 0.
classification classify_transport(const core::error_code& failure, http::progress progress, int status) noexcept;

bool is_throttling(int status, std::string_view code) noexcept;
/// One of the nine configuration errors that Lambda answers with 502.
bool is_permanent_502(std::string_view code) noexcept;

} // namespace lambent::aws
