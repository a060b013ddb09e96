#include <lambent/cli/invoke_outcome.hpp>

#include <lambent/aws/errc.hpp>
#include <lambent/http/errc.hpp>

#include <support/catch.hpp>

using namespace lambent;
using namespace lambent::cli;

namespace {

template <class Code>
int code_of(Code code)
{
    return exit_code_of(core::error{code, {}});
}

} // namespace

TEST_CASE("invoke: each kind of failure has its exit code", "[cli][invoke]")
{
    CHECK(code_of(aws::errc::throttled) == 11);
    for (const aws::errc code : {aws::errc::access_denied, aws::errc::function_not_found, aws::errc::payload_too_large, aws::errc::refused})
        CHECK(code_of(code) == 12);
    for (const http::errc code : {http::errc::response_timeout, http::errc::connect_timeout, http::errc::body_timeout, http::errc::resolve_timeout,
             http::errc::tls_handshake_timeout, http::errc::write_timeout, http::errc::queue_timeout})
        CHECK(code_of(code) == 13);
    CHECK(code_of(core::errc::deadline_exceeded) == 13);
    for (const http::errc code : {http::errc::resolve_failed, http::errc::connect_failed, http::errc::tls_handshake_failed,
             http::errc::certificate_refused, http::errc::reset_before_response, http::errc::write_failed})
        CHECK(code_of(code) == 14);
    for (const aws::errc code : {aws::errc::service_error, aws::errc::misconfigured_function, aws::errc::malformed_response})
        CHECK(code_of(code) == 15);
    for (const http::errc code : {http::errc::truncated_response, http::errc::malformed_response, http::errc::body_too_large})
        CHECK(code_of(code) == 15);
    for (const aws::errc code : {aws::errc::invalid_call, aws::errc::invalid_configuration, aws::errc::no_credentials})
        CHECK(code_of(code) == 1);
    CHECK(code_of(core::errc::cancelled) == 1);
}

TEST_CASE("invoke: a function error is told as far as its payload says", "[cli][invoke]")
{
    aws::invocation_reply reply;
    reply.function_error = "Unhandled";
    CHECK(describe_function_error(reply) == "Unhandled");
    reply.payload = "not json";
    CHECK(describe_function_error(reply) == "Unhandled");
    reply.payload = R"({"errorMessage":"division by zero","errorType":"ZeroDivisionError"})";
    CHECK(describe_function_error(reply) == "Unhandled: ZeroDivisionError: division by zero");
    reply.payload = R"({"errorMessage":"timed out","errorType":5})";
    CHECK(describe_function_error(reply) == "Unhandled: timed out");
}
