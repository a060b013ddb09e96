#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/http/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lambent::http {

/// A request as the server received it; owns its bytes. `target` is as sent, not decoded.
struct server_request
{
    std::string method;
    std::string target;
    std::string path;   ///< target up to '?', still percent-encoded
    std::string query;  ///< after '?'
    http::headers fields;
    std::string body;
    std::string remote_address;
    bool tls = false;
};

/// What a handler answers. Faults are for the emulator: a server that misbehaves on purpose, exactly.
struct server_response
{
    enum class fault {
        none,
        close_before_response, ///< orderly close, no byte
        reset_before_response, ///< RST, no byte
        reset_after_header,    ///< header complete, then RST
        truncate_body,         ///< half of the body, then orderly close
        hang,                  ///< nothing, for as long as the peer stays
    };

    int status = 200;
    http::headers fields;         ///< Content-Length and Date are written by the server unless set
    std::string body;
    bool close = false;           ///< "Connection: close" and close after it
    fault misbehaviour = fault::none;
    core::duration body_chunk_delay = core::duration::zero(); ///< > 0: the body leaves in ten pieces with this pause between
};

/// Serves one request. Called concurrently for different connections, in order within one. References are valid during the await.
class handler
{
public:
    virtual ~handler() = default;
    virtual awaitable<server_response> handle(server_request& request) = 0;
};

struct server_tls
{
    std::string certificate_chain_pem; ///< leaf first
    std::string private_key_pem;
};

struct server_options
{
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;                   ///< 0: a free one
    std::size_t connections_max = 10000;
    std::size_t header_bytes_max = 64 * 1024;
    std::size_t body_bytes_max = 64 * 1024 * 1024;
    core::duration header_timeout = std::chrono::seconds(60); ///< from first byte of a request to its complete header
    core::duration idle_timeout = std::chrono::minutes(5);    ///< between requests
    const server_tls* tls = nullptr;          ///< null: plain HTTP. Copied at start.
};

/// HTTP/1.1 server, plain or TLS: emulator, health endpoints, later `http_server`.
class server
{
public:
    server(core::shard& on, server_options options, handler& to);
    ~server(); ///< precondition: never started, or closed
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Binds and listens; connections are served from here on. The error names address and reason.
    core::result<void> start();
    std::uint16_t port() const noexcept;
    /// Stops accepting, lets requests in progress end until `until`, then closes all. Nothing runs after it has completed.
    awaitable<void> close(core::deadline until);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace lambent::http
