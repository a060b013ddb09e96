#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>

#include <string>
#include <vector>

namespace lambent::http {

/// A key and the certificates that vouch for it, as PEM.
struct identity
{
    std::string certificate_pem; ///< leaf first
    std::string private_key_pem; ///< PKCS #8, unencrypted
};

/// What a certificate made here says. The dates are the caller's, who has a clock.
struct certificate_request
{
    enum class use { server, client };

    std::string common_name = "localhost";
    /// Subject alternative names: IP address literals as such, all else as DNS names.
    std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
    core::wall_time not_before{};
    core::wall_time not_after{};
    use purpose = use::server;
};

/// A certificate authority in memory (P-256), for emulators, demos and tests: what it signs is worth nothing elsewhere.
core::result<identity> make_authority(const std::string& common_name, core::wall_time not_before, core::wall_time not_after);

/// A fresh P-256 key with a certificate signed by `authority`.
core::result<identity> make_certificate(const identity& authority, const certificate_request& request);

} // namespace lambent::http
