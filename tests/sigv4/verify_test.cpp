#include <lambent/core/entropy.hpp>
#include <lambent/sigv4/amz_date.hpp>
#include <lambent/sigv4/signer.hpp>
#include <lambent/sigv4/verify.hpp>

#include <support/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace lambent;
using namespace lambent::sigv4;
using namespace std::chrono_literals;

namespace {

const core::wall_time at = *parse_amz_date("20150830T123600Z");

/// A request as a server would hold it: owned, so that a test may change any byte.
struct wire_request
{
    std::string method = "POST";
    std::string path = "/2015-03-31/functions/f/invocations";
    std::string query;
    std::vector<std::pair<std::string, std::string>> headers{{"Host", "example.amazonaws.com"}};
    std::string body = "{}";
};

struct keys
{
    std::string id = "AKIDEXAMPLE";
    std::string secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    std::string token;
    key_view view() const { return {id, secret, token}; }
};

class viewed
{
public:
    explicit viewed(const wire_request& request) : hash_(sha256_hex(request.body))
    {
        for (const auto& [name, value] : request.headers)
            headers_.push_back({name, value});
        view = {request.method, request.path, request.query, headers_, hash_};
    }
    viewed(const viewed&) = delete;
    request_view view;

private:
    std::string hash_;
    std::vector<field_view> headers_;
};

void sign_by_header(wire_request& request, const keys& with, const signing_options& options = {}, core::wall_time when = at)
{
    signer by;
    signature out;
    const viewed seen(request);
    REQUIRE(by.sign(seen.view, {"us-east-1", "lambda"}, with.view(), when, out, options));
    const std::string hash(seen.view.payload_sha256);
    request.headers.emplace_back("X-Amz-Date", out.date);
    if (!with.token.empty())
        request.headers.emplace_back("X-Amz-Security-Token", with.token);
    if (options.sign_body_header)
        request.headers.emplace_back("X-Amz-Content-Sha256", hash);
    request.headers.emplace_back("Authorization", out.authorization);
}

void sign_by_query(wire_request& request, const keys& with, const signing_options& options = {}, std::chrono::seconds lives = 60s)
{
    signer by;
    presigned out;
    const viewed seen(request);
    REQUIRE(by.presign(seen.view, {"us-east-1", "lambda"}, with.view(), at, lives, out, options));
    request.query = out.query;
}

verification judge(const wire_request& request, const keys& with, core::wall_time now = at, const verify_options& options = {})
{
    const viewed seen(request);
    claim claimed;
    if (auto read = read_claim(seen.view, claimed); !read)
        return read;
    return verify(seen.view, claimed, with.view(), now, options);
}

std::string& header(wire_request& request, std::string_view name)
{
    for (auto& [key, value] : request.headers)
        if (key == name)
            return value;
    FAIL("no such header");
    return request.body;
}

void replace(std::string& text, std::string_view what, std::string_view by)
{
    const std::size_t place = text.find(what);
    REQUIRE(place != std::string::npos);
    text.replace(place, what.size(), by);
}

} // namespace

TEST_CASE("verify: what was signed by header verifies, and the claim says by whom", "[sigv4][verify]")
{
    wire_request request;
    keys with;
    with.token = "TOKEN";
    sign_by_header(request, with);
    const viewed seen(request);
    claim claimed;
    REQUIRE(read_claim(seen.view, claimed));
    CHECK(claimed.key_id == with.id);
    CHECK(claimed.region == "us-east-1");
    CHECK(claimed.service == "lambda");
    CHECK(claimed.day == "20150830");
    CHECK(claimed.signed_at == at);
    CHECK(claimed.token == "TOKEN");
    CHECK_FALSE(claimed.presigned);
    CHECK(verify(seen.view, claimed, with.view(), at, {}));
}

TEST_CASE("verify: what was presigned verifies until its life ends", "[sigv4][verify]")
{
    wire_request request;
    keys with;
    sign_by_query(request, with);
    CHECK(judge(request, with));
    CHECK(judge(request, with, at + 60s));
    CHECK(judge(request, with, at + 61s).verdict == verdict::expired);
    CHECK(judge(request, with, at - 300s));
    CHECK(judge(request, with, at - 301s).verdict == verdict::not_yet_current);
}

TEST_CASE("verify: a header signature lives five minutes both ways, and the sentence says the times", "[sigv4][verify]")
{
    wire_request request;
    keys with;
    sign_by_header(request, with);
    CHECK(judge(request, with, at + 300s));
    CHECK(judge(request, with, at - 300s));
    const verification late = judge(request, with, at + 301s);
    CHECK(late.verdict == verdict::expired);
    CHECK(late.detail == "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)");
    const verification early = judge(request, with, at - 301s);
    CHECK(early.verdict == verdict::not_yet_current);
    CHECK(early.detail == "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)");
}

TEST_CASE("verify: a token added after signing is accepted and compared", "[sigv4][verify]")
{
    keys with;
    with.token = "TO/KEN==";
    signing_options options;
    options.omit_session_token = true;
    wire_request by_header;
    sign_by_header(by_header, with, options);
    CHECK(judge(by_header, with));
    wire_request by_query;
    sign_by_query(by_query, with, options);
    CHECK(judge(by_query, with));
    keys other = with;
    other.token = "OTHER";
    CHECK(judge(by_header, other).verdict == verdict::wrong_token);
    CHECK(judge(by_query, other).verdict == verdict::wrong_token);
    other.token.clear();
    CHECK(judge(by_header, other).verdict == verdict::wrong_token);
}

TEST_CASE("verify: a missing token is a wrong one", "[sigv4][verify]")
{
    wire_request request;
    sign_by_header(request, keys{});
    keys with;
    with.token = "TOKEN";
    CHECK(judge(request, with).verdict == verdict::wrong_token);
}

TEST_CASE("verify: nothing signed is told from nonsense", "[sigv4][verify]")
{
    wire_request request;
    CHECK(judge(request, {}).verdict == verdict::missing_authentication);
    for (const std::string_view text : {"", "Basic dXNlcjpwYXNz", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a",
             "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00",
             "AWS4-HMAC-SHA256 nonsense", "AWS4-HMAC-SHA256 Credential=a, Credential=b", "AWS4-ECDSA-P256-SHA256 Credential=a"}) {
        request.headers = {{"Host", "h"}, {"X-Amz-Date", "20150830T123600Z"}, {"Authorization", std::string(text)}};
        const verification answer = judge(request, {});
        CHECK(answer.verdict == verdict::malformed);
        CHECK_FALSE(answer.detail.empty());
    }
}

TEST_CASE("verify: every part of the header has its own sentence when it is wrong", "[sigv4][verify]")
{
    wire_request request;
    keys with;
    sign_by_header(request, with);
    std::string& authorization = header(request, "Authorization");
    SECTION("terminator")
    {
        replace(authorization, "aws4_request", "aws5_request");
        CHECK(judge(request, with).detail.find("terminator") != std::string::npos);
    }
    SECTION("number of parts")
    {
        replace(authorization, "/aws4_request", "");
        CHECK(judge(request, with).detail.find("exactly 5") != std::string::npos);
    }
    SECTION("day")
    {
        replace(authorization, "20150830", "20150831");
        CHECK(judge(request, with).verdict == verdict::wrong_date);
    }
    SECTION("two signatures")
    {
        request.headers.emplace_back("authorization", authorization);
        CHECK(judge(request, with).verdict == verdict::malformed);
    }
    SECTION("header and query at once")
    {
        request.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256";
        CHECK(judge(request, with).verdict == verdict::malformed);
    }
    SECTION("no date")
    {
        std::erase_if(request.headers, [](const auto& h) { return h.first == "X-Amz-Date"; });
        CHECK(judge(request, with).verdict == verdict::malformed);
    }
    SECTION("unsorted names")
    {
        replace(authorization, "host;x-amz-date", "x-amz-date;host");
        CHECK(judge(request, with).verdict == verdict::malformed);
    }
    SECTION("blanks and order are free")
    {
        const std::string credential = authorization.substr(17, authorization.find(',') - 17);
        const std::string signature = authorization.substr(authorization.find("Signature="));
        authorization = "AWS4-HMAC-SHA256 " + signature + ",SignedHeaders=host;x-amz-date,  " + credential;
        CHECK(judge(request, with));
    }
}

TEST_CASE("verify: the scope must be the service's", "[sigv4][verify]")
{
    wire_request request;
    keys with;
    sign_by_header(request, with);
    verify_options options;
    options.region = "us-east-1";
    options.service = "lambda";
    CHECK(judge(request, with, at, options));
    options.region = "eu-west-1";
    CHECK(judge(request, with, at, options).verdict == verdict::wrong_region);
    options.region = "";
    options.service = "sts";
    const verification answer = judge(request, with, at, options);
    CHECK(answer.verdict == verdict::wrong_service);
    CHECK(answer.detail == "Credential should be scoped to correct service: 'sts'. ");
}

TEST_CASE("verify: host and every x-amz header must be signed, signed headers must be there", "[sigv4][verify]")
{
    wire_request request;
    keys with;
    request.headers.emplace_back("Content-Type", "a/b");
    sign_by_header(request, with);
    SECTION("an x-amz header that nobody signed")
    {
        request.headers.emplace_back("X-Amz-Invocation-Type", "Event");
        CHECK(judge(request, with).verdict == verdict::missing_signed_header);
    }
    SECTION("a signed header that is gone")
    {
        std::erase_if(request.headers, [](const auto& h) { return h.first == "Content-Type"; });
        CHECK(judge(request, with).verdict == verdict::missing_signed_header);
    }
    SECTION("host unsigned")
    {
        replace(header(request, "Authorization"), "content-type;host;x-amz-date", "content-type;x-amz-date");
        CHECK(judge(request, with).verdict == verdict::missing_signed_header);
    }
    SECTION("other unsigned headers may come")
    {
        request.headers.emplace_back("User-Agent", "x");
        CHECK(judge(request, with));
    }
}

TEST_CASE("verify: the body is what the signature covers", "[sigv4][verify]")
{
    wire_request request;
    keys with;
    signing_options options;
    options.sign_body_header = true;
    sign_by_header(request, with, options);
    CHECK(judge(request, with));
    request.body = "{ }";
    CHECK(judge(request, with).verdict == verdict::payload_mismatch);
    wire_request plain;
    sign_by_header(plain, with);
    plain.body += " ";
    const verification answer = judge(plain, with);
    CHECK(answer.verdict == verdict::signature_mismatch);
    CHECK(answer.canonical_request.find(sha256_hex("{} ")) != std::string::npos);
    CHECK(answer.string_to_sign.substr(0, 17) == "AWS4-HMAC-SHA256\n");
}

TEST_CASE("verify: an unsigned payload is accepted only where allowed", "[sigv4][verify]")
{
    wire_request request;
    keys with;
    const viewed seen(request);
    request_view view = seen.view;
    view.payload_sha256 = unsigned_payload;
    signer by;
    signature out;
    signing_options options;
    options.sign_body_header = true;
    REQUIRE(by.sign(view, {"us-east-1", "lambda"}, with.view(), at, out, options));
    request.headers.emplace_back("X-Amz-Date", out.date);
    request.headers.emplace_back("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD");
    request.headers.emplace_back("Authorization", out.authorization);
    CHECK(judge(request, with).verdict == verdict::payload_mismatch);
    verify_options allow;
    allow.allow_unsigned_payload = true;
    CHECK(judge(request, with, at, allow));
    request.body = "anything";
    CHECK(judge(request, with, at, allow));
}

TEST_CASE("verify: wrong secret, same id", "[sigv4][verify]")
{
    wire_request request;
    keys with;
    sign_by_header(request, with);
    with.secret += "x";
    CHECK(judge(request, with).verdict == verdict::signature_mismatch);
}

TEST_CASE("verify: presigned parameters are checked one by one", "[sigv4][verify]")
{
    wire_request request;
    keys with;
    sign_by_query(request, with);
    const auto with_query = [&](std::string_view what, std::string_view by) {
        wire_request changed = request;
        replace(changed.query, what, by);
        return judge(changed, with).verdict;
    };
    CHECK(with_query("X-Amz-Expires=60", "X-Amz-Expires=0") == verdict::malformed);
    CHECK(with_query("X-Amz-Expires=60", "X-Amz-Expires=604801") == verdict::malformed);
    CHECK(with_query("X-Amz-Expires=60", "X-Amz-Expires=-1") == verdict::malformed);
    CHECK(with_query("X-Amz-Expires=60", "X-Amz-Expires=61") == verdict::signature_mismatch);
    CHECK(with_query("&X-Amz-Expires=60", "") == verdict::malformed);
    CHECK(with_query("&X-Amz-Expires=60", "&X-Amz-Expires=60&X-Amz-Expires=60") == verdict::malformed);
    CHECK(with_query("20150830T123600Z", "20150830T123601Z") == verdict::signature_mismatch);
    CHECK(with_query("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1") == verdict::malformed);
}

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::string word(core::entropy& chance, std::size_t longest)
{
    std::string text;
    for (std::size_t n = 1 + chance.below(longest); n > 0; --n)
        text.push_back(letters[chance.below(letters.size())]);
    return text;
}

wire_request random_request(core::entropy& chance)
{
    constexpr std::string_view methods[] = {"GET", "POST", "PUT", "DELETE"};
    wire_request request;
    request.method = methods[chance.below(4)];
    request.path.clear();
    for (std::size_t n = 1 + chance.below(4); n > 0; --n) {
        request.path += "/" + word(chance, 8);
        if (chance.chance(0.3))
            request.path += "%2F-._~" + word(chance, 3);
    }
    for (std::size_t n = chance.below(4); n > 0; --n)
        request.query += (request.query.empty() ? "" : "&") + word(chance, 5) + "=" + (chance.chance(0.3) ? "%20" : "") + word(chance, 5);
    for (std::size_t n = chance.below(5); n > 0; --n)
        request.headers.emplace_back((chance.chance(0.5) ? "X-Amz-Meta-" : "X-") + word(chance, 6),
            (chance.chance(0.3) ? "  " : "") + word(chance, 8) + (chance.chance(0.3) ? "\t " : " ") + word(chance, 8));
    request.body.clear();
    for (std::size_t n = chance.below(300); n > 0; --n)
        request.body.push_back(static_cast<char>(chance.below(256)));
    return request;
}

// Changes one letter or digit of `text` to another one; leaves percent triples, where 'a' and 'A' are the same.
bool change_a_byte(std::string& text, core::entropy& chance)
{
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%')
            i += 2;
        else if (letters.find(text[i]) != letters.npos)
            places.push_back(i);
    }
    if (places.empty())
        return false;
    char& byte = text[places[chance.below(places.size())]];
    const std::size_t old = letters.find(byte);
    byte = letters[(old + 1 + chance.below(letters.size() - 1)) % letters.size()];
    return true;
}

} // namespace

TEST_CASE("verify: whatever is signed verifies, and any changed byte does not", "[sigv4][verify][property]")
{
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        core::entropy chance(seed);
        INFO("seed " << seed);
        wire_request request = random_request(chance);
        keys with;
        if (chance.chance(0.5))
            with.token = word(chance, 100);
        signing_options options;
        options.sign_body_header = chance.chance(0.3);
        const bool by_query = chance.chance(0.4);
        if (by_query)
            sign_by_query(request, with, options);
        else
            sign_by_header(request, with, options);
        REQUIRE(judge(request, with));

        for (int i = 0; i < 12; ++i) {
            wire_request changed = request;
            bool did = false;
            switch (chance.below(5)) {
            case 0:
                did = change_a_byte(changed.method, chance);
                break;
            case 1:
                did = change_a_byte(changed.path, chance);
                break;
            case 2:
                did = change_a_byte(changed.query, chance);
                break;
            case 3:
                did = change_a_byte(changed.headers[chance.below(changed.headers.size())].second, chance);
                break;
            default:
                if (!changed.body.empty()) {
                    changed.body[chance.below(changed.body.size())] ^= static_cast<char>(1 + chance.below(255));
                    did = true;
                }
            }
            if (did)
                REQUIRE_FALSE(judge(changed, with));
        }
    }
}

TEST_CASE("verify: random bytes in place of the signature are answered, never accepted", "[sigv4][verify][property]")
{
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        core::entropy chance(seed);
        INFO("seed " << seed);
        wire_request request;
        sign_by_header(request, {});
        std::string& text = header(request, "Authorization");
        for (std::size_t n = 1 + chance.below(6); n > 0; --n) {
            const std::size_t place = chance.below(text.size());
            if (chance.chance(0.3))
                text.erase(place, 1 + chance.below(10));
            else
                text.insert(place, 1, static_cast<char>(1 + chance.below(126)));
            if (text.empty())
                text = "x";
        }
        wire_request untouched;
        sign_by_header(untouched, {});
        // Blanks around the parts do not count.
        std::string squeezed = text;
        std::erase_if(squeezed, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
        std::string original = header(untouched, "Authorization");
        std::erase(original, ' ');
        if (squeezed != original)
            REQUIRE_FALSE(judge(request, {}));
    }
}
