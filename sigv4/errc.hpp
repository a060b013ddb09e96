#pragma once

#include <lambent/core/error.hpp>

namespace lambent::sigv4 {

/// Why a request cannot be signed or read. Values are never renumbered.
enum class errc {
    invalid_method = 1,
    invalid_header_name,
    invalid_header_value, ///< a control character, or a line break that is not a fold
    reserved_field,       ///< a header or parameter that the signer itself writes
    missing_host,
    too_many_fields,
    invalid_key,          ///< an id, secret or token that could break out of its place
    invalid_scope,        ///< ditto for region and service
    invalid_time,         ///< outside the years 1 to 9999
    invalid_expiry,       ///< presigned requests live 1 s to 7 days
    invalid_payload_hash,
};

const boost::system::error_category& category() noexcept;
inline core::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

} // namespace lambent::sigv4

template <>
struct boost::system::is_error_code_enum<lambent::sigv4::errc> : std::true_type
{};
