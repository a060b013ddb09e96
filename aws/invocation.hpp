#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace lambent::aws {

enum class invocation_type { request_response, event, dry_run };

/// One call, as views: everything named must outlive the await. Owns nothing.
/// Each member has an initializer so that `{.function = ..., .payload = ...}` is no warning in anybody's build.
struct invocation
{
    std::string_view function{};           ///< name, name:qualifier, partial or full ARN
    std::string_view qualifier{};          ///< version or alias; empty: none
    std::string_view payload{};            ///< sent as is; at most 6 MiB for request_response, 1 MiB for event
    invocation_type type = invocation_type::request_response;
    bool log_tail = false;                 ///< ask for the last 4 KiB of the log
    std::string_view client_context{};     ///< JSON text; base64-encoded for the wire
    bool idempotent = false;               ///< the caller says that running it twice does no harm
    std::string_view latency_class{};      ///< where requests are pipelined: which calls may wait for one another; empty: of one function
};
static_assert(std::is_trivially_destructible_v<invocation>);

/// The function's answer. A function that threw has answered too: see `function_error`.
struct invocation_reply
{
    int status = 0;                              ///< 200, 202 (event) or 204 (dry run)
    std::string payload;
    std::optional<std::string> function_error;   ///< "Unhandled" or "Handled"
    std::string executed_version;
    std::string request_id;
    std::optional<std::string> log_tail;         ///< decoded
    unsigned attempts = 1;                       ///< HTTP attempts made, this one included
};

} // namespace lambent::aws
