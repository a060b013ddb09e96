#include "signed_request.hpp"

using namespace lambent;
using namespace lambent::emulator;
using namespace std::chrono_literals;

namespace {

answered<caller> judge(const http::server_request& request, const access_key& known = example_key(), std::string_view region = "eu-west-1",
    core::wall_time now = noon())
{
    const std::vector<access_key> keys{known};
    return authorize(request, sigv4::sha256_hex(request.body), keys, region, now);
}

service_error refusal_of(const answered<caller>& verdict)
{
    REQUIRE(std::holds_alternative<service_error>(verdict));
    service_error error = std::get<service_error>(verdict);
    CHECK(error.status == 403);
    return error;
}

http::server_request signed_request(const signed_as& how = {})
{
    http::server_request request = invoke_request("foo", R"({"id":1})");
    sign(request, how);
    return request;
}

} // namespace

TEST_CASE("authorization: a good signature names its key and region", "[emulator][authorization]")
{
    const auto verdict = judge(signed_request());
    REQUIRE(std::holds_alternative<caller>(verdict));
    CHECK(std::get<caller>(verdict).key_id == "AKIDEXAMPLE");
    CHECK(std::get<caller>(verdict).region == "eu-west-1");
}

TEST_CASE("authorization: any region is good where none is demanded, one is demanded else", "[emulator][authorization]")
{
    signed_as elsewhere;
    elsewhere.region = "us-east-1";
    CHECK(std::holds_alternative<caller>(judge(signed_request(elsewhere), example_key(), "")));
    const auto error = refusal_of(judge(signed_request(elsewhere)));
    CHECK(error.type == "InvalidSignatureException");
    CHECK(error.message.find("Credential should be scoped to a valid region") == 0);
    signed_as other_service;
    other_service.service = "s3";
    CHECK(refusal_of(judge(signed_request(other_service))).message.find("Credential should be scoped to correct service: 'lambda'") == 0);
}

TEST_CASE("authorization: an unsigned request lacks a token, a torn signature is incomplete", "[emulator][authorization]")
{
    const auto unsigned_error = refusal_of(judge(invoke_request("foo")));
    CHECK(unsigned_error.type == "MissingAuthenticationTokenException");
    CHECK(unsigned_error.message == "Missing Authentication Token");

    http::server_request torn = signed_request();
    torn.fields.set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-west-1/lambda/aws4_request");
    CHECK(refusal_of(judge(torn)).type == "IncompleteSignatureException");
    torn = signed_request();
    torn.fields.erase("X-Amz-Date");
    CHECK(refusal_of(judge(torn)).type == "IncompleteSignatureException");
    torn = signed_request();
    torn.fields.set("Authorization", "Bearer abc");
    CHECK(refusal_of(judge(torn)).type == "IncompleteSignatureException");
}

TEST_CASE("authorization: unknown keys and wrong tokens are not recognized", "[emulator][authorization]")
{
    access_key other = example_key();
    other.id = "AKIDOTHER";
    CHECK(refusal_of(judge(signed_request(), other)).type == "UnrecognizedClientException");

    access_key temporary = example_key();
    temporary.token = "the-token";
    CHECK(refusal_of(judge(signed_request(), temporary)).type == "UnrecognizedClientException");

    signed_as with_token;
    with_token.key = temporary;
    CHECK(std::holds_alternative<caller>(judge(signed_request(with_token), temporary)));
    with_token.key.token = "another";
    CHECK(refusal_of(judge(signed_request(with_token), temporary)).message == "The security token included in the request is invalid.");
    CHECK(refusal_of(judge(signed_request(with_token), example_key())).type == "UnrecognizedClientException");
}

TEST_CASE("authorization: an expired key says so only to who holds its secret", "[emulator][authorization]")
{
    access_key expired = example_key();
    expired.expired = true;
    CHECK(refusal_of(judge(signed_request(), expired)).type == "ExpiredTokenException");
    expired.secret = "another";
    CHECK(refusal_of(judge(signed_request(), expired)).type == "InvalidSignatureException");
}

TEST_CASE("authorization: a wrong secret is answered with what should have been signed", "[emulator][authorization]")
{
    signed_as wrong;
    wrong.key.secret = "wrong";
    const auto error = refusal_of(judge(signed_request(wrong)));
    CHECK(error.type == "InvalidSignatureException");
    CHECK(error.message.find("The request signature we calculated does not match the signature you provided.") == 0);
    CHECK(error.message.find("The Canonical String for this request should have been\n'POST\n/2015-03-31/functions/foo/invocations\n\n")
        != std::string::npos);
    CHECK(error.message.find("The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20261122T120000Z\n20261122/eu-west-1/lambda/aws4_request\n")
        != std::string::npos);
}

TEST_CASE("authorization: what was changed after signing does not verify", "[emulator][authorization]")
{
    http::server_request changed = signed_request();
    changed.body[5] = '2';
    CHECK(refusal_of(judge(changed)).type == "InvalidSignatureException");
    changed = signed_request();
    changed.path = "/2015-03-31/functions/bar/invocations";
    CHECK(refusal_of(judge(changed)).type == "InvalidSignatureException");
    changed = signed_request();
    changed.query = "Qualifier=1";
    CHECK(refusal_of(judge(changed)).type == "InvalidSignatureException");
    changed = signed_request();
    changed.fields.add("X-Amz-Invocation-Type", "Event");
    CHECK(refusal_of(judge(changed)).type == "InvalidSignatureException");
}

TEST_CASE("authorization: a signature lives five minutes both ways, and the answer names the times", "[emulator][authorization]")
{
    CHECK(std::holds_alternative<caller>(judge(signed_request(), example_key(), "", noon() + 300s)));
    CHECK(std::holds_alternative<caller>(judge(signed_request(), example_key(), "", noon() - 300s)));
    const auto late = refusal_of(judge(signed_request(), example_key(), "", noon() + 301s));
    CHECK(late.type == "InvalidSignatureException");
    CHECK(late.message == "Signature expired: 20261122T120000Z is now earlier than 20261122T120001Z (20261122T120501Z - 5 min.)");
    const auto early = refusal_of(judge(signed_request(), example_key(), "", noon() - 301s));
    CHECK(early.message == "Signature not yet current: 20261122T120000Z is still later than 20261122T115959Z (20261122T115459Z + 5 min.)");
}

TEST_CASE("authorization: a percent-encoded ARN is verified as it was sent", "[emulator][authorization]")
{
    http::server_request request = invoke_request("arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Afoo%3A%24LATEST");
    request.query = "Qualifier=%24LATEST";
    sign(request);
    CHECK(std::holds_alternative<caller>(judge(request)));
}
