#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/http/dialer.hpp>
#include <lambent/http/resolver.hpp>

#include <boost/asio/ip/address.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lambent::http {

/// Host names to addresses, kept for a little while and asked for once however many wait; absence is kept more briefly.
///
/// A question cannot be interrupted: who stops waiting leaves it to end by itself, and its answer is kept.
class name_cache
{
public:
    name_cache(core::shard& on, std::unique_ptr<resolver> names);
    ~name_cache();

    /// In the order to try them: families alternate, the first as the system prefers (RFC 8305 §4), each family rotated from
    /// call to call; those that failed a short time ago come last. `resolve_failed`, or `core::errc::cancelled` when stopped.
    awaitable<core::result<std::vector<asio::ip::address>>> addresses_of(const std::string& host, dial_attempt& attempt);
    /// The address did not answer, or not as soon as another.
    void blame(const asio::ip::address& address);
    void close() noexcept;

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace lambent::http
