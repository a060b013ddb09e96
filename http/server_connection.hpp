#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/byte_buffer.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/http/request_parser.hpp>
#include <lambent/http/response_text.hpp>
#include <lambent/http/server.hpp>
#include <lambent/http/server_stream.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace lambent::http {

/// What the connections of one server share.
struct server_setting
{
    core::shard& shard;
    const server_options options;
    handler& to;
    ssl_ctx_st* tls = nullptr; ///< null: plain
    bool closing = false;      ///< requests in progress end, no other begins
    date_text date;
};

/// One client's requests, in order. Shell around `request_parser`.
class server_connection
{
public:
    /// Takes the descriptor over.
    server_connection(server_setting& setting, int descriptor, std::string remote_address);

    /// Returns when the connection is closed. Cancellation: terminal; closes at once.
    awaitable<void> run();
    /// The server is closing: ends if no request is in progress.
    void finish() noexcept;

private:
    using outcome = server_stream::outcome;

    awaitable<bool> receive();
    awaitable<bool> read_more();
    awaitable<bool> wait_failed(outcome why);
    awaitable<bool> answer(const server_response& response);
    awaitable<bool> send_body(const server_response& response);
    awaitable<bool> send_slowly(std::string_view body, core::duration pause);
    awaitable<bool> send(std::string_view bytes);
    awaitable<void> refuse(int status, std::string_view reason);
    awaitable<void> discard(std::size_t bytes_max, core::deadline until);

    server_setting& setting_;
    server_stream stream_;
    core::byte_buffer in_;
    request_parser parser_;
    std::string out_;
    core::deadline header_until_;  ///< of the request that has begun
    bool idle_ = true;             ///< no byte of a request is here
    bool continued_ = false;       ///< "100 Continue" was sent, or is not wanted any more
};

} // namespace lambent::http
