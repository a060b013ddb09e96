#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lambent::sigv4 {

using sha256_digest = std::array<unsigned char, 32>;

/// Incremental SHA-256. A value: copying keeps the state after a common prefix (a midstate). Wipes itself: it may have eaten a key.
class sha256
{
public:
    sha256() noexcept;
#ifdef LAMBENT_SHA256_PROVIDER
    sha256(const sha256& other) noexcept;
    sha256& operator=(const sha256& other) noexcept;
#else
    sha256(const sha256&) noexcept = default;
    sha256& operator=(const sha256&) noexcept = default;
#endif
    ~sha256();

    void update(std::string_view bytes) noexcept;
    void update(const sha256_digest& bytes) noexcept;
    /// The digest of all that came; the object is spent until assigned.
    sha256_digest finish() noexcept;

private:
    friend class sha256_form;
#ifdef LAMBENT_SHA256_PROVIDER
    void* context_; ///< OpenSSL's, owned
#else
    // Room for OpenSSL's SHA256_CTX, whose type stays out of headers (checked in sha256.cpp).
    alignas(8) std::array<unsigned char, 112> state_;
#endif
};

/// A message of which all but its last few bytes is known: those are hashed, and padded, once for all.
///
/// Write the open bytes to `slot()`, take the digest with `finish()`, as often as wanted. Wiped when it dies.
class sha256_form
{
public:
    static constexpr std::size_t open_max = 64;

    sha256_form() noexcept = default;
    /// @param known  has eaten the message but for its last `open` bytes (at most `open_max`).
    sha256_form(const sha256& known, std::size_t open) noexcept;
    sha256_form(const sha256_form&) noexcept = default;
    sha256_form& operator=(const sha256_form&) noexcept = default;
    ~sha256_form();

    unsigned char* slot() noexcept
    {
#ifdef LAMBENT_SHA256_PROVIDER
        return slot_.data();
#else
        return blocks_.data() + slot_;
#endif
    }
    sha256_digest finish() const noexcept;

private:
#ifdef LAMBENT_SHA256_PROVIDER
    sha256 known_;
    std::array<unsigned char, open_max> slot_{};
    std::size_t open_ = 0;
#else
    std::array<std::uint32_t, 8> state_{};
    std::array<unsigned char, 192> blocks_{}; ///< what is left of the known part, the slot, the padding
    std::size_t slot_ = 0;
    std::size_t bytes_ = 0;                   ///< of the blocks
#endif
};

/// A key made ready: the states after the inner and the outer pad. Wiped when it dies.
class hmac_key
{
public:
    hmac_key() noexcept = default;
    explicit hmac_key(std::string_view key) noexcept;

    /// The state to feed the message to; give it to `finish`.
    const sha256& inner() const noexcept { return inner_; }
    /// The state to feed the inner digest to.
    const sha256& outer() const noexcept { return outer_; }
    sha256_digest finish(sha256& fed) const noexcept;
    sha256_digest sign(std::string_view message) const noexcept;

private:
    sha256 inner_;
    sha256 outer_;
};

/// For what is no secret: the state that it leaves on the stack is not wiped.
sha256_digest sha256_of(std::string_view bytes) noexcept;
/// As `request_view::payload_sha256` wants it: 64 lower-case digits.
std::string sha256_hex(std::string_view bytes);

void append_hex(std::string& out, const sha256_digest& digest);
/// 64 digits.
void write_hex(unsigned char* to, const sha256_digest& digest) noexcept;
std::string_view as_bytes(const sha256_digest& digest) noexcept;

/// Time depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

/// Overwrites so that the compiler cannot leave it out.
void wipe(void* memory, std::size_t size) noexcept;
void wipe(std::string& text) noexcept;

} // namespace lambent::sigv4
