#pragma once

#include <lambent/emulator/authorization.hpp>
#include <lambent/http/server.hpp>
#include <lambent/sigv4/amz_date.hpp>
#include <lambent/sigv4/digest.hpp>
#include <lambent/sigv4/signer.hpp>

#include <support/catch.hpp>

#include <string>
#include <vector>

namespace lambent::emulator {

inline core::wall_time noon()
{
    return *sigv4::parse_amz_date("20261122T120000Z");
}

inline access_key example_key()
{
    access_key key;
    key.id = "AKIDEXAMPLE";
    key.secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    return key;
}

/// An unsigned Invoke of `function` (percent-encoded) as the server receives it.
inline http::server_request invoke_request(std::string function, std::string body = "{}")
{
    http::server_request request;
    request.method = "POST";
    request.path = "/2015-03-31/functions/" + function + "/invocations";
    request.target = request.path;
    request.fields.add("Host", "127.0.0.1:9001");
    request.fields.add("Content-Type", "application/octet-stream");
    request.body = std::move(body);
    return request;
}

struct signed_as
{
    access_key key = example_key();
    std::string region = "eu-west-1";
    std::string service = "lambda";
    core::wall_time at = noon();
};

/// Adds the headers of a signature over everything that the request has.
inline void sign(http::server_request& request, const signed_as& how = {})
{
    std::vector<sigv4::field_view> fields;
    for (const http::header& field : request.fields)
        fields.push_back({field.name, field.value});
    const std::string digest = sigv4::sha256_hex(request.body);
    sigv4::request_view view;
    view.method = request.method;
    view.path = request.path;
    view.query = request.query;
    view.headers = fields;
    view.payload_sha256 = digest;
    sigv4::signer signer;
    sigv4::signature signature;
    const sigv4::scope where{how.region, how.service};
    const sigv4::key_view key{how.key.id, how.key.secret, how.key.token};
    REQUIRE(signer.sign(view, where, key, how.at, signature));
    request.fields.add("X-Amz-Date", signature.date);
    if (!how.key.token.empty())
        request.fields.add("X-Amz-Security-Token", how.key.token);
    request.fields.add("Authorization", signature.authorization);
}

} // namespace lambent::emulator
