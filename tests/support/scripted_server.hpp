#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/task_group.hpp>

#include <support/script.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lambent::support {

/// A server on a free loopback port that does exactly what its scripts say; the n-th connection gets the n-th script, later ones
/// the last. On the shard's own loop; `stop` must be awaited.
class scripted_server
{
public:
    scripted_server(core::shard& on, std::vector<script> scripts, std::optional<asio::ssl::context> tls = std::nullopt,
        const char* address = "127.0.0.1");
    void start();
    awaitable<void> stop();

    std::uint16_t port() const { return port_; }
    std::size_t connections() const { return connections_; }
    /// All requests read, in order.
    const std::vector<std::string>& requests() const { return requests_; }

private:
    awaitable<void> accept();
    awaitable<void> serve(asio::ip::tcp::socket socket, script steps);
    template <class Stream>
    awaitable<void> play(Stream& stream, asio::ip::tcp::socket& socket, script steps);

    asio::ip::tcp::acceptor acceptor_;
    std::vector<script> scripts_;
    std::optional<asio::ssl::context> tls_;
    core::task_group tasks_;
    std::uint16_t port_ = 0;
    std::size_t connections_ = 0;
    std::vector<std::string> requests_;
};

} // namespace lambent::support
