#pragma once

#include <lambent/core/error.hpp>

namespace lambent::aws {

/// What an invocation can fail of, beside http::errc and core::errc. Values are never renumbered.
enum class errc {
    throttled = 1,          ///< 429, or a throttling code
    access_denied,          ///< 401, 403: keys, signature, permission
    function_not_found,     ///< 404
    payload_too_large,      ///< 413
    refused,                ///< another answer below 500 that is not a success
    service_error,          ///< 5xx
    misconfigured_function, ///< a 502 that repeating cannot mend: KMS, subnet, security group, runtime, zip file
    malformed_response,     ///< an answer that cannot be decoded
    invalid_call,           ///< a part of the call that must not be sent; nothing was
    invalid_configuration,  ///< region, endpoint, profile, CA bundle
    no_credentials,
};

const boost::system::error_category& category() noexcept;
inline core::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

} // namespace lambent::aws

template <>
struct boost::system::is_error_code_enum<lambent::aws::errc> : std::true_type
{};
