#include <lambent/sigv4/digest.hpp>

#include <openssl/crypto.h>

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace lambent::sigv4 {
namespace {

constexpr std::size_t block_bytes = 64; // FIPS 180-4, SHA-256

} // namespace

hmac_key::hmac_key(std::string_view key) noexcept
{
    // RFC 2104: a key longer than a block is hashed first; then inner and outer pads.
    std::array<unsigned char, block_bytes> pad{};
    if (key.size() > block_bytes) {
        sha256 wiped;
        wiped.update(key);
        const sha256_digest digest = wiped.finish();
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

std::string sha256_hex(std::string_view bytes)
{
    std::string text;
    append_hex(text, sha256_of(bytes));
    return text;
}

void append_hex(std::string& out, const sha256_digest& digest)
{
    unsigned char text[64];
    write_hex(text, digest);
    out.append(reinterpret_cast<const char*>(text), sizeof text);
}

void write_hex(unsigned char* to, const sha256_digest& digest) noexcept
{
#ifdef __SSE2__
    // Sixteen bytes at a time: a digit is '0' + n, and 39 more from ten on.
    const __m128i low_half = _mm_set1_epi8(0x0f);
    const auto digits = [](__m128i n) {
        const __m128i letters = _mm_and_si128(_mm_cmpgt_epi8(n, _mm_set1_epi8(9)), _mm_set1_epi8('a' - '0' - 10));
        return _mm_add_epi8(_mm_add_epi8(n, _mm_set1_epi8('0')), letters);
    };
    for (std::size_t i = 0; i < digest.size(); i += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(digest.data() + i));
        const __m128i high = digits(_mm_and_si128(_mm_srli_epi16(bytes, 4), low_half));
        const __m128i low = digits(_mm_and_si128(bytes, low_half));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * i), _mm_unpacklo_epi8(high, low));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * i + 16), _mm_unpackhi_epi8(high, low));
    }
#else
    static constexpr char digits[] = "0123456789abcdef";
    for (const unsigned char byte : digest) {
        *to++ = static_cast<unsigned char>(digits[byte >> 4]);
        *to++ = static_cast<unsigned char>(digits[byte & 15]);
    }
#endif
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
