// OpenSSL's low-level digests are deprecated for want of provider support, yet cost half of EVP for short inputs: no fetch,
// no allocation, and a state that can be copied. This is the one file that uses them.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <lambent/sigv4/digest.hpp>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <bit>
#include <cstring>
#include <new>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace lambent::sigv4 {
namespace {

constexpr std::size_t block_bytes = 64; // FIPS 180-4, SHA-256

SHA256_CTX* context(std::array<unsigned char, 112>& state) noexcept
{
    return std::launder(reinterpret_cast<SHA256_CTX*>(state.data()));
}

void store_big_endian(unsigned char* to, std::uint32_t word) noexcept
{
    if constexpr (std::endian::native == std::endian::little)
        word = __builtin_bswap32(word);
    std::memcpy(to, &word, sizeof word);
}

/// FIPS 180-4 §5.3.3.
constexpr std::array<std::uint32_t, 8> initial{
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/// A state between blocks, that eats whole blocks only: nothing is kept back, and the caller pads.
class whole_blocks
{
public:
    explicit whole_blocks(const std::array<std::uint32_t, 8>& from) noexcept
    {
        static_assert(sizeof from == sizeof state_.h);
        std::memcpy(state_.h, from.data(), sizeof state_.h);
        state_.num = 0;
        state_.Nl = 0;
        state_.Nh = 0;
    }
    /// Precondition: `size` is a multiple of `block_bytes`.
    void eat(const void* bytes, std::size_t size) noexcept { SHA256_Update(&state_, bytes, size); }
    sha256_digest digest() const noexcept
    {
        sha256_digest out;
#ifdef __SSE2__
        // Loaded as wide as they were stored, and as they will be loaded: eight narrow stores would stall the next reader.
        for (std::size_t i = 0; i < 8; i += 4) {
            __m128i words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state_.h + i));
            words = _mm_or_si128(_mm_srli_epi16(words, 8), _mm_slli_epi16(words, 8));
            words = _mm_shufflehi_epi16(_mm_shufflelo_epi16(words, 0xb1), 0xb1);
            _mm_storeu_si128(reinterpret_cast<__m128i*>(out.data() + 4 * i), words);
        }
#else
        for (std::size_t i = 0; i < 8; ++i)
            store_big_endian(out.data() + 4 * i, state_.h[i]);
#endif
        return out;
    }

private:
    SHA256_CTX state_;
};

/// FIPS 180-4 §5.1.1: one bit, zeroes, and the length in bits in the last eight bytes of a block. `end` bytes stand in `blocks`, which is zero
/// behind them. Returns how many bytes are whole blocks then.
std::size_t pad(unsigned char* blocks, std::size_t end, std::uint64_t message_bits) noexcept
{
    blocks[end] = 0x80;
    const std::size_t bytes = (end + 9 + block_bytes - 1) / block_bytes * block_bytes;
    store_big_endian(blocks + bytes - 8, static_cast<std::uint32_t>(message_bits >> 32));
    store_big_endian(blocks + bytes - 4, static_cast<std::uint32_t>(message_bits));
    return bytes;
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

sha256_form::sha256_form(const sha256& known, std::size_t open) noexcept
{
    SHA256_CTX eaten;
    std::memcpy(&eaten, known.state_.data(), sizeof eaten);
    static_assert(sizeof state_ == sizeof eaten.h);
    std::memcpy(state_.data(), eaten.h, sizeof eaten.h);
    slot_ = eaten.num;
    std::memcpy(blocks_.data(), eaten.data, slot_);
    bytes_ = pad(blocks_.data(), slot_ + open, (std::uint64_t{eaten.Nh} << 32 | eaten.Nl) + 8 * open);
    OPENSSL_cleanse(&eaten, sizeof eaten);
}

sha256_form::~sha256_form()
{
    OPENSSL_cleanse(state_.data(), sizeof state_);
    OPENSSL_cleanse(blocks_.data(), blocks_.size());
}

sha256_digest sha256_form::finish() const noexcept
{
    whole_blocks state(state_); // what stays of it on the stack is the digest
    state.eat(blocks_.data(), bytes_);
    return state.digest();
}

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

sha256_digest sha256_of(std::string_view bytes) noexcept
{
    whole_blocks state(initial);
    const std::size_t whole = bytes.size() / block_bytes * block_bytes;
    if (whole > 0)
        state.eat(bytes.data(), whole);
    std::array<unsigned char, 2 * block_bytes> end{};
    const std::size_t left = bytes.size() - whole;
    if (left > 0)
        std::memcpy(end.data(), bytes.data() + whole, left);
    state.eat(end.data(), pad(end.data(), left, std::uint64_t{bytes.size()} * 8));
    return state.digest();
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
