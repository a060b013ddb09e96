#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>
#include <lambent/http/client.hpp>
#include <lambent/http/url.hpp>

#include <memory>
#include <string>

struct ssl_st;
struct ssl_ctx_st;

namespace lambent::http {

/// What a handshake leaves for the reader of its error, and where its session tickets go. Lives as long as its stream.
struct tls_notes
{
    origin to;
    core::wall_time now{};       ///< when the handshake began: what the certificate's dates are compared with
    std::string refusal;         ///< why the certificate was refused, in the words of Go's crypto/x509; empty: it was not
    class tls_sessions* sessions = nullptr;
};

/// One client-side TLS stream, before or after its handshake.
class tls_stream
{
public:
    tls_stream() noexcept = default;
    tls_stream(ssl_st* ssl, std::shared_ptr<tls_sessions> sessions, std::unique_ptr<tls_notes> notes) noexcept;
    tls_stream(tls_stream&& other) noexcept;
    tls_stream& operator=(tls_stream&& other) noexcept;
    ~tls_stream();

    ssl_st* ssl() const noexcept { return ssl_; }
    const tls_notes& notes() const noexcept { return *notes_; }

private:
    ssl_st* ssl_ = nullptr;
    std::shared_ptr<tls_sessions> sessions_;
    std::unique_ptr<tls_notes> notes_;
};

/// Makes every TLS client stream of one http::client, all with the same checks: chain, dates, purpose, host name or address
/// (no partial wildcards); TLS 1.2 or 1.3; SNI for names; ALPN http/1.1. Sessions are resumed only towards the same origin.
class tls_factory
{
public:
    /// certificate_refused where the CA file cannot be used.
    static core::result<std::unique_ptr<tls_factory>> make(const tls_options& options);
    ~tls_factory();
    tls_factory(const tls_factory&) = delete;
    tls_factory& operator=(const tls_factory&) = delete;

    /// A stream towards `to` that has not begun its handshake.
    core::result<tls_stream> start(const origin& to, core::wall_time now);

private:
    tls_factory(ssl_ctx_st* context, bool verify);

    ssl_ctx_st* context_;
    bool verify_;
    std::shared_ptr<tls_sessions> sessions_;
};

/// The thread's OpenSSL error queue must be empty before a call whose error is to be asked for. Looking costs 15 ns, emptying 117.
void clear_tls_errors() noexcept;

} // namespace lambent::http
