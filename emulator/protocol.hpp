#pragma once

#include <lambent/core/time.hpp>
#include <lambent/emulator/function.hpp>
#include <lambent/emulator/function_name.hpp>
#include <lambent/http/server.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lambent::emulator {

/// Bytes of a payload that Lambda takes (Lambda quotas): a caller waits for the answer, or does not.
inline constexpr std::size_t request_bytes_max = 6 * 1024 * 1024;
inline constexpr std::size_t event_bytes_max = 1024 * 1024;
/// Bytes of an answer: the service allows a hundred more than it takes.
inline constexpr std::size_t answer_bytes_max = 6 * 1024 * 1024 + 100;
inline constexpr std::size_t client_context_bytes_max = 3583; ///< in base64
inline constexpr std::size_t log_tail_bytes_max = 4 * 1024;
inline constexpr std::size_t function_name_bytes_max = 170;

/// An answer that is not one of the function: status, AWS's name for the error, message.
struct service_error
{
    int status = 400;
    std::string type;
    std::string message;
    std::string reason; ///< of a throttling; else empty
    friend bool operator==(const service_error&, const service_error&) = default;
};

enum class invocation_type { request_response, event, dry_run };
std::string_view invocation_type_name(invocation_type type) noexcept;

/// What a request asks for.
struct invoke_operation
{
    function_name function;
    invocation_type type = invocation_type::request_response;
    bool log_tail = false;
    std::string client_context; ///< decoded; empty: none
};

template <class T>
using answered = std::variant<T, service_error>;

/// Reads path, query and headers of a request whose signature is good. A path before `/2015-03-31/` is an endpoint's own, and passed over.
answered<invoke_operation> read_invoke(const http::server_request& request);
/// The function that an unread request seems to name, for the log of refused calls; may be empty.
std::string named_function(const http::server_request& request);

/// Size, then JSON. An empty payload is good: the function gets {}.
std::optional<service_error> check_payload(invocation_type type, std::string_view payload);

service_error not_found(std::string_view arn);
service_error unreachable_region(std::string_view named, std::string_view here);
service_error foreign_account(std::string_view caller_id, std::string_view own_account, std::string_view arn);
service_error throttled(std::string_view reason);
service_error internal_failure();

/// What the service makes of a function that did not end in time; not a service error. `limit` is the function's time-out.
function_reply timed_out(core::wall_time now, std::string_view request_id, core::duration limit);
/// The answer as it leaves: itself, or the function error that stands for one that is too large.
function_reply within_limits(function_reply reply);

/// What was measured of one invocation, for the log's REPORT line.
struct measured
{
    std::string_view request_id;
    std::string_view version;
    core::duration took{};
};
/// The log of one invocation as the service writes it round what the function printed: its last 4 KiB, not yet encoded.
std::string log_tail(const measured& facts, const function_reply& reply, bool timed_out);

http::server_response to_response(const service_error& error, std::string_view request_id);
/// 200. `tail`: encoded into X-Amz-Log-Result; null: not asked for.
http::server_response to_response(
    function_reply reply, std::string_view request_id, std::string_view version, const std::string* tail);
http::server_response accepted(std::string_view request_id);                             ///< 202
http::server_response dry_run(std::string_view request_id, std::string_view version);    ///< 204
/// What a load balancer in front of a broken service sends: HTML, no error type, no request id.
http::server_response bad_gateway();

/// 2026-11-22T14:03:09.120Z
std::string iso_time(core::wall_time at);
/// 20261122T140309Z
std::string basic_time(core::wall_time at);

} // namespace lambent::emulator
