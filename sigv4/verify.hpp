#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>
#include <lambent/sigv4/request_view.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::sigv4 {

/// What a signed request says of itself; read before its key is looked up. Owns its text.
struct claim
{
    bool presigned = false;                  ///< by query, else by header
    std::string key_id;
    std::string day;                         ///< of the credential scope: 20150830
    std::string region;
    std::string service;
    std::string date;                        ///< x-amz-date as sent: 20150830T123600Z
    core::wall_time signed_at{};
    std::chrono::seconds lives{0};           ///< presigned only
    std::vector<std::string> signed_headers; ///< lower case, in the order sent
    std::string signature_hex;
    std::string token;                       ///< x-amz-security-token; empty: none
};

enum class verdict {
    valid,
    missing_authentication, ///< neither an Authorization header nor X-Amz-Algorithm
    malformed,              ///< there is something, but not a signature of this kind; the detail says what is wrong
    wrong_date,             ///< the scope's day is not the request's
    wrong_region,
    wrong_service,
    wrong_token,            ///< missing, unexpected or another one than the key's
    missing_signed_header,  ///< host or an x-amz-* header is unsigned, or a signed one is absent
    expired,
    not_yet_current,        ///< signed in the future by more than the window
    payload_mismatch,       ///< x-amz-content-sha256 is not the body's
    signature_mismatch,
};

/// A verdict, and what an answer to the sender needs.
struct verification
{
    sigv4::verdict verdict = verdict::valid;
    std::string detail;            ///< one sentence; empty when valid
    std::string canonical_request; ///< ours; filled from the signature check on
    std::string string_to_sign;

    explicit operator bool() const noexcept { return verdict == verdict::valid; }
};

struct verify_options
{
    std::string_view region;                        ///< accepted; empty: any
    std::string_view service;                       ///< accepted; empty: any
    std::chrono::seconds window{300};               ///< clock difference allowed both ways (AWS: five minutes)
    bool allow_unsigned_payload = false;
    bool normalize_path = true;
    bool double_encode = true;
};

/// Step 1: reads the Authorization header or the X-Amz-* parameters. `request.headers` are all headers that came.
/// @return valid with `out` filled, missing_authentication or malformed.
verification read_claim(const request_view& request, claim& out);

/// Step 2, with the key that `claim.key_id` names (an unknown id is the caller's to answer): compares in constant time.
///
/// @param request  as in step 1; `payload_sha256` is the hash of the body that came, 64 lower-case hex digits.
/// @param key      that of `claim.key_id`; its token must be the claim's; a key without one wants a claim without one.
verification verify(const request_view& request, const claim& claimed, const key_view& key, core::wall_time now, const verify_options& options);

} // namespace lambent::sigv4
