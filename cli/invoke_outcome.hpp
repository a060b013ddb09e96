#pragma once

#include <lambent/aws/invocation.hpp>
#include <lambent/core/error.hpp>

#include <string>

namespace lambent::cli {

/// Exit codes of `lambent invoke`.
namespace invoke_exit {
inline constexpr int answered = 0;
inline constexpr int usage = 1; ///< or configuration
inline constexpr int function_error = 10;
inline constexpr int throttled = 11;
inline constexpr int refused = 12; ///< another answer below 500 that is no success
inline constexpr int timed_out = 13;
inline constexpr int unreachable = 14;
inline constexpr int service_error = 15; ///< 5xx, or an answer that is none
} // namespace invoke_exit

int exit_code_of(const core::error& failed) noexcept;

/// "Unhandled: ZeroDivisionError: division by zero", as far as the payload says.
std::string describe_function_error(const aws::invocation_reply& reply);

} // namespace lambent::cli
