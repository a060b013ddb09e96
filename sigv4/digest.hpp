#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace lambent::sigv4 {

using sha256_digest = std::array<unsigned char, 32>;

/// Incremental SHA-256. A value: copying keeps the state after a common prefix (a midstate). Wipes itself: it may have eaten a key.
class sha256
{
public:
    sha256() noexcept;
    sha256(const sha256&) noexcept = default;
    sha256& operator=(const sha256&) noexcept = default;
    ~sha256();

    void update(std::string_view bytes) noexcept;
    void update(const sha256_digest& bytes) noexcept;
    /// The digest of all that came; the object is spent until assigned.
    sha256_digest finish() noexcept;

private:
    // Room for OpenSSL's SHA256_CTX, whose type stays out of headers (checked in digest.cpp).
    alignas(8) std::array<unsigned char, 112> state_;
};

/// A key made ready: the states after the inner and the outer pad. Wiped when it dies.
class hmac_key
{
public:
    hmac_key() noexcept = default;
    explicit hmac_key(std::string_view key) noexcept;

    /// The state to feed the message to; give it to `finish`.
    const sha256& inner() const noexcept { return inner_; }
    sha256_digest finish(sha256& fed) const noexcept;
    sha256_digest sign(std::string_view message) const noexcept;

private:
    sha256 inner_;
    sha256 outer_;
};

sha256_digest sha256_of(std::string_view bytes) noexcept;
/// As `request_view::payload_sha256` wants it: 64 lower-case digits.
std::string sha256_hex(std::string_view bytes);

void append_hex(std::string& out, const sha256_digest& digest);
std::string_view as_bytes(const sha256_digest& digest) noexcept;

/// Time depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

/// Overwrites so that the compiler cannot leave it out.
void wipe(void* memory, std::size_t size) noexcept;
void wipe(std::string& text) noexcept;

} // namespace lambent::sigv4
