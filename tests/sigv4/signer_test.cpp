#include <lambent/sigv4/amz_date.hpp>
#include <lambent/sigv4/errc.hpp>
#include <lambent/sigv4/signer.hpp>

#include <support/catch.hpp>

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

using namespace lambent;
using namespace lambent::sigv4;
using namespace std::chrono_literals;

namespace {

std::size_t allocations = 0; // by this program's operator new

} // namespace

void* operator new(std::size_t size)
{
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size))
        return memory;
    throw std::bad_alloc();
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

namespace {

const core::wall_time at = *parse_amz_date("20150830T123600Z");
constexpr scope where{"us-east-1", "lambda"};
constexpr key_view key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const std::string empty_hash = sha256_hex("");

struct request
{
    std::vector<field_view> headers{{"Host", "example.amazonaws.com"}};
    request_view view{"POST", "/2015-03-31/functions/f/invocations", "", {}, empty_hash};

    const request_view& get()
    {
        view.headers = headers;
        return view;
    }
};

core::error refused(request r, const scope& s = where, const key_view& k = key)
{
    signer with;
    signature out;
    auto done = with.sign(r.get(), s, k, at, out);
    REQUIRE_FALSE(done);
    return done.error();
}

} // namespace

TEST_CASE("signer: a known request has the known signature", "[sigv4][signer]")
{
    // The figures are of three independent signers that agree (case 000-plain of the recorded Lambda requests).
    request r;
    r.headers = {{"host", "lambda.us-east-1.amazonaws.com"}};
    r.view.path = "/2015-03-31/functions/my-function/invocations";
    signer with;
    signature out;
    REQUIRE(with.sign(r.get(), where, key, at, out));
    CHECK(out.date == "20150830T123600Z");
    CHECK(out.signed_headers == "host;x-amz-date");
    CHECK(out.signature_hex == "253201123eafcfcca98a485f2ddb039c42425974f150df720917e8784076e764");
    CHECK(out.authorization
        == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/lambda/aws4_request, SignedHeaders=host;x-amz-date, Signature="
            + out.signature_hex);
}

TEST_CASE("signer: the token is signed, or left out when asked", "[sigv4][signer]")
{
    request r;
    signer with;
    signature out;
    const key_view session{key.id, key.secret, "TOKEN"};
    REQUIRE(with.sign(r.get(), where, session, at, out));
    CHECK(out.signed_headers == "host;x-amz-date;x-amz-security-token");
    CHECK(out.canonical_request.find("x-amz-security-token:TOKEN\n") != std::string::npos);
    signature without;
    signing_options options;
    options.omit_session_token = true;
    REQUIRE(with.sign(r.get(), where, session, at, without, options));
    CHECK(without.signed_headers == "host;x-amz-date");
    signature plain;
    REQUIRE(with.sign(r.get(), where, key, at, plain));
    CHECK(plain.signature_hex == without.signature_hex);
}

TEST_CASE("signer: the body header is added on demand and an unsigned payload is said so", "[sigv4][signer]")
{
    request r;
    r.view.payload_sha256 = unsigned_payload;
    signer with;
    signature out;
    signing_options options;
    options.sign_body_header = true;
    REQUIRE(with.sign(r.get(), where, key, at, out, options));
    CHECK(out.signed_headers == "host;x-amz-content-sha256;x-amz-date");
    CHECK(out.canonical_request.substr(out.canonical_request.rfind('\n')) == "\nUNSIGNED-PAYLOAD");
}

TEST_CASE("signer: an empty region is signed as such", "[sigv4][signer]")
{
    request r;
    signer with;
    signature out;
    REQUIRE(with.sign(r.get(), {"", "lambda"}, key, at, out));
    CHECK(out.authorization.find("/20150830//lambda/aws4_request") != std::string::npos);
}

TEST_CASE("signer: one object signs for changing keys, days and scopes as fresh ones do", "[sigv4][signer]")
{
    signer kept;
    request r;
    for (int i = 0; i < 40; ++i) {
        const std::string secret = i % 3 == 0 ? "one" : "two";
        const std::string region = i % 5 == 0 ? "eu-west-1" : "us-east-1";
        const core::wall_time when = at + std::chrono::hours(i % 7 * 24);
        signer fresh;
        signature a;
        signature b;
        REQUIRE(kept.sign(r.get(), {region, "lambda"}, {"ID", secret, {}}, when, a));
        REQUIRE(fresh.sign(r.get(), {region, "lambda"}, {"ID", secret, {}}, when, b));
        CHECK(a.authorization == b.authorization);
    }
}

TEST_CASE("signer: steady state allocates nothing", "[sigv4][signer]")
{
    signer with;
    signature out;
    request r;
    r.headers.push_back({"Content-Type", "application/octet-stream"});
    r.view.query = "Qualifier=%24LATEST";
    const std::string token(800, 't');
    const key_view session{key.id, key.secret, token};
    r.get();
    for (int i = 0; i < 3; ++i)
        REQUIRE(with.sign(r.view, where, session, at, out));
    const std::size_t before = allocations;
    bool good = true;
    for (int i = 0; i < 100; ++i)
        good = good && with.sign(r.view, where, session, at + std::chrono::seconds(i), out).has_value();
    const std::size_t after = allocations;
    CHECK(good);
    CHECK(after - before == 0);
}

TEST_CASE("signer: input that cannot be signed is refused by name", "[sigv4][signer]")
{
    request r;
    SECTION("method")
    {
        r.view.method = "PO ST";
        CHECK(refused(r).code == errc::invalid_method);
    }
    SECTION("header injection")
    {
        r.headers.push_back({"X-Custom", "a\r\nX-Evil: b"});
        CHECK(refused(r).code == errc::invalid_header_value);
    }
    SECTION("no host")
    {
        r.headers = {{"content-type", "x"}};
        CHECK(refused(r).code == errc::missing_host);
    }
    SECTION("headers of the signer's own")
    {
        for (const std::string_view name : {"Authorization", "X-Amz-Date", "x-amz-security-token", "X-AMZ-Content-Sha256"}) {
            r.headers = {{"host", "h"}, {name, "v"}};
            CHECK(refused(r).code == errc::reserved_field);
        }
    }
    SECTION("scope")
    {
        CHECK(refused(r, {"us/east", "lambda"}).code == errc::invalid_scope);
        CHECK(refused(r, {"us-east-1\n", "lambda"}).code == errc::invalid_scope);
        CHECK(refused(r, {"us-east-1", ""}).code == errc::invalid_scope);
    }
    SECTION("keys")
    {
        CHECK(refused(r, where, {"", "s", ""}).code == errc::invalid_key);
        CHECK(refused(r, where, {"a/b", "s", ""}).code == errc::invalid_key);
        CHECK(refused(r, where, {"a", "", ""}).code == errc::invalid_key);
        CHECK(refused(r, where, {"a", "s", "t\r\nX: y"}).code == errc::invalid_key);
    }
    SECTION("payload hash")
    {
        for (const std::string_view hash : {"", "abc", "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"}) {
            r.view.payload_sha256 = hash;
            CHECK(refused(r).code == errc::invalid_payload_hash);
        }
    }
}

TEST_CASE("signer: presigning refuses lives that no service accepts, and parameters of its own", "[sigv4][signer]")
{
    signer with;
    presigned out;
    request r;
    CHECK(with.presign(r.get(), where, key, at, 0s, out).error().code == errc::invalid_expiry);
    CHECK(with.presign(r.get(), where, key, at, 604801s, out).error().code == errc::invalid_expiry);
    CHECK(with.presign(r.get(), where, key, at, 604800s, out));
    r.view.query = "a=b&X-Amz-Signature=00";
    CHECK(with.presign(r.get(), where, key, at, 60s, out).error().code == errc::reserved_field);
}

TEST_CASE("signer: presigning keeps the query and adds its parameters", "[sigv4][signer]")
{
    signer with;
    presigned out;
    request r;
    r.view.query = "Qualifier=1";
    REQUIRE(with.presign(r.get(), where, {key.id, key.secret, "a/b="}, at, 60s, out));
    CHECK(out.query
        == "Qualifier=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Flambda%2Faws4_request"
           "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=60&X-Amz-Security-Token=a%2Fb%3D&X-Amz-Signature="
            + out.signature_hex);
}
