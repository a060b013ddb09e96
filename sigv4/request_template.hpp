#pragma once

#include <lambent/core/time.hpp>
#include <lambent/sigv4/digest.hpp>

#include <string>
#include <string_view>

namespace lambent::sigv4 {

/// What all signatures of one request have in common within one second, when only the payload changes: the date, and the hash states after
/// everything in front of the payload's hash. Made by `signer::prepare`; holds key material, wiped when it dies.
///
/// A signature then costs the payload's hash and about five blocks, whatever the length of path, headers and token.
/// Not for two threads at once.
class request_template
{
public:
    request_template() = default;

    /// Signatures made from it carry this second's date; make another for other seconds.
    bool covers(core::wall_time at) const noexcept { return prepared_ && std::chrono::floor<std::chrono::seconds>(at) == second_; }

    /// The signature of the request with this payload.
    /// @param to  64 bytes for its hexadecimal digits.
    /// Precondition: it was prepared.
    void sign(std::string_view payload, char* to) noexcept;
    /// The same for a hash that is known already, of 64 digits.
    void sign_hashed(std::string_view payload_sha256, char* to) noexcept;

    const std::string& date() const noexcept { return date_; }                     ///< x-amz-date
    const std::string& authorization() const noexcept { return authorization_; }   ///< all of the header but the signature's digits, which end it

private:
    friend class signer;
    void finish(char* to) noexcept;

    sha256_form canonical_;      ///< open: the payload's hash
    sha256_form to_sign_;        ///< open: the canonical request's hash
    sha256_form outer_;          ///< open: the inner digest of the HMAC
    std::string date_;
    std::string authorization_;
    std::chrono::sys_seconds second_{};
    bool prepared_ = false;
};

} // namespace lambent::sigv4
