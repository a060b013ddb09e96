#include <lambent/aws/lambda_protocol.hpp>

#include <lambent/aws/content_coding.hpp>
#include <lambent/aws/errc.hpp>
#include <lambent/aws/error_body.hpp>
#include <lambent/aws/retryable.hpp>
#include <lambent/core/bytes.hpp>
#include <lambent/http/syntax.hpp>
#include <lambent/sigv4/amz_date.hpp>
#include <lambent/sigv4/uri.hpp>

#include <algorithm>
#include <charconv>

namespace lambent::aws {
namespace {

// A wish for more than this is a mistake; the back-off clamps it further.
constexpr std::chrono::seconds retry_after_max{24 * 3600};

// The error shapes of Invoke in the service's model, plus those the SDK for Go knows beside them.
constexpr std::string_view modelled_codes[] = {"CodeArtifactUserDeletedException", "CodeArtifactUserFailedException",
    "CodeArtifactUserPendingException", "DurableExecutionAlreadyStartedException", "EC2AccessDeniedException", "EC2ThrottledException",
    "EC2UnexpectedException", "EFSIOException", "EFSMountConnectivityException", "EFSMountFailureException", "EFSMountTimeoutException",
    "ENILimitReachedException", "ENINotReadyException", "InvalidParameterValueException", "InvalidRequestContentException",
    "InvalidRuntimeException", "InvalidSecurityGroupIDException", "InvalidSubnetIDException", "InvalidZipFileException",
    "KMSAccessDeniedException", "KMSDisabledException", "KMSInvalidStateException", "KMSNotFoundException", "NoPublishedVersionException",
    "RecursiveInvocationException", "RequestTooLargeException", "ResourceConflictException", "ResourceNotFoundException",
    "ResourceNotReadyException", "SerializedRequestEntityTooLargeException", "ServiceException", "SnapStartException",
    "SnapStartNotReadyException", "SnapStartTimeoutException", "SubnetIPAddressLimitReachedException", "TooManyRequestsException",
    "UnsupportedMediaTypeException"};

core::error invalid_call(std::string why)
{
    return {errc::invalid_call, std::move(why)};
}

std::string_view header(const http::response_view& response, std::string_view name) noexcept
{
    return http::trimmed(response.get(name).value_or(std::string_view{}));
}

/// What a success is read from, found in one pass: the first field of each name.
struct success_fields
{
    explicit success_fields(const http::response_view& response) noexcept
    {
        for (const http::field_view& field : response.fields) {
            switch (field.name.size()) {
            case 16:
                note(field, "x-amzn-requestid", request_id);
                note(field, "x-amz-request-id", other_id);
                note(field, "x-amz-log-result", log);
                break;
            case 20:
                note(field, "x-amz-function-error", error);
                break;
            case 22:
                note(field, "x-amz-executed-version", version);
                break;
            default:
                break;
            }
        }
        if (request_id.empty())
            request_id = other_id;
    }
    static void note(const http::field_view& field, std::string_view name, std::string_view& into) noexcept
    {
        if (into.data() == nullptr && http::equal_ignoring_case(field.name, name))
            into = http::trimmed(field.value);
    }

    std::string_view request_id;
    std::string_view other_id;
    std::string_view log;
    std::string_view error;
    std::string_view version;
};

std::string_view request_id_of(const http::response_view& response)
{
    const std::string_view id = header(response, "x-amzn-requestid");
    return id.empty() ? header(response, "x-amz-request-id") : id;
}

// "ns#Code:http://internal/..." -> "Code"
std::string_view cut_code(std::string_view code) noexcept
{
    code = code.substr(0, code.find(':'));
    const std::size_t hash = code.find('#');
    return hash == code.npos ? code : code.substr(hash + 1);
}

std::optional<std::uint64_t> number(std::string_view text) noexcept
{
    std::uint64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || failed != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

// x-amz-retry-after counts milliseconds and wins; Retry-After counts seconds, or names a time by the answering clock.
core::duration retry_after_of(const http::response_view& response, const std::optional<core::wall_time>& date)
{
    if (const auto milliseconds = number(header(response, "x-amz-retry-after")))
        return std::chrono::milliseconds(std::min<std::uint64_t>(*milliseconds, std::chrono::milliseconds(retry_after_max).count()));
    const std::string_view text = header(response, "retry-after");
    if (const auto seconds = number(text))
        return std::chrono::seconds(std::min<std::uint64_t>(*seconds, retry_after_max.count()));
    const auto until = sigv4::parse_http_date(text);
    if (!until || !date || *until <= *date)
        return core::duration::zero();
    return std::min<core::duration>(*until - *date, retry_after_max);
}

// The body as it was meant; `inflated` is where it stands if it came compressed.
bool body_of(const http::response_view& response, std::size_t body_bytes_max, std::string& inflated, std::string_view& body, std::string& why)
{
    body = response.body;
    if (!http::equal_ignoring_case(header(response, "content-encoding"), "gzip"))
        return true;
    auto made = inflate_gzip(response.body, body_bytes_max);
    if (!made) {
        why = std::move(made.error().detail);
        return false;
    }
    inflated = std::move(*made);
    body = inflated;
    return true;
}

// The answer to a wrong signature quotes the canonical request, the session token in it; errors go to logs, the token must not.
void hide_token(std::string& message)
{
    constexpr std::string_view name = "x-amz-security-token:";
    for (std::size_t at = message.find(name); at != message.npos; at = message.find(name, at)) {
        at += name.size();
        message.replace(at, std::min(message.find('\n', at), message.size()) - at, "(hidden)");
    }
}

refusal read_refusal(const http::response_view& response, std::string_view text)
{
    refusal refused;
    refused.status = response.status;
    refused.request_id = request_id_of(response);
    refused.date = sigv4::parse_http_date(header(response, "date"));
    refused.retry_after = retry_after_of(response, refused.date);
    const std::string_view header_code = header(response, "x-amzn-errortype");
    refused.code = cut_code(header_code);
    auto body = read_error_body(text);
    if (!body) {
        refused.undecodable = std::move(body.error().detail);
        return refused;
    }
    if (header_code.empty())
        refused.code = cut_code(body->code);
    refused.reason = std::move(body->reason);
    refused.message = std::move(body->message);
    hide_token(refused.message);
    for (const std::string_view known : modelled_codes)
        if (http::equal_ignoring_case(known, refused.code)) {
            refused.code = known;
            refused.modelled = true;
            return refused;
        }
    if (refused.code.empty())
        refused.code = "UnknownError";
    if (refused.message.empty())
        refused.message = "UnknownError";
    return refused;
}

std::string status_text(int status, std::string_view request_id)
{
    return "https response error StatusCode: " + std::to_string(status) + ", RequestID: " + std::string(request_id) + ", ";
}

bool is_success(int status) noexcept
{
    return status >= 200 && status < 300;
}

bool is_name_byte(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '$';
}

} // namespace

bool is_function_name(std::string_view name) noexcept
{
    if (name.find("..") != name.npos || name == ".")
        return false;
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return is_name_byte(c) || c == ':'; });
}

bool is_qualifier(std::string_view name) noexcept
{
    return !name.empty() && name.find_first_not_of('.') != name.npos && std::all_of(name.begin(), name.end(), is_name_byte);
}

core::result<lambda_request> to_request(const invocation& call, std::string_view base_path)
{
    if (call.function.empty())
        return invalid_call("the function's name is empty");
    if (call.function.size() > function_bytes_max)
        return invalid_call("the function's name is longer than " + std::to_string(function_bytes_max) + " bytes");
    // A server may take these path segments for directories, and the request for another one.
    if (call.function == "." || call.function == "..")
        return invalid_call("the function's name is '" + std::string(call.function) + "', which no function has");
    if (call.qualifier.size() > qualifier_bytes_max)
        return invalid_call("the qualifier is longer than " + std::to_string(qualifier_bytes_max) + " bytes");

    lambda_request request;
    request.path.reserve(base_path.size() + call.function.size() + 48);
    request.path.append(base_path).append("/2015-03-31/functions/");
    sigv4::append_encoded(request.path, call.function);
    request.path.append("/invocations");
    if (!call.qualifier.empty()) {
        request.query = "Qualifier=";
        sigv4::append_encoded(request.query, call.qualifier);
    }
    request.fields.add("Content-Type", "application/octet-stream");
    if (call.type == invocation_type::event)
        request.fields.add("X-Amz-Invocation-Type", "Event");
    else if (call.type == invocation_type::dry_run)
        request.fields.add("X-Amz-Invocation-Type", "DryRun");
    if (call.log_tail)
        request.fields.add("X-Amz-Log-Type", "Tail");
    if (!call.client_context.empty()) {
        const std::string encoded = core::to_base64(call.client_context);
        if (encoded.size() > client_context_bytes_max)
            return invalid_call("the client context takes " + std::to_string(encoded.size()) + " bytes of base64; Lambda takes "
                + std::to_string(client_context_bytes_max));
        request.fields.add("X-Amz-Client-Context", encoded);
    }
    return request;
}

answer read_answer(const http::response_view& response, std::size_t body_bytes_max)
{
    std::string inflated;
    std::string_view body;
    std::string undecodable;
    if (!body_of(response, body_bytes_max, inflated, body, undecodable)) {
        refusal refused;
        refused.status = response.status;
        refused.request_id = request_id_of(response);
        refused.undecodable = std::move(undecodable);
        return refused;
    }
    if (!is_success(response.status))
        return read_refusal(response, body);
    answer out(std::in_place_type<invocation_reply>);
    auto& reply = std::get<invocation_reply>(out);
    reply.status = response.status;
    if (!inflated.empty())
        reply.payload = std::move(inflated);
    else if (response.body_storage != nullptr)
        reply.payload = std::move(*response.body_storage);
    else
        reply.payload = body;
    const success_fields fields(response);
    if (!fields.error.empty())
        reply.function_error.emplace(fields.error);
    reply.executed_version = fields.version;
    reply.request_id = fields.request_id;
    if (!fields.log.empty())
        reply.log_tail = core::from_base64(fields.log);
    return out;
}

broken_answer read_broken(const http::response_view& partial)
{
    return {partial.status, partial.status == 0 ? std::string() : std::string(request_id_of(partial))};
}

std::string describe(const refusal& refused)
{
    std::string text = status_text(refused.status, refused.request_id);
    if (!refused.undecodable.empty())
        return text + "deserialization failed, failed to "
            + (is_success(refused.status) ? "deserialize response payload, " : "decode response body, ") + refused.undecodable;
    if (!refused.modelled)
        text += "api error ";
    return text + refused.code + ": " + refused.message;
}

std::string describe(const broken_answer& broken, std::string_view url, const core::error& failure)
{
    const bool late = failure.code == core::condition::timed_out;
    if (broken.status != 0) {
        std::string text = status_text(broken.status, broken.request_id) + "deserialization failed, failed to "
            + (is_success(broken.status) ? "deserialize response payload, " : "decode response body, ");
        // The second line is the original's as well: its retry loop finds the same deadline passed.
        return text + (late ? "context deadline exceeded\nfailed to get rate limit token, canceled, context deadline exceeded" : failure.text());
    }
    if (failure.code == make_error_code(http::errc::response_timeout) || failure.code == make_error_code(http::errc::write_timeout))
        return status_text(0, {}) + "canceled, context deadline exceeded";
    if (failure.code == make_error_code(core::errc::cancelled))
        return status_text(0, {}) + "canceled, context canceled";
    // What only this client knows is said in its own words.
    if (late)
        return "timed out " + failure.text();
    const bool ours = failure.code.category() == core::category() || failure.code == make_error_code(http::errc::queue_full)
        || failure.code == make_error_code(http::errc::header_too_large) || failure.code == make_error_code(http::errc::body_too_large)
        || failure.code == make_error_code(http::errc::invalid_request);
    if (ours)
        return failure.text();
    return status_text(0, {}) + "request send failed, Post \"" + std::string(url) + "\": " + failure.text();
}

core::error_code code_of(const refusal& refused) noexcept
{
    if (!refused.undecodable.empty() && is_success(refused.status))
        return errc::malformed_response;
    if (is_throttling(refused.status, refused.code))
        return errc::throttled;
    if (is_permanent_502(refused.code))
        return errc::misconfigured_function;
    switch (refused.status) {
    case 401:
    case 403:
        return errc::access_denied;
    case 404:
        return errc::function_not_found;
    case 413:
        return errc::payload_too_large;
    default:
        return refused.status >= 500 ? errc::service_error : errc::refused;
    }
}

} // namespace lambent::aws
