#pragma once

#include <lambent/core/error.hpp>

namespace lambent::http {

/// What the client and the server report; time-outs carry their phase. Values are never renumbered.
enum class errc {
    invalid_url = 1,
    invalid_request,        ///< a header name, value or target that must not be sent (injection)
    resolve_failed,
    resolve_timeout,
    connect_failed,
    connect_timeout,
    tls_handshake_failed,
    tls_handshake_timeout,
    certificate_refused,    ///< the chain, the dates or the host name did not verify
    queue_full,             ///< too many requests wait for a connection already
    queue_timeout,          ///< the deadline passed while waiting for a connection
    write_failed,
    write_timeout,
    response_timeout,       ///< no complete header in time
    body_timeout,           ///< the header came, the body did not
    reset_before_response,  ///< the connection broke before the first byte of the response
    truncated_response,     ///< it broke inside the response
    malformed_response,
    header_too_large,
    body_too_large,
    unsolicited_response,   ///< bytes that answer nothing that was asked
};

const boost::system::error_category& category() noexcept;
inline core::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

/// How far a failed request got; decides whether repeating it can run something twice.
enum class progress {
    not_sent,       ///< no byte of it left
    maybe_sent,     ///< bytes left, no complete answer came
    answered,       ///< a complete answer came
};

} // namespace lambent::http

template <>
struct boost::system::is_error_code_enum<lambent::http::errc> : std::true_type
{};
