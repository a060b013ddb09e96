#pragma once

#include <lambent/aws/invocation.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>
#include <lambent/http/errc.hpp>
#include <lambent/http/headers.hpp>
#include <lambent/http/response.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lambent::aws {

/// An invocation as HTTP, unsigned; the payload stays where it is. The method is POST.
struct lambda_request
{
    std::string path;     ///< /base/2015-03-31/functions/<name>/invocations, percent-encoded once
    std::string query;    ///< Qualifier=..., or empty
    http::headers fields; ///< without Host, Content-Length and what signing adds

    std::string target() const { return query.empty() ? path : path + "?" + query; }
};

/// Is it a name, a partial or a full ARN that a function can have? Then nothing in it can break out of its place in a URL.
/// @source the service's model, NamespacedFunctionName: letters, digits, - _ . $ and the colons of an ARN.
bool is_function_name(std::string_view name) noexcept;
/// A version or an alias: letters, digits, - _ . $, not only dots.
bool is_qualifier(std::string_view name) noexcept;

/// @param base_path  of the endpoint, percent-encoded, without a final slash; may be empty.
/// @return invalid_call, with the reason, for a function, qualifier or client context that must not be sent.
core::result<lambda_request> to_request(const invocation& call, std::string_view base_path);

// Far above what the service takes (170, 128): longer ones cannot name anything and would only break the request's header.
inline constexpr std::size_t function_bytes_max = 2048;
inline constexpr std::size_t qualifier_bytes_max = 1024;
/// Lambda API, "Invoke", X-Amz-Client-Context: up to 3,583 bytes of base64.
inline constexpr std::size_t client_context_bytes_max = 3583;

/// An answer that is not a success: the function did not run, or nobody knows.
struct refusal
{
    int status = 0;
    std::string request_id;
    std::string code;                      ///< e.g. TooManyRequestsException; "UnknownError" where the answer names none
    std::string message;
    std::string reason;                    ///< of a throttled call
    bool modelled = false;                 ///< the code is one that the API's model lists for Invoke
    std::string undecodable;               ///< not empty: the body was no JSON, in Go's words
    core::duration retry_after{0};         ///< the service's wish; zero: none
    std::optional<core::wall_time> date;   ///< of the answering clock
};

using answer = std::variant<invocation_reply, refusal>;

/// Reads a complete response. Never fails: what cannot be decoded is a refusal that says so.
/// @param response        borrowed; its body is moved from where it stands in a string of its own.
/// @param body_bytes_max  of a body that came compressed.
answer read_answer(const http::response_view& response, std::size_t body_bytes_max);

/// What is known of a response that broke off: 0 and "" where not even its head came.
struct broken_answer
{
    int status = 0;
    std::string request_id;
};
broken_answer read_broken(const http::response_view& partial);

// The texts of the AWS SDK for Go, without the leading "operation error Lambda: Invoke, ".

/// "https response error StatusCode: 404, RequestID: r, ResourceNotFoundException: Function not found"
std::string describe(const refusal& refused);
/// No answer, or half of one. `url` is the whole URL; `failure` the transport's own error.
std::string describe(const broken_answer& broken, std::string_view url, const core::error& failure);

/// invalid_call, throttled, ... for programs.
core::error_code code_of(const refusal& refused) noexcept;

} // namespace lambent::aws
