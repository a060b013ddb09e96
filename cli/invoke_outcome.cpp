#include <lambent/cli/invoke_outcome.hpp>

#include <lambent/aws/errc.hpp>
#include <lambent/aws/error_body.hpp>
#include <lambent/http/errc.hpp>

namespace lambent::cli {
namespace {

int exit_code_of_aws(aws::errc code) noexcept
{
    switch (code) {
    case aws::errc::throttled:
        return invoke_exit::throttled;
    case aws::errc::access_denied:
    case aws::errc::function_not_found:
    case aws::errc::payload_too_large:
    case aws::errc::refused:
        return invoke_exit::refused;
    case aws::errc::service_error:
    case aws::errc::misconfigured_function:
    case aws::errc::malformed_response:
        return invoke_exit::service_error;
    case aws::errc::invalid_call:
    case aws::errc::invalid_configuration:
    case aws::errc::no_credentials:
        break;
    }
    return invoke_exit::usage;
}

int exit_code_of_http(http::errc code) noexcept
{
    switch (code) {
    case http::errc::invalid_url:
    case http::errc::invalid_request:
        return invoke_exit::usage;
    case http::errc::truncated_response:
    case http::errc::malformed_response:
    case http::errc::header_too_large:
    case http::errc::body_too_large:
    case http::errc::unsolicited_response:
        return invoke_exit::service_error;
    default:
        return invoke_exit::unreachable;
    }
}

} // namespace

int exit_code_of(const core::error& failed) noexcept
{
    if (failed.code == core::condition::timed_out)
        return invoke_exit::timed_out;
    if (failed.code.category() == aws::category())
        return exit_code_of_aws(static_cast<aws::errc>(failed.code.value()));
    if (failed.code.category() == http::category())
        return exit_code_of_http(static_cast<http::errc>(failed.code.value()));
    return invoke_exit::usage;
}

std::string describe_function_error(const aws::invocation_reply& reply)
{
    std::string text = reply.function_error.value_or("");
    const aws::function_failure said = aws::read_function_failure(reply.payload);
    for (const std::string& part : {said.type, said.message})
        if (!part.empty())
            text.append(": ").append(part);
    return text;
}

} // namespace lambent::cli
