#pragma once

#include <lambent/core/time.hpp>
#include <lambent/core/error.hpp>

#include <span>
#include <string>
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

/// Borrowed keys: sigv4 owns no secrets.
struct key_view
{
    std::string_view id;
    std::string_view secret;
    std::string_view token; ///< empty: none
};

struct scope
{
    std::string_view region;
    std::string_view service;
};

struct signing_options
{
    bool normalize_path = true;        ///< collapse "." and ".." and "//"; off for S3 keys
    bool double_encode = true;         ///< every service but s3 encodes the path twice
    bool omit_session_token = false;   ///< add the token after signing, unsigned
    bool sign_body_header = false;     ///< add and sign x-amz-content-sha256
};

/// Headers to add to the request, and each stage for who must find a difference.
struct signature
{
    std::string date;                 ///< x-amz-date: 20150830T123600Z
    std::string authorization;        ///< Authorization
    std::string signed_headers;       ///< a;b;c
    std::string signature_hex;
    std::string canonical_request;
    std::string string_to_sign;
};

} // namespace lambent::sigv4
