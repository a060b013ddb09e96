#include <support/scripted_server.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>

namespace lambent::support {
namespace {

using socket_type = asio::ip::tcp::socket;
using secure_type = asio::ssl::stream<socket_type&>;

awaitable<void> goodbye(socket_type& socket)
{
    boost::system::error_code ignored;
    socket.shutdown(socket_type::shutdown_send, ignored);
    co_return;
}

awaitable<void> goodbye(secure_type& stream)
{
    co_await stream.async_shutdown(await_tuple);
    boost::system::error_code ignored;
    stream.next_layer().shutdown(socket_type::shutdown_send, ignored);
}

} // namespace

scripted_server::scripted_server(
    core::shard& on, std::vector<script> scripts, std::optional<asio::ssl::context> tls, const char* address)
    : acceptor_(on.executor(), {asio::ip::make_address(address), 0}), scripts_(std::move(scripts)), tls_(std::move(tls)), tasks_(on),
      port_(acceptor_.local_endpoint().port())
{}

void scripted_server::start() { tasks_.start(accept()); }

awaitable<void> scripted_server::stop()
{
    tasks_.cancel();
    co_await tasks_.join();
    acceptor_.close();
}

awaitable<void> scripted_server::accept()
{
    for (;;) {
        auto [ec, socket] = co_await acceptor_.async_accept(await_tuple);
        if (ec)
            co_return;
        const std::size_t index = std::min(connections_++, scripts_.size() - 1);
        script steps = scripts_[index];
        tasks_.start(serve(std::move(socket), std::move(steps)));
    }
}

awaitable<void> scripted_server::serve(socket_type socket, script steps)
{
    socket.set_option(asio::ip::tcp::no_delay(true));
    if (!tls_ || (!steps.empty() && steps.front().what == step::act::skip_handshake)) {
        co_await play(socket, socket, std::move(steps));
        co_return;
    }
    secure_type stream(socket, *tls_);
    const auto [ec] = co_await stream.async_handshake(asio::ssl::stream_base::server, await_tuple);
    if (!ec)
        co_await play(stream, socket, std::move(steps));
}

template <class Stream>
awaitable<void> scripted_server::play(Stream& stream, socket_type& socket, script steps)
{
    std::string input;
    char block[4096];
    boost::system::error_code ignored;
    for (const step& one : steps) {
        switch (one.what) {
        case step::act::skip_handshake:
            break;
        case step::act::read_some:
        case step::act::read_request:
            for (;;) {
                const std::size_t length = one.what == step::act::read_some ? input.size() : request_length(input);
                if (length > 0) {
                    requests_.push_back(input.substr(0, length));
                    input.erase(0, length);
                    break;
                }
                const auto [ec, n] = co_await stream.async_read_some(asio::buffer(block), await_tuple);
                if (ec)
                    co_return;
                input.append(block, n);
            }
            break;
        case step::act::write: {
            const auto [ec, n] = co_await asio::async_write(stream, asio::buffer(one.text), await_tuple);
            if (ec)
                co_return;
            break;
        }
        case step::act::shut:
            co_await goodbye(stream);
            break;
        case step::act::cut:
            socket.shutdown(socket_type::shutdown_send, ignored);
            break;
        case step::act::reset:
            socket.set_option(asio::socket_base::linger(true, 0), ignored);
            socket.close(ignored);
            co_return;
        case step::act::hold:
            for (;;) {
                const auto [ec, n] = co_await socket.async_read_some(asio::buffer(block), await_tuple);
                if (ec)
                    co_return;
            }
        }
    }
}

} // namespace lambent::support
