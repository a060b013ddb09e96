#pragma once

#include <lambent/core/time.hpp>
#include <lambent/emulator/account.hpp>
#include <lambent/emulator/protocol.hpp>
#include <lambent/http/server.hpp>

#include <span>
#include <string>
#include <string_view>

namespace lambent::emulator {

/// Who signed.
struct caller
{
    std::string key_id;
    std::string region; ///< of the signature's scope
};

/// Verifies a request's signature as AWS does.
///
/// | what is wrong                                             | status | error                                |
/// |-----------------------------------------------------------|--------|--------------------------------------|
/// | no signature                                              | 403    | MissingAuthenticationTokenException  |
/// | a signature that cannot be read                           | 403    | IncompleteSignatureException         |
/// | unknown key id; token missing, unexpected or another      | 403    | UnrecognizedClientException          |
/// | a key that has expired                                    | 403    | ExpiredTokenException                |
/// | scope, date, signed headers, age (5 min.), the signature  | 403    | InvalidSignatureException            |
///
/// A mismatch's message carries the canonical request and the string to sign that were expected.
/// @param payload_sha256  of the request's body, 64 lower-case hex digits
/// @param region          the only one accepted; empty: any
answered<caller> authorize(const http::server_request& request, std::string_view payload_sha256, std::span<const access_key> keys,
    std::string_view region, core::wall_time now);

} // namespace lambent::emulator
