#pragma once

#include <span>
#include <string_view>

namespace lambent::sigv4 {

/// Header or query parameter as it will be on the wire; borrowed.
struct field_view
{
    std::string_view name;
    std::string_view value;
};

/// A request, borrowed from whatever HTTP library. Nothing is copied, nothing is changed.
struct request_view
{
    std::string_view method;
    std::string_view path;                     ///< as on the wire (percent-encoded once); empty means "/"
    std::string_view query;                    ///< as on the wire, without '?'
    std::span<const field_view> headers;       ///< exactly those to sign, in any order; `host` among them
    std::string_view payload_sha256;           ///< 64 hex digits, or "UNSIGNED-PAYLOAD"
};

/// Borrowed keys: sigv4 owns no secrets (but for what it derives from them, which it wipes).
struct key_view
{
    std::string_view id;
    std::string_view secret;
    std::string_view token; ///< empty: none
};

struct scope
{
    std::string_view region;  ///< may be empty: signed as such
    std::string_view service;
};

struct signing_options
{
    bool normalize_path = true;        ///< collapse "." and ".." and "//"; off for S3 keys
    bool double_encode = true;         ///< every service but s3 encodes the path twice
    bool omit_session_token = false;   ///< add the token after signing, unsigned
    bool sign_body_header = false;     ///< add and sign x-amz-content-sha256
};

/// In place of a payload hash: the payload is not covered by the signature.
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

} // namespace lambent::sigv4
