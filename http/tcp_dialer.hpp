#pragma once

#include <lambent/core/shard.hpp>
#include <lambent/http/client.hpp>
#include <lambent/http/dialer.hpp>
#include <lambent/http/edge_transport.hpp>
#include <lambent/http/name_cache.hpp>
#include <lambent/http/tls.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lambent::http {

/// The real network: names through the system's resolver, addresses raced with a short stagger (Happy Eyeballs, RFC 8305),
/// TLS where the origin says so.
class tcp_dialer final : public dialer
{
public:
    /// @param names  null: the system's.
    tcp_dialer(core::shard& on, const client_options& options, std::unique_ptr<resolver> names = nullptr);

    awaitable<core::result<std::unique_ptr<transport>>> dial(const origin& to, dial_attempt& attempt) override;
    void close() noexcept override { names_.close(); }

private:
    struct race;

    /// A connected, non-blocking descriptor, and its remote end in words.
    struct connected
    {
        int descriptor = -1;
        std::string remote;
    };
    awaitable<core::result<connected>> connect(const origin& to, dial_attempt& attempt);
    awaitable<core::result<std::unique_ptr<transport>>> shake_hands(const origin& to, dial_attempt& attempt, int descriptor, std::string remote);
    core::result<tls_stream> start_tls(const origin& to);

    core::shard& shard_;
    tcp_options tcp_;
    tls_options tls_;
    core::duration handshake_timeout_;
    name_cache names_;
    std::unique_ptr<tls_factory> factory_; ///< made by the first dial that needs it
};

} // namespace lambent::http
