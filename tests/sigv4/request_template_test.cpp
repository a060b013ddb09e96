#include <lambent/sigv4/amz_date.hpp>
#include <lambent/sigv4/request_template.hpp>
#include <lambent/sigv4/signer.hpp>

#include <lambent/core/entropy.hpp>

#include <support/catch.hpp>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace lambent;
using namespace lambent::sigv4;
using namespace std::chrono_literals;

namespace {

const core::wall_time at = *parse_amz_date("20150830T123600Z");

std::string random_text(core::entropy& chance, std::size_t bytes_max, std::string_view letters)
{
    std::string out(chance.below(bytes_max + 1), ' ');
    for (char& c : out)
        c = letters[chance.below(letters.size())];
    return out;
}

constexpr std::string_view names = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr std::string_view values = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.:/+={}\",;";
constexpr std::string_view in_paths = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~%:/$";
constexpr std::string_view in_tokens = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=";

/// A random request with everything it borrows from.
struct sample
{
    explicit sample(core::entropy& chance)
        : path("/" + random_text(chance, 120, in_paths)), query(chance.below(3) == 0 ? "Qualifier=" + random_text(chance, 20, names) : ""),
          region(random_text(chance, 14, names)), id("A" + random_text(chance, 19, in_tokens.substr(0, 62))),
          secret("s" + random_text(chance, 90, in_tokens)), token(chance.below(2) == 0 ? "" : random_text(chance, 1200, in_tokens))
    {
        // '%' stands only where two hexadecimal digits follow.
        for (std::size_t i = 0; i < path.size(); ++i)
            if (path[i] == '%')
                path.replace(i, 1, "%2F");
        const std::size_t count = chance.below(6);
        for (std::size_t i = 0; i < count; ++i) {
            texts.push_back("x-amz-" + std::to_string(i) + random_text(chance, 12, names));
            texts.push_back(random_text(chance, 60, values));
        }
        headers.push_back({"host", "lambda.eu-west-1.amazonaws.com"});
        for (std::size_t i = 0; i < count; ++i)
            headers.push_back({texts[2 * i], texts[2 * i + 1]});
    }
    sample(const sample&) = delete;
    sample& operator=(const sample&) = delete;

    request_view view(std::string_view hash) const { return {"POST", path, query, headers, hash}; }
    key_view key() const { return {id, secret, token}; }
    sigv4::scope scope() const { return {region, "lambda"}; }

    std::string path, query, region, id, secret, token;
    std::vector<std::string> texts;
    std::vector<field_view> headers;
};

std::uint64_t seed_of_run()
{
    const char* const given = std::getenv("LAMBENT_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : 20150830;
}

} // namespace

TEST_CASE("template: a million random requests are signed as the general path signs them", "[sigv4][template]")
{
    constexpr int requests = 20'000;
    constexpr int payloads = 50;
    const std::uint64_t seed = seed_of_run();
    INFO("LAMBENT_SEED=" << seed);
    core::entropy chance(seed);
    signer general;
    signer preparing;
    signature expected;
    request_template form;
    std::array<char, 64> digits{};
    std::string payload;
    int signed_alike = 0;
    for (int i = 0; i < requests; ++i) {
        const sample one(chance);
        const core::wall_time now = at + std::chrono::milliseconds(chance.below(400'000'000'000));
        REQUIRE(preparing.prepare(one.view({}), one.scope(), one.key(), now, form));
        for (int k = 0; k < payloads; ++k) {
            payload.resize(chance.below(k == 0 ? 4000 : 200));
            for (char& c : payload)
                c = static_cast<char>(chance.below(256));
            const std::string hash = sha256_hex(payload);
            if (!general.sign(one.view(hash), one.scope(), one.key(), now, expected))
                FAIL("the general path refused " << one.path);
            form.sign(payload, digits.data());
            const std::string_view got(digits.data(), digits.size());
            if (got != expected.signature_hex || form.date() != expected.date || form.authorization() + std::string(got) != expected.authorization)
                FAIL("request " << i << ", payload " << k << ": " << expected.canonical_request);
            ++signed_alike;
        }
    }
    CHECK(signed_alike == requests * payloads);
}

TEST_CASE("template: it covers its own second and no other", "[sigv4][template]")
{
    const std::array<field_view, 1> headers{field_view{"host", "h"}};
    const request_view view{"POST", "/", "", headers, {}};
    signer with;
    request_template form;
    CHECK_FALSE(form.covers(at));
    REQUIRE(with.prepare(view, {"r", "lambda"}, {"AKID", "secret", ""}, at + 250ms, form));
    CHECK(form.covers(at));
    CHECK(form.covers(at + 999ms));
    CHECK_FALSE(form.covers(at + 1s));
    CHECK_FALSE(form.covers(at - 1ns));
}

TEST_CASE("template: what cannot be signed cannot be prepared, and the template covers nothing", "[sigv4][template]")
{
    const std::array<field_view, 1> headers{field_view{"host", "h"}};
    const request_view view{"POST", "/", "", headers, {}};
    signer with;
    request_template form;
    REQUIRE(with.prepare(view, {"r", "lambda"}, {"AKID", "secret", ""}, at, form));
    CHECK_FALSE(with.prepare(view, {"r\n", "lambda"}, {"AKID", "secret", ""}, at, form));
    CHECK_FALSE(form.covers(at));
    signing_options body;
    body.sign_body_header = true;
    CHECK_FALSE(with.prepare(view, {"r", "lambda"}, {"AKID", "secret", ""}, at, form, body));
}

TEST_CASE("digest: a form with an open end gives the digest of the whole, whatever stands before it", "[sigv4][digest]")
{
    const std::string text(300, 'q');
    for (std::size_t before = 0; before <= 200; ++before) {
        for (const std::size_t open : {std::size_t{1}, std::size_t{32}, std::size_t{64}}) {
            sha256 known;
            known.update(std::string_view(text).substr(0, before));
            sha256_form form(known, open);
            for (const char c : {'a', 'b'}) {
                const std::string end(open, c);
                std::copy(end.begin(), end.end(), form.slot());
                REQUIRE(form.finish() == sha256_of(text.substr(0, before) + end));
            }
        }
    }
}
