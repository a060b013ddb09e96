#include <lambent/sigv4/digest.hpp>
#include <lambent/sigv4/signing_key.hpp>

#include <support/catch.hpp>

using namespace lambent::sigv4;

namespace {

std::string hex(const sha256_digest& digest)
{
    std::string text;
    append_hex(text, digest);
    return text;
}

} // namespace

TEST_CASE("digest: SHA-256 of the standard's examples", "[sigv4][digest]")
{
    // FIPS 180-4 examples.
    CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(sha256_hex(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("digest: fed in any two pieces, the digest is the same", "[sigv4][digest]")
{
    std::string text;
    for (int i = 0; i < 200; ++i)
        text.push_back(static_cast<char>(i * 7));
    const sha256_digest whole = sha256_of(text);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        sha256 state;
        state.update(std::string_view(text).substr(0, cut));
        state.update(std::string_view(text).substr(cut));
        REQUIRE(state.finish() == whole);
    }
}

TEST_CASE("digest: a copied state goes on from its prefix", "[sigv4][digest]")
{
    sha256 prefix;
    prefix.update("a long and constant beginning of more than sixty-four bytes, so that a block is done; ");
    for (const std::string_view tail : {"", "one", "another tail"}) {
        sha256 state = prefix;
        state.update(tail);
        CHECK(state.finish()
            == sha256_of("a long and constant beginning of more than sixty-four bytes, so that a block is done; " + std::string(tail)));
    }
}

TEST_CASE("digest: HMAC-SHA-256 of RFC 4231", "[sigv4][digest]")
{
    CHECK(hex(hmac_key(std::string(20, '\x0b')).sign("Hi There")) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(hex(hmac_key("Jefe").sign("what do ya want for nothing?")) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex(hmac_key(std::string(131, '\xaa')).sign("Test Using Larger Than Block-Size Key - Hash Key First"))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(hex(hmac_key("").sign("")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("digest: comparing tells equal from unequal and from shorter", "[sigv4][digest]")
{
    CHECK(equal_in_constant_time("abc", "abc"));
    CHECK(equal_in_constant_time("", ""));
    CHECK_FALSE(equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST_CASE("digest: wiping leaves nothing of a text, its spare room included", "[sigv4][digest]")
{
    std::string secret(100, 's');
    secret.resize(10);
    const char* memory = secret.data();
    wipe(secret);
    CHECK(secret.empty());
    bool clean = true;
    for (std::size_t i = 0; i < secret.capacity(); ++i)
        clean = clean && memory[i] == 0;
    CHECK(clean);
}

TEST_CASE("signing key: the documented derivation", "[sigv4][key]")
{
    // AWS, "Examples of how to derive a signing key for Signature Version 4": IAM, us-east-1, 20150830.
    const hmac_key key = derive_signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", {"us-east-1", "iam"});
    const std::string derived("\xc4\xaf\xb1\xcc\x57\x71\xd8\x71\x76\x3a\x39\x3e\x44\xb7\x03\x57\x1b\x55\xcc\x28\x42\x4d\x1a\x5e\x86\xda\x6e\xd3\xc1\x54\xa4\xb9", 32);
    CHECK(key.sign("x") == hmac_key(derived).sign("x"));
}

TEST_CASE("signing key: the cache answers as a fresh derivation whatever changes", "[sigv4][key]")
{
    signing_key_cache cache;
    const auto same = [&](std::string_view id, std::string_view secret, std::string_view day, const scope& where) {
        return cache.get({id, secret, {}}, day, where).sign("m") == derive_signing_key(secret, day, where).sign("m");
    };
    CHECK(same("A", "s1", "20150830", {"r1", "lambda"}));
    CHECK(same("A", "s1", "20150830", {"r1", "lambda"}));
    CHECK(same("A", "s2", "20150830", {"r1", "lambda"}));
    CHECK(same("A", "s2", "20150831", {"r1", "lambda"}));
    CHECK(same("A", "s2", "20150831", {"r2", "lambda"}));
    CHECK(same("A", "s2", "20150831", {"r2", "sts"}));
    CHECK(same("B", "s2", "20150831", {"r2", "sts"}));
    cache.clear();
    CHECK(same("B", "s2", "20150831", {"r2", "sts"}));
    CHECK(same("B", "", "20150831", {"", "sts"}));
}
