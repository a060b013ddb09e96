#include <lambent/cli/sign_request.hpp>
#include <lambent/sigv4/amz_date.hpp>

#include <lambent/data/json.hpp>

#include <support/catch.hpp>

using namespace lambent;
using namespace lambent::cli;

namespace {

constexpr sigv4::key_view key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const core::wall_time now = *sigv4::parse_amz_date("20260101T000000Z");

sign_options options()
{
    sign_options with;
    with.region = "us-east-1";
    with.service = "service";
    with.time = "20150830T123600Z";
    return with;
}

core::result<signed_request> done(std::string_view text, const sign_options& with = options(), const sigv4::key_view& keys = key)
{
    auto request = parse_raw_request(text);
    REQUIRE(request);
    return sign(std::move(*request), with, keys, now);
}

std::string shown(const signed_request& request, std::string_view what)
{
    const auto form = show(request, what);
    REQUIRE(form);
    REQUIRE(*form);
    return **form;
}

} // namespace

TEST_CASE("sign: the documented example's signature", "[cli][sign]")
{
    const auto plain = done("GET / HTTP/1.1\nHost:example.amazonaws.com\n\n");
    REQUIRE(plain);
    CHECK(plain->signature == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    CHECK(shown(*plain, "signature") == plain->signature + "\n");
    CHECK(shown(*plain, "authorization") == plain->authorization + "\n");
    CHECK(shown(*plain, "request")
        == "GET / HTTP/1.1\nHost: example.amazonaws.com\nX-Amz-Date: 20150830T123600Z\nAuthorization: " + plain->authorization + "\n\n");
    CHECK(shown(*plain, "canonical-request") == plain->canonical_request + "\n");
    CHECK(shown(*plain, "string-to-sign") == plain->string_to_sign + "\n");
    CHECK_FALSE(show(*plain, "nothing"));
}

TEST_CASE("sign: what the request brings of the signer's own headers is replaced", "[cli][sign]")
{
    sign_options without_time = options();
    without_time.time.clear();
    const auto again = done("GET / HTTP/1.1\nHost:example.amazonaws.com\nX-Amz-Date:20150830T123600Z\nAuthorization: old\n\n", without_time);
    REQUIRE(again);
    CHECK(again->signature == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    CHECK(again->request.headers.size() == 3);
    const auto at_now = done("GET / HTTP/1.1\nHost:example.amazonaws.com\n\n", without_time);
    CHECK(*at_now->request.header("x-amz-date") == "20260101T000000Z");
}

TEST_CASE("sign: tokens of keys and of the request", "[cli][sign]")
{
    const auto own = done("GET / HTTP/1.1\nHost: h\nX-Amz-Security-Token: T\n\n");
    REQUIRE(own);
    CHECK(own->canonical_request.find("x-amz-security-token:T\n") != std::string::npos);
    const auto keys = done("GET / HTTP/1.1\nHost: h\nX-Amz-Security-Token: T\n\n", options(), {key.id, key.secret, "K"});
    CHECK(*keys->request.header("x-amz-security-token") == "K");
    sign_options omit = options();
    omit.omit_session_token = true;
    const auto omitted = done("GET / HTTP/1.1\nHost: h\n\n", omit, {key.id, key.secret, "K"});
    CHECK(omitted->canonical_request.find("token") == std::string::npos);
    CHECK(*omitted->request.header("x-amz-security-token") == "K");
}

TEST_CASE("sign: bodies signed, in a header, or not at all", "[cli][sign]")
{
    sign_options with = options();
    with.sign_body = true;
    CHECK(*done("POST / HTTP/1.1\nHost: h\n\n", with)->request.header("x-amz-content-sha256")
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    with.unsigned_payload = true;
    CHECK(*done("POST / HTTP/1.1\nHost: h\n\nx", with)->request.header("x-amz-content-sha256") == "UNSIGNED-PAYLOAD");
    const auto own = done("POST / HTTP/1.1\nHost: h\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\n\nx");
    CHECK(own->canonical_request.ends_with("\nUNSIGNED-PAYLOAD"));
    CHECK(*own->request.header("x-amz-content-sha256") == "UNSIGNED-PAYLOAD");
}

TEST_CASE("sign: the path is encoded twice for every service but s3, and normalised unless told not to", "[cli][sign]")
{
    const auto path = [](const sign_options& with) {
        const auto signed_one = done("GET /a//b%20c HTTP/1.1\nHost: h\n\n", with);
        const std::string& text = signed_one->canonical_request;
        return text.substr(4, text.find('\n', 4) - 4);
    };
    sign_options with = options();
    CHECK(path(with) == "/a/b%2520c");
    with.no_normalize = true;
    CHECK(path(with) == "/a//b%2520c");
    with.single_encode = true;
    CHECK(path(with) == "/a//b%20c");
    with = options();
    with.service = "s3";
    CHECK(path(with) == "/a/b%20c");
}

TEST_CASE("sign: presigned, the target carries everything", "[cli][sign]")
{
    sign_options with = options();
    with.query = true;
    with.expires = std::chrono::seconds(60);
    const auto presigned = done("GET /x?a=b HTTP/1.1\nHost: h\n\n", with);
    REQUIRE(presigned);
    CHECK(presigned->request.target.starts_with("/x?a=b&X-Amz-Algorithm=AWS4-HMAC-SHA256&"));
    CHECK(presigned->request.target.ends_with("&X-Amz-Expires=60&X-Amz-Signature=" + presigned->signature));
    CHECK(presigned->request.headers.size() == 1);
    CHECK(shown(*presigned, "authorization") == presigned->request.target + "\n");
}

TEST_CASE("sign: all stages as one JSON object", "[cli][sign]")
{
    const auto plain = done("GET / HTTP/1.1\nHost:example.amazonaws.com\n\n");
    const auto all = data::read_json(shown(*plain, "all"));
    REQUIRE(all);
    CHECK(all->peek("canonical_request")->text() == plain->canonical_request);
    CHECK(all->peek("string_to_sign")->text() == plain->string_to_sign);
    CHECK(all->peek("signature")->text() == plain->signature);
    CHECK(all->peek("authorization")->text() == plain->authorization);
    CHECK(all->peek("signed_target")->text() == "/");
    CHECK(all->peek("signed_request_headers")->items().size() == 3);
    sign_options with = options();
    with.query = true;
    CHECK(data::read_json(shown(*done("GET / HTTP/1.1\nHost: h\n\n", with), "all"))->peek("authorization")->is_null());
}

TEST_CASE("sign: what cannot be signed is one sentence", "[cli][sign]")
{
    const auto refused = [](std::string_view text, const sign_options& with = options()) {
        auto outcome = done(text, with);
        REQUIRE_FALSE(outcome);
        return outcome.error().text();
    };
    CHECK(refused("GET / HTTP/1.1\n\n") == "the headers to sign lack host; every signature covers it");
    sign_options with = options();
    with.time = "yesterday";
    CHECK(refused("GET / HTTP/1.1\nHost: h\n\n", with) == "'yesterday' is not a time: write it as 20150830T123600Z");
    with = options();
    with.query = true;
    CHECK(refused("GET /?X-Amz-Signature=0 HTTP/1.1\nHost: h\n\n", with) == "leave out query parameter X-Amz-Signature: the signer writes it itself");
}
