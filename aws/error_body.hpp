#pragma once

#include <lambent/core/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace lambent::aws {

/// What a restJson1 error answer says in its body.
struct error_body
{
    std::string code;    ///< "code", else "__type"; as sent, not cut
    std::string message;
    std::string reason;  ///< of a throttled call, e.g. ReservedFunctionConcurrentInvocationLimitExceeded
};

/// Reads the first JSON value as the AWS SDK for Go reads an error body: names without case, the last of a name wins, what follows
/// the value is ignored, nothing at all is an empty body.
///
/// @return the error's detail in the words of Go's encoding/json: "invalid character '<' looking for beginning of value".
core::result<error_body> read_error_body(std::string_view text);

/// What a function that failed says in its payload, by Lambda's convention; empty where it says nothing of the kind.
struct function_failure
{
    std::string type;    ///< "errorType"
    std::string message; ///< "errorMessage"
};

function_failure read_function_failure(std::string_view payload);

} // namespace lambent::aws
