#pragma once

#include <lambent/core/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace lambent::http {

/// Where a connection goes: what the pool keys on.
struct origin
{
    bool tls = false;
    std::string host; ///< name or address literal, without brackets
    std::uint16_t port = 80;

    /// As in the Host header: brackets round IPv6, the port only where it is not the scheme's default.
    std::string authority() const;
    friend bool operator==(const origin&, const origin&) = default;
    friend auto operator<=>(const origin&, const origin&) = default;
};

/// scheme://host[:port][/path][?query]; http and https only, no user info, no fragment.
struct url
{
    http::origin origin;
    std::string path;  ///< as written; may be empty
    std::string query; ///< without the question mark

    /// invalid_url, with what is wrong in words; a password in it is refused and not repeated.
    static core::result<url> parse(std::string_view text);
    std::string to_string() const;
};

} // namespace lambent::http
