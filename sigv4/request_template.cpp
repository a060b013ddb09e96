#include <lambent/sigv4/request_template.hpp>

#include <cstring>

namespace lambent::sigv4 {

void request_template::sign(std::string_view payload, char* to) noexcept
{
    write_hex(canonical_.slot(), sha256_of(payload));
    finish(to);
}

void request_template::sign_hashed(std::string_view payload_sha256, char* to) noexcept
{
    std::memcpy(canonical_.slot(), payload_sha256.data(), 64);
    finish(to);
}

void request_template::finish(char* to) noexcept
{
    write_hex(to_sign_.slot(), canonical_.finish());
    const sha256_digest inner = to_sign_.finish();
    std::memcpy(outer_.slot(), inner.data(), inner.size());
    write_hex(reinterpret_cast<unsigned char*>(to), outer_.finish());
}

} // namespace lambent::sigv4
