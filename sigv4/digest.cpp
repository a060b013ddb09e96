// OpenSSL's low-level digests are deprecated for want of provider support, yet cost half of EVP for short inputs: no fetch,
// no allocation, and a state that can be copied. This is the one file that uses them.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <lambent/sigv4/digest.hpp>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>
#include <new>

namespace lambent::sigv4 {
namespace {

constexpr std::size_t block_bytes = 64; // FIPS 180-4, SHA-256

SHA256_CTX* context(std::array<unsigned char, 112>& state) noexcept
{
    return std::launder(reinterpret_cast<SHA256_CTX*>(state.data()));
}

} // namespace

static_assert(sizeof(SHA256_CTX) == 112 && alignof(SHA256_CTX) <= 8 && std::is_trivially_copyable_v<SHA256_CTX>);

sha256::sha256() noexcept
{
    SHA256_Init(new (state_.data()) SHA256_CTX);
}

sha256::~sha256()
{
    OPENSSL_cleanse(state_.data(), state_.size());
}

void sha256::update(std::string_view bytes) noexcept
{
    SHA256_Update(context(state_), bytes.data(), bytes.size());
}

void sha256::update(const sha256_digest& bytes) noexcept
{
    SHA256_Update(context(state_), bytes.data(), bytes.size());
}

sha256_digest sha256::finish() noexcept
{
    sha256_digest digest;
    SHA256_Final(digest.data(), context(state_));
    return digest;
}

hmac_key::hmac_key(std::string_view key) noexcept
{
    // RFC 2104: a key longer than a block is hashed first; then inner and outer pads.
    std::array<unsigned char, block_bytes> pad{};
    if (key.size() > block_bytes) {
        const sha256_digest digest = sha256_of(key);
        std::memcpy(pad.data(), digest.data(), digest.size());
    } else {
        std::memcpy(pad.data(), key.data(), key.size());
    }
    for (unsigned char& byte : pad)
        byte ^= 0x36;
    const std::string_view block(reinterpret_cast<const char*>(pad.data()), pad.size());
    inner_.update(block);
    for (unsigned char& byte : pad)
        byte ^= 0x36 ^ 0x5c;
    outer_.update(block);
    wipe(pad.data(), pad.size());
}

sha256_digest hmac_key::finish(sha256& fed) const noexcept
{
    const sha256_digest inner = fed.finish();
    sha256 outer = outer_;
    outer.update(inner);
    return outer.finish();
}

sha256_digest hmac_key::sign(std::string_view message) const noexcept
{
    sha256 state = inner_;
    state.update(message);
    return finish(state);
}

sha256_digest sha256_of(std::string_view bytes) noexcept
{
    sha256 state;
    state.update(bytes);
    return state.finish();
}

std::string sha256_hex(std::string_view bytes)
{
    std::string text;
    append_hex(text, sha256_of(bytes));
    return text;
}

void append_hex(std::string& out, const sha256_digest& digest)
{
    static constexpr char digits[] = "0123456789abcdef";
    char text[64];
    char* to = text;
    for (const unsigned char byte : digest) {
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
    }
    out.append(text, sizeof text);
}

std::string_view as_bytes(const sha256_digest& digest) noexcept
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(void* memory, std::size_t size) noexcept
{
    OPENSSL_cleanse(memory, size);
}

void wipe(std::string& text) noexcept
{
    // The whole capacity: a shortened string keeps its old tail there.
    text.resize(text.capacity());
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

} // namespace lambent::sigv4
