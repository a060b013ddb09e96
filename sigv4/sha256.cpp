// OpenSSL's low-level digests are deprecated for want of provider support, yet cost half of EVP for short inputs: no fetch,
// no allocation, and a state that can be copied. This is the one file that uses them; sha256_provider.cpp stands in its place where they must
// not be (LAMBENT_SHA256_PROVIDER).
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

} // namespace lambent::sigv4
