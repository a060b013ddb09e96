#pragma once

#include <lambent/core/asio.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::tests {

/// Bytes over a socket, plain or TLS, and nothing cleverer.
class raw_client
{
public:
    explicit raw_client(asio::any_io_executor executor) : socket_(std::move(executor)) {}

    awaitable<boost::system::error_code> connect(std::uint16_t port, asio::ssl::context* tls = nullptr,
        std::string host = "localhost", std::string address = "127.0.0.1")
    {
        const asio::ip::tcp::endpoint where(asio::ip::make_address(address), port);
        auto [connected] = co_await socket_.async_connect(where, await_tuple);
        if (connected || tls == nullptr)
            co_return connected;
        stream_.emplace(socket_, *tls);
        SSL_set_tlsext_host_name(stream_->native_handle(), host.c_str());
        SSL_set1_host(stream_->native_handle(), host.c_str());
        auto [shaken] = co_await stream_->async_handshake(asio::ssl::stream_base::client, await_tuple);
        co_return shaken;
    }

    awaitable<bool> send(std::string_view bytes)
    {
        if (stream_) {
            auto [ec, n] = co_await asio::async_write(*stream_, asio::buffer(bytes), await_tuple);
            co_return !ec;
        }
        auto [ec, n] = co_await asio::async_write(socket_, asio::buffer(bytes), await_tuple);
        co_return !ec;
    }

    /// Until `end` was seen (and no further), or the connection ended; then `why` says how.
    awaitable<std::string> receive_until(std::string_view end)
    {
        for (;;) {
            if (const auto at = held_.find(end); at != std::string::npos) {
                std::string got = held_.substr(0, at + end.size());
                held_.erase(0, at + end.size());
                co_return got;
            }
            const bool more = co_await read_some();
            if (!more)
                co_return std::exchange(held_, {});
        }
    }
    awaitable<std::string> receive_all()
    {
        for (;;) {
            const bool more = co_await read_some();
            if (!more)
                co_return std::exchange(held_, {});
        }
    }
    /// Exactly `n` bytes unless the connection ended.
    awaitable<std::string> receive(std::size_t n)
    {
        while (held_.size() < n) {
            const bool more = co_await read_some();
            if (!more)
                co_return std::exchange(held_, {});
        }
        std::string got = held_.substr(0, n);
        held_.erase(0, n);
        co_return got;
    }

    boost::system::error_code why;
    asio::ip::tcp::socket& socket() noexcept { return socket_; }
    asio::ssl::stream<asio::ip::tcp::socket&>& tls() { return *stream_; }

private:
    awaitable<bool> read_some()
    {
        std::size_t got = 0;
        if (stream_) {
            auto [ec, n] = co_await stream_->async_read_some(asio::buffer(chunk_), await_tuple);
            why = ec;
            got = n;
        }
        else {
            auto [ec, n] = co_await socket_.async_read_some(asio::buffer(chunk_), await_tuple);
            why = ec;
            got = n;
        }
        held_.append(chunk_.data(), got);
        co_return !why;
    }

    asio::ip::tcp::socket socket_;
    std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> stream_;
    std::array<char, 16384> chunk_{};
    std::string held_;
};

} // namespace lambent::tests
