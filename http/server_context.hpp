#pragma once

#include <lambent/core/error.hpp>
#include <lambent/http/server.hpp>

#include <memory>

struct ssl_ctx_st;

namespace lambent::http {

struct ssl_context_deleter
{
    void operator()(ssl_ctx_st* context) const noexcept;
};
using ssl_context = std::unique_ptr<ssl_ctx_st, ssl_context_deleter>;

/// TLS 1.2 and 1.3 as a server, HTTP/1.1 by ALPN. The error says which of the two PEM texts cannot be used, and why.
core::result<ssl_context> make_server_context(const server_tls& tls);

} // namespace lambent::http
