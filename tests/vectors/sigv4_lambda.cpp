#include "sigv4_case.hpp"

#include <lambent/aws/endpoint.hpp>
#include <lambent/aws/lambda_protocol.hpp>
#include <lambent/http/headers.hpp>
#include <lambent/sigv4/signer.hpp>
#include <lambent/sigv4/verify.hpp>

#include <algorithm>
#include <cstdint>

namespace lambent::vectors {
namespace {

// {"utf8": text} or {"lcg32": {seed, length}}: x = seed; length times x = x * 1664525 + 1013904223 mod 2^32, byte = x >> 24.
std::string payload_of(const boost::json::object& payload)
{
    if (const auto* plain = payload.if_contains("utf8"))
        return std::string(plain->as_string());
    const boost::json::object& rule = payload.at("lcg32").as_object();
    auto x = rule.at("seed").to_number<std::uint32_t>();
    std::string bytes(rule.at("length").to_number<std::size_t>(), '\0');
    for (char& byte : bytes) {
        x = x * 1664525U + 1013904223U;
        byte = static_cast<char>(x >> 24);
    }
    return bytes;
}

aws::invocation_type type_of(std::string_view name)
{
    return name == "Event" ? aws::invocation_type::event : name == "DryRun" ? aws::invocation_type::dry_run : aws::invocation_type::request_response;
}

void check_request(const boost::json::object& test, tally& count)
{
    comparison compare(std::string(text(test, "name")) + " (request)");
    const boost::json::object& options = test.at("options").as_object();
    aws::invocation call;
    call.function = text(test, "function");
    call.qualifier = text(options, "Qualifier");
    call.type = type_of(text(options, "InvocationType"));
    call.log_tail = text(options, "LogType") == "Tail";
    const auto where = aws::resolve_endpoint({text(test, "region"), text(test, "endpoint_override"), false, false});
    const auto request = aws::to_request(call, where ? where->base_path : std::string());
    if (!where || !request) {
        compare.fail("building", !where ? where.error().text() : request.error().text());
        return compare.count(count);
    }
    compare.same("scheme", text(test, "scheme"), where->origin.tls ? "https" : "http");
    compare.same("host", text(test, "host"), where->origin.authority());
    compare.same("path", text(test, "path"), request->path);
    compare.same("query", text(test, "query"), request->query);
    // What we send of the recorded x-amz headers must be the same; a type that is the default is not sent.
    for (const http::header& field : request->fields)
        for (const boost::json::value& recorded : test.at("headers").as_array())
            if (http::equal_ignoring_case(field.name, std::string_view(recorded.at(0).as_string())))
                compare.same(field.name, recorded.at(1).as_string(), field.value);
    compare.count(count);
}

void check_signature(const boost::json::object& test, tally& count)
{
    comparison compare(std::string(text(test, "name")) + " (signature)");
    const std::string payload_hash = sigv4::sha256_hex(payload_of(test.at("payload").as_object()));
    compare.same("payload hash", text(test, "payload_sha256"), payload_hash);

    // Exactly the signed headers; date and token are the signer's to add.
    std::vector<sigv4::field_view> headers{{"host", text(test, "host")}};
    const auto& names = test.at("signed_headers").as_array();
    for (const boost::json::value& header : test.at("headers").as_array()) {
        const std::string_view name = header.at(0).as_string();
        const bool is_signed = std::any_of(names.begin(), names.end(),
            [&](const boost::json::value& one) { return http::equal_ignoring_case(std::string_view(one.as_string()), name); });
        if (is_signed && !http::equal_ignoring_case(name, "x-amz-date") && !http::equal_ignoring_case(name, "x-amz-security-token"))
            headers.push_back({name, header.at(1).as_string()});
    }
    const boost::json::object& credentials = test.at("credentials").as_object();
    const sigv4::key_view key{text(credentials, "access_key_id"), text(credentials, "secret_access_key"), text(credentials, "session_token")};
    const sigv4::request_view request{text(test, "method"), text(test, "path"), text(test, "query"), headers, payload_hash};
    const core::wall_time at = moment(text(test, "timestamp"));
    sigv4::signer signer;
    sigv4::signature got;
    if (auto done = signer.sign(request, {text(test, "region"), text(test, "service")}, key, at, got); !done)
        compare.fail("signing", done.error().text());
    compare.same("canonical request", text(test, "canonical_request"), got.canonical_request);
    compare.same("string to sign", text(test, "string_to_sign"), got.string_to_sign);
    compare.same("signature", text(test, "signature"), got.signature_hex);
    compare.same("authorization", text(test, "authorization"), got.authorization);

    // The recorded request, as a server receives it, verifies.
    std::vector<sigv4::field_view> received{{"Host", text(test, "host")}, {"Authorization", text(test, "authorization")}};
    for (const boost::json::value& header : test.at("headers").as_array())
        received.push_back({header.at(0).as_string(), header.at(1).as_string()});
    sigv4::request_view whole = request;
    whole.headers = received;
    sigv4::claim claimed;
    auto verified = sigv4::read_claim(whole, claimed);
    if (verified)
        verified = sigv4::verify(whole, claimed, key, at, {text(test, "region"), "lambda"});
    if (!verified)
        compare.fail("verifying", verified.detail);
    compare.count(count);
}

} // namespace

void run_lambda_request(const boost::json::object& test, tally& count)
{
    check_request(test, count);
    check_signature(test, count);
}

} // namespace lambent::vectors
