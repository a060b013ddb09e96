#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>

#include <boost/asio/ip/address.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lambent::http {

/// Asks somebody for the addresses of a name.
class resolver
{
public:
    using answer = std::function<void(core::error_code, const std::vector<asio::ip::address>&)>;

    virtual ~resolver() = default;
    /// `told` is called once, later, on the shard; never once this has been destroyed or closed, if that was early enough.
    virtual void ask(const std::string& host, answer told) = 0;
    virtual void close() noexcept = 0;
};

/// The system's (files, DNS, as its configuration says), in a thread of Asio's. A question cannot be interrupted: at `close` it goes
/// on by itself, and its answer is dropped.
std::unique_ptr<resolver> make_system_resolver(const asio::any_io_executor& executor);

} // namespace lambent::http
