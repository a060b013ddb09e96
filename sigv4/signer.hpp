#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>
#include <lambent/sigv4/canonical.hpp>
#include <lambent/sigv4/request_template.hpp>
#include <lambent/sigv4/request_view.hpp>
#include <lambent/sigv4/signing_key.hpp>

#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace lambent::sigv4 {

/// Headers to add to the request, and each stage for who must find a difference.
///
/// Besides these, add `x-amz-security-token` when the key has one, and with `sign_body_header` an `x-amz-content-sha256`
/// of the payload hash that was given.
struct signature
{
    std::string date;                 ///< x-amz-date: 20150830T123600Z
    std::string authorization;        ///< Authorization
    std::string signed_headers;       ///< a;b;c
    std::string signature_hex;
    std::string canonical_request;
    std::string string_to_sign;
};

/// A presigned request: its query carries the signature, no header needs adding.
struct presigned
{
    std::string query;                ///< complete, for behind the '?': what was given, then the X-Amz-* parameters
    std::string signed_headers;
    std::string signature_hex;
    std::string canonical_request;
    std::string string_to_sign;
};

/// Signs requests with AWS Signature Version 4. Keeps buffers and the last derived key; one per shard, not for two threads.
class signer
{
public:
    /// Signs by header: the given headers, x-amz-date, x-amz-security-token (unless omitted) and, if asked, x-amz-content-sha256.
    ///
    /// @param out  overwritten; reuse one object and nothing is allocated in steady state.
    /// @return an errc for input that cannot be signed (see errc.hpp); `out` is then unspecified.
    /// @source AWS IAM User Guide, "Create a signed AWS API request".
    core::result<void> sign(const request_view& request, const scope& where, const key_view& key, core::wall_time at, signature& out,
        const signing_options& options = {});

    /// Makes ready what `sign` would do for this request within the second of `at`, whatever the payload (`request.payload_sha256` is not read).
    ///
    /// @param out  overwritten; on error it covers nothing.
    /// @return as `sign`.
    core::result<void> prepare(const request_view& request, const scope& where, const key_view& key, core::wall_time at, request_template& out,
        const signing_options& options = {});

    /// Signs by query: adds X-Amz-Algorithm, -Credential, -Date, -SignedHeaders, -Expires, -Security-Token, -Signature.
    /// `sign_body_header` has no meaning here.
    /// @param lives  1 s to 7 days, counted from `at`.
    core::result<void> presign(const request_view& request, const scope& where, const key_view& key, core::wall_time at,
        std::chrono::seconds lives, presigned& out, const signing_options& options = {});

    /// Wipes the cached key.
    void forget() noexcept { keys_.clear(); }

private:
    core::result<void> begin(const request_view& request, const scope& where, const key_view& key, core::wall_time at);
    core::result<void> collect_headers(const request_view& request, std::span<const field_view> added);
    void finish(const key_view& key, const scope& where, const std::string& canonical_request, std::string& string_to_sign,
        std::string& signature_hex);

    signing_key_cache keys_;
    signature prepared_;
    canonical_headers headers_;
    canonical_query query_;
    std::string date_;
    std::chrono::sys_seconds date_of_{}; ///< what `date_` says, unless that is empty
};

/// Lines 1 to 3 of the string to sign and the hash: "AWS4-HMAC-SHA256\n<date>\n<day>/<region>/<service>/aws4_request\n<hash>".
void append_string_to_sign(std::string& out, std::string_view date, const scope& where, std::string_view canonical_request);
/// "20150830/us-east-1/lambda/aws4_request"
void append_scope(std::string& out, std::string_view day, const scope& where);

inline constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::chrono::seconds presigned_life_max{7 * 24 * 3600};

} // namespace lambent::sigv4
