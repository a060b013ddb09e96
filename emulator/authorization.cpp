#include <lambent/emulator/authorization.hpp>

#include <lambent/sigv4/verify.hpp>

#include <algorithm>
#include <vector>

namespace lambent::emulator {
namespace {

service_error forbidden(std::string type, std::string message)
{
    return {403, std::move(type), std::move(message), {}};
}

service_error unrecognized()
{
    return forbidden("UnrecognizedClientException", "The security token included in the request is invalid.");
}

service_error refusal(const sigv4::verification& found)
{
    switch (found.verdict) {
    case sigv4::verdict::missing_authentication:
        return forbidden("MissingAuthenticationTokenException", "Missing Authentication Token");
    case sigv4::verdict::malformed:
        return forbidden("IncompleteSignatureException", found.detail);
    case sigv4::verdict::wrong_token:
        return unrecognized();
    case sigv4::verdict::signature_mismatch:
        return forbidden("InvalidSignatureException",
            found.detail + "\n\nThe Canonical String for this request should have been\n'" + found.canonical_request
                + "'\n\nThe String-to-Sign should have been\n'" + found.string_to_sign + "'\n");
    default:
        return forbidden("InvalidSignatureException", found.detail);
    }
}

} // namespace

answered<caller> authorize(const http::server_request& request, std::string_view payload_sha256, std::span<const access_key> keys,
    std::string_view region, core::wall_time now)
{
    std::vector<sigv4::field_view> fields;
    fields.reserve(request.fields.size());
    for (const http::header& field : request.fields)
        fields.push_back({field.name, field.value});
    sigv4::request_view view;
    view.method = request.method;
    view.path = request.path;
    view.query = request.query;
    view.headers = fields;
    view.payload_sha256 = payload_sha256;

    sigv4::claim claimed;
    if (const auto read = sigv4::read_claim(view, claimed); !read)
        return refusal(read);
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const access_key& known) { return known.id == claimed.key_id; });
    if (key == keys.end())
        return unrecognized();
    sigv4::verify_options options;
    options.region = region;
    options.service = "lambda";
    const sigv4::key_view secret{key->id, key->secret, key->token};
    if (const auto verified = sigv4::verify(view, claimed, secret, now, options); !verified)
        return refusal(verified);
    if (key->expired)
        return forbidden("ExpiredTokenException", "The security token included in the request is expired");
    return caller{claimed.key_id, claimed.region};
}

} // namespace lambent::emulator
