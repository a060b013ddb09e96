#include <lambent/emulator/protocol.hpp>

#include <lambent/core/bytes.hpp>
#include <lambent/emulator/json_text.hpp>
#include <lambent/sigv4/uri.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace lambent::emulator {
namespace {

constexpr std::string_view functions_path = "/2015-03-31/functions/";
constexpr std::string_view invocations_path = "/invocations";
constexpr std::string_view name_pattern = "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?"
                                          "([a-zA-Z0-9-_\\.]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";
constexpr std::string_view qualifier_pattern = "(|[a-zA-Z0-9$_-]+)";

service_error invalid(std::string_view value, std::string_view member, std::string_view constraint)
{
    std::string text = "1 validation error detected: Value '";
    text.append(value.substr(0, 300)).append("' at '").append(member).append("' failed to satisfy constraint: ").append(constraint);
    return {400, "ValidationException", std::move(text), {}};
}

service_error unread_content(std::string text)
{
    return {400, "InvalidRequestContentException", std::move(text), {}};
}

/// The path's segment between `/functions/` and `/invocations`, as on the wire.
std::optional<std::string_view> name_segment(std::string_view path)
{
    const std::size_t start = path.find(functions_path);
    if (start == std::string_view::npos || !path.ends_with(invocations_path))
        return std::nullopt;
    path.remove_prefix(start + functions_path.size());
    if (path.size() < invocations_path.size())
        return std::nullopt;
    path.remove_suffix(invocations_path.size());
    if (path.find('/') != std::string_view::npos)
        return std::nullopt;
    return path;
}

/// The first parameter of that name, decoded.
std::optional<std::string> parameter(std::string_view query, std::string_view name)
{
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.substr(0, pair.find('=')) != name)
            continue;
        std::string value;
        if (pair.size() > name.size())
            sigv4::append_decoded(value, pair.substr(name.size() + 1));
        return value;
    }
    return std::nullopt;
}

std::optional<service_error> read_type(const http::headers& fields, invoke_operation& operation)
{
    const auto type = fields.get("X-Amz-Invocation-Type");
    if (!type || *type == "RequestResponse" || type->empty())
        operation.type = invocation_type::request_response;
    else if (*type == "Event")
        operation.type = invocation_type::event;
    else if (*type == "DryRun")
        operation.type = invocation_type::dry_run;
    else
        return invalid(*type, "invocationType", "Member must satisfy enum value set: [Event, RequestResponse, DryRun]");
    const auto log = fields.get("X-Amz-Log-Type");
    if (log && *log != "None" && *log != "Tail")
        return invalid(*log, "logType", "Member must satisfy enum value set: [None, Tail]");
    operation.log_tail = log && *log == "Tail" && operation.type == invocation_type::request_response;
    return std::nullopt;
}

std::optional<service_error> read_client_context(const http::headers& fields, invoke_operation& operation)
{
    const auto context = fields.get("X-Amz-Client-Context");
    if (!context || context->empty())
        return std::nullopt;
    if (context->size() > client_context_bytes_max)
        return unread_content("Client context must be no more than " + std::to_string(client_context_bytes_max) + " bytes.");
    std::optional<std::string> decoded = core::from_base64(*context);
    if (!decoded || find_json_flaw(*decoded))
        return unread_content("Client context must be a valid Base64-encoded JSON object.");
    operation.client_context = std::move(*decoded);
    return std::nullopt;
}

std::optional<service_error> read_name(std::string_view segment, std::string_view query, invoke_operation& operation)
{
    std::string text;
    sigv4::append_decoded(text, segment);
    if (text.size() > function_name_bytes_max)
        return invalid(text, "functionName", "Member must have length less than or equal to " + std::to_string(function_name_bytes_max));
    std::optional<function_name> named = read_function_name(text);
    if (!named)
        return invalid(text, "functionName", "Member must satisfy regular expression pattern: " + std::string(name_pattern));
    const std::optional<std::string> qualifier = parameter(query, "Qualifier");
    if (qualifier && !qualifier->empty()) {
        if (!is_qualifier(*qualifier))
            return invalid(*qualifier, "qualifier", "Member must satisfy regular expression pattern: " + std::string(qualifier_pattern));
        if (!named->qualifier.empty() && named->qualifier != *qualifier)
            return service_error{400, "InvalidParameterValueException",
                "The derived qualifier from the function name does not match the specified qualifier.", {}};
        named->qualifier = *qualifier;
    }
    operation.function = std::move(*named);
    return std::nullopt;
}

/// What the service's parser quotes: the start of the source, text only.
std::string excerpt(std::string_view payload)
{
    constexpr std::size_t excerpt_bytes_max = 500;
    std::string out(payload.substr(0, excerpt_bytes_max));
    if (payload.size() > excerpt_bytes_max)
        out += "[truncated " + std::to_string(payload.size() - excerpt_bytes_max) + " bytes]";
    return out;
}

struct civil_time
{
    int year;
    unsigned month;
    unsigned day;
    int hour;
    int minute;
    int second;
    int millisecond;
};

civil_time civil(core::wall_time at)
{
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::milliseconds>(at - day));
    return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
        static_cast<int>(time.subseconds().count())};
}

http::server_response answer(int status, std::string_view request_id)
{
    http::server_response response;
    response.status = status;
    response.fields.add("Content-Type", "application/json");
    response.fields.add("x-amzn-RequestId", request_id);
    return response;
}

} // namespace

std::string_view invocation_type_name(invocation_type type) noexcept
{
    switch (type) {
    case invocation_type::request_response: return "RequestResponse";
    case invocation_type::event: return "Event";
    case invocation_type::dry_run: return "DryRun";
    }
    return "unknown";
}

answered<invoke_operation> read_invoke(const http::server_request& request)
{
    const auto segment = name_segment(request.path);
    // The service's words for a path or method that belongs to no operation.
    if (!segment || request.method != "POST")
        return service_error{403, "AccessDeniedException", "Unable to determine service/operation name to be authorized", {}};
    invoke_operation operation;
    if (auto wrong = read_name(*segment, request.query, operation))
        return std::move(*wrong);
    if (auto wrong = read_type(request.fields, operation))
        return std::move(*wrong);
    if (auto wrong = read_client_context(request.fields, operation))
        return std::move(*wrong);
    return operation;
}

std::string named_function(const http::server_request& request)
{
    std::string text;
    if (const auto segment = name_segment(request.path))
        sigv4::append_decoded(text, segment->substr(0, 3 * function_name_bytes_max));
    if (auto named = read_function_name(text))
        return std::move(named->name);
    return text;
}

std::optional<service_error> check_payload(invocation_type type, std::string_view payload)
{
    if (type == invocation_type::event && payload.size() > event_bytes_max)
        return service_error{413, "RequestTooLargeException",
            std::to_string(payload.size()) + " byte payload is too large for the Event invocation type (limit "
                + std::to_string(event_bytes_max) + " bytes)", {}};
    if (payload.size() > request_bytes_max)
        return service_error{413, "RequestTooLargeException",
            "Request must be smaller than " + std::to_string(request_bytes_max) + " bytes for the InvokeFunction operation", {}};
    if (payload.empty())
        return std::nullopt;
    const auto flaw = find_json_flaw(payload);
    if (!flaw)
        return std::nullopt;
    const std::string_view before = payload.substr(0, flaw->offset);
    const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t column = before.size() - (lines == 0 ? 0 : before.rfind('\n') + 1) + 1;
    return unread_content("Could not parse request body into json: Could not parse payload into json: " + flaw->message
        + "\n at [Source: (byte[])\"" + excerpt(payload) + "\"; line: " + std::to_string(lines + 1) + ", column: " + std::to_string(column) + "]");
}

service_error not_found(std::string_view arn)
{
    return {404, "ResourceNotFoundException", "Function not found: " + std::string(arn), {}};
}

service_error unreachable_region(std::string_view named, std::string_view here)
{
    return {404, "ResourceNotFoundException",
        "Functions from '" + std::string(named) + "' are not reachable in this region ('" + std::string(here) + "')", {}};
}

service_error foreign_account(std::string_view caller_id, std::string_view own_account, std::string_view arn)
{
    std::string text = "User: arn:aws:iam::";
    text.append(own_account).append(":user/").append(caller_id).append(" is not authorized to perform: lambda:InvokeFunction on resource: ");
    text.append(arn).append(" because no resource-based policy allows the lambda:InvokeFunction action");
    return {403, "AccessDeniedException", std::move(text), {}};
}

service_error throttled(std::string_view reason)
{
    return {429, "TooManyRequestsException", "Rate Exceeded.", std::string(reason)};
}

service_error internal_failure()
{
    return {500, "ServiceException", "An error occurred and the request cannot be processed.", {}};
}

function_reply timed_out(core::wall_time now, std::string_view request_id, core::duration limit)
{
    std::array<char, 64> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%.2f", std::chrono::duration<double>(limit).count());
    std::string text = iso_time(now);
    text.append(" ").append(request_id).append(" Task timed out after ").append(seconds.data()).append(" seconds");
    function_reply reply;
    reply.payload = "{\"errorMessage\":";
    append_quoted(reply.payload, text);
    reply.payload += '}';
    reply.function_error = "Unhandled";
    reply.log = text + "\n\n";
    return reply;
}

function_reply within_limits(function_reply reply)
{
    if (reply.payload.size() <= answer_bytes_max)
        return reply;
    function_reply refused = thrown("Response payload size (" + std::to_string(reply.payload.size())
            + " bytes) exceeded maximum allowed payload size (" + std::to_string(answer_bytes_max) + " bytes).",
        "Function.ResponseSizeTooLarge");
    refused.log = std::move(reply.log);
    return refused;
}

std::string log_tail(const measured& facts, const function_reply& reply, bool timed_out)
{
    const double took = std::chrono::duration<double, std::milli>(facts.took).count();
    std::array<char, 160> figures{};
    std::snprintf(figures.data(), figures.size(), "\tDuration: %.2f ms\tBilled Duration: %.0f ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t\n",
        took, std::max(1.0, std::ceil(took)));
    std::string log = "START RequestId: ";
    log.append(facts.request_id).append(" Version: ").append(facts.version).append("\n");
    if (!timed_out)
        log += reply.log;
    if (!log.ends_with('\n'))
        log += '\n';
    log.append("END RequestId: ").append(facts.request_id).append("\n");
    log.append("REPORT RequestId: ").append(facts.request_id).append(figures.data());
    if (timed_out)
        log += reply.log;
    if (log.size() > log_tail_bytes_max)
        log.erase(0, log.size() - log_tail_bytes_max);
    return log;
}

http::server_response to_response(const service_error& error, std::string_view request_id)
{
    http::server_response response = answer(error.status, request_id);
    response.fields.add("x-amzn-ErrorType", error.type);
    // Errors of Lambda itself have a Type; those of the layers in front of it (signature, validation) have a message alone.
    const bool from_front = error.status == 403 || error.type == "ValidationException" || error.status == 413;
    // The model spells the member differently from error to error.
    const bool capital = error.type == "ResourceNotFoundException" || error.type == "ServiceException" || error.status == 413;
    std::string& body = response.body;
    body = "{";
    if (!error.reason.empty()) {
        body += "\"Reason\":";
        append_quoted(body, error.reason);
        body += ',';
    }
    if (!from_front)
        body += error.status >= 500 ? "\"Type\":\"Service\"," : "\"Type\":\"User\",";
    body += capital ? "\"Message\":" : "\"message\":";
    append_quoted(body, error.message);
    body += '}';
    return response;
}

http::server_response to_response(function_reply reply, std::string_view request_id, std::string_view version, const std::string* tail)
{
    http::server_response response = answer(200, request_id);
    response.fields.add("X-Amz-Executed-Version", version);
    if (reply.function_error)
        response.fields.add("X-Amz-Function-Error", *reply.function_error);
    if (tail)
        response.fields.add("X-Amz-Log-Result", core::to_base64(*tail));
    response.body = std::move(reply.payload);
    return response;
}

http::server_response accepted(std::string_view request_id)
{
    return answer(202, request_id);
}

http::server_response dry_run(std::string_view request_id, std::string_view version)
{
    http::server_response response;
    response.status = 204;
    response.fields.add("x-amzn-RequestId", request_id);
    response.fields.add("X-Amz-Executed-Version", version);
    return response;
}

http::server_response bad_gateway()
{
    http::server_response response;
    response.status = 502;
    response.fields.add("Content-Type", "text/html");
    response.body = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
    return response;
}

std::string iso_time(core::wall_time at)
{
    const civil_time t = civil(at);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", t.year, t.month, t.day, t.hour, t.minute, t.second, t.millisecond);
    return text.data();
}

std::string basic_time(core::wall_time at)
{
    const civil_time t = civil(at);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", t.year, t.month, t.day, t.hour, t.minute, t.second);
    return text.data();
}

} // namespace lambent::emulator
