#pragma once

#include <lambent/cli/raw_request.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>
#include <lambent/sigv4/request_view.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::cli {

struct sign_options
{
    std::string region;
    std::string service = "lambda";
    std::string time;                     ///< 20150830T123600Z; empty: the request's X-Amz-Date, else now
    bool query = false;                   ///< presign
    std::chrono::seconds expires{3600};
    bool unsigned_payload = false;
    bool sign_body = false;
    bool no_normalize = false;
    bool single_encode = false;
    bool omit_session_token = false;
};

/// A signed request and every stage on the way.
struct signed_request
{
    raw_request request;
    std::string canonical_request;
    std::string string_to_sign;
    std::string signature;
    std::string authorization; ///< empty when presigned
};

/// Signs as `lambent sign` does. What the request brings of the signer's own headers is replaced; an X-Amz-Security-Token of its own is signed
/// where the keys have none, an X-Amz-Content-Sha256 has the effect of `sign_body` (and of `unsigned_payload`, if it says so).
core::result<signed_request> sign(raw_request request, const sign_options& options, const sigv4::key_view& key, core::wall_time now);

/// `what` is a value of --show; nullopt: there is no such form.
std::optional<core::result<std::string>> show(const signed_request& done, std::string_view what);

} // namespace lambent::cli
