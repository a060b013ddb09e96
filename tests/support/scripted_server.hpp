#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/task_group.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lambent::support {

/// What a scripted server does on one connection, step by step.
struct step
{
    enum class act {
        read_request,  ///< head, and body by Content-Length
        read_some,     ///< whatever comes next, at least one byte
        write,         ///< `text`
        shut,          ///< FIN; over TLS with close_notify
        cut,           ///< FIN without close_notify
        reset,         ///< RST
        hold,          ///< keeps the connection until the peer ends it
        skip_handshake ///< as the first step of a TLS script: no handshake
    };
    act what;
    std::string text = {};
};
using script = std::vector<step>;

inline step read_request() { return {step::act::read_request}; }
inline step read_some() { return {step::act::read_some}; }
inline step write(std::string text) { return {step::act::write, std::move(text)}; }
inline step shut() { return {step::act::shut}; }
inline step cut() { return {step::act::cut}; }
inline step reset() { return {step::act::reset}; }
inline step hold() { return {step::act::hold}; }
inline step skip_handshake() { return {step::act::skip_handshake}; }

/// Reads and answers `answer` so often, then what is in `after`.
script answering(std::size_t times, const std::string& answer, const script& after = {});
std::string ok_response(const std::string& body, const std::string& extra_fields = "");

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
