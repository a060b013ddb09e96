#include <lambent/http/server_connection.hpp>

#include <lambent/core/waiter.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <span>
#include <utility>

namespace lambent::http {
namespace {

// A read asks for this much; a larger body is read in place, in larger pieces.
constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t body_read_size = 256 * 1024;
// A body up to this is copied behind its header and leaves in the same write.
constexpr std::size_t joined_body_max = 64 * 1024;
// Each piece of a large body has `idle_timeout` to leave.
constexpr std::size_t write_size = 1024 * 1024;
// A refused client may still be sending; a reset would take the refusal out of its hands (RFC 9112 section 9.6).
constexpr std::size_t linger_bytes_max = 4 * 1024 * 1024;
constexpr core::duration linger_time = std::chrono::seconds(2);

} // namespace

server_connection::server_connection(server_setting& setting, int descriptor, std::string remote_address)
    : setting_(setting), stream_(setting.shard, descriptor, setting.tls),
      in_(setting.options.header_bytes_max + 2 * read_size),
      parser_({setting.options.header_bytes_max, setting.options.body_bytes_max})
{
    parser_.request().remote_address = std::move(remote_address);
    parser_.request().tls = setting.tls != nullptr;
}

void server_connection::finish() noexcept
{
    if (idle_)
        stream_.interrupt();
}

awaitable<void> server_connection::run()
{
    const auto shaken = co_await stream_.handshake(setting_.shard.time().in(setting_.options.header_timeout));
    if (shaken != outcome::done)
        co_return;
    while (co_await receive()) {
        const server_response response = co_await setting_.to.handle(parser_.request());
        // What a cancelled handler answers is not an answer.
        if (core::cancelled_before(co_await asio::this_coro::cancellation_state))
            co_return;
        const bool stays = co_await answer(response);
        if (!stays)
            co_return;
        parser_.next();
    }
}

// One complete request; false when there will be none, and all is said that is to be said.
awaitable<bool> server_connection::receive()
{
    idle_ = in_.empty();
    continued_ = false;
    header_until_ = setting_.shard.time().in(setting_.options.header_timeout);
    for (;;) {
        if (!in_.empty())
            in_.consume(parser_.feed(in_.view()));
        if (parser_.complete())
            co_return true;
        if (parser_.refused()) {
            co_await refuse(parser_.why().status, parser_.why().reason);
            co_return false;
        }
        if (idle_ && setting_.closing)
            co_return false;
        const bool more = co_await read_more();
        if (!more)
            co_return false;
    }
}

awaitable<bool> server_connection::read_more()
{
    const bool in_body = parser_.head_complete();
    if (in_body && parser_.expects_continue() && !std::exchange(continued_, true) && in_.empty()) {
        const bool sent = co_await send("HTTP/1.1 100 Continue\r\n\r\n");
        if (!sent)
            co_return false;
    }
    if (idle_) {
        in_.release(read_size);
        if (out_.capacity() > read_size)
            out_ = std::string();
    }
    std::span<char> room;
    if (in_.empty())
        room = parser_.body_room(body_read_size);
    const bool in_place = !room.empty();
    if (!in_place)
        room = in_.prepare(read_size);

    auto until = header_until_;
    if (idle_ || in_body)
        until = setting_.shard.time().in(setting_.options.idle_timeout);
    const auto got = co_await stream_.read(room, until);
    if (got.what != outcome::done)
        co_return co_await wait_failed(got.what);
    if (in_place)
        parser_.body_filled(got.bytes);
    else
        in_.commit(got.bytes);
    if (std::exchange(idle_, false))
        header_until_ = setting_.shard.time().in(setting_.options.header_timeout);
    co_return true;
}

// Who is slow inside a request is told so; who left, or never asked, is not.
awaitable<bool> server_connection::wait_failed(outcome why)
{
    if (why == outcome::timed_out && !idle_)
        co_await refuse(408, "The request did not come in time.");
    co_return false;
}

awaitable<void> server_connection::refuse(int status, std::string_view reason)
{
    server_response response;
    response.status = status;
    response.fields.add("Content-Type", "text/plain; charset=utf-8");
    response.body = std::string(reason) + "\n";
    const response_frame frame{.to_head = false, .closes = true, .announces_keep_alive = false};
    out_.clear();
    append_head(out_, response, frame, setting_.date.at(setting_.shard.time().wall()));
    out_ += response.body;
    const bool sent = co_await send(out_);
    if (!sent)
        co_return;
    stream_.finish_writing();
    co_await discard(linger_bytes_max, setting_.shard.time().in(linger_time));
}

// Reads what nobody wants, until the peer leaves or a limit is reached.
awaitable<void> server_connection::discard(std::size_t bytes_max, core::deadline until)
{
    in_.clear();
    std::size_t seen = 0;
    while (seen < bytes_max) {
        const auto got = co_await stream_.read(in_.prepare(read_size), until);
        if (got.what != outcome::done)
            co_return;
        seen += got.bytes;
    }
}

awaitable<bool> server_connection::send(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto until = setting_.shard.time().in(setting_.options.idle_timeout);
        const std::string_view piece = bytes.substr(0, write_size);
        const auto put = co_await stream_.write(piece, until);
        if (put != outcome::done)
            co_return false;
        bytes.remove_prefix(piece.size());
    }
    co_return true;
}

// True when another request may follow.
awaitable<bool> server_connection::answer(const server_response& response)
{
    using fault = server_response::fault;
    switch (response.misbehaviour) {
    case fault::close_before_response:
        stream_.finish_writing();
        co_return false;
    case fault::reset_before_response:
        stream_.reset();
        co_return false;
    case fault::hang:
        co_await discard(static_cast<std::size_t>(-1), core::deadline::never());
        co_return false;
    case fault::none:
    case fault::reset_after_header:
    case fault::truncate_body:
        break;
    }

    response_frame frame;
    frame.to_head = parser_.request().method == "HEAD";
    frame.closes = response.close || !parser_.keeps_alive() || setting_.closing;
    frame.announces_keep_alive = parser_.is_old() && !frame.closes;
    out_.clear();
    if (!append_head(out_, response, frame, setting_.date.at(setting_.shard.time().wall()))) {
        co_await refuse(500, "The answer holds a header field that cannot be sent.");
        co_return false;
    }
    bool sent = true;
    if (response.misbehaviour == fault::reset_after_header) {
        sent = co_await send(out_);
        stream_.reset();
    }
    else if (carries_body(response, frame))
        sent = co_await send_body(response);
    else
        sent = co_await send(out_);
    if (sent && !frame.closes && response.misbehaviour == fault::none)
        co_return true;
    stream_.finish_writing();
    co_return false;
}

// The header, which waits in `out_`, and the body after it.
awaitable<bool> server_connection::send_body(const server_response& response)
{
    std::string_view body = response.body;
    if (response.misbehaviour == server_response::fault::truncate_body)
        body = body.substr(0, body.size() / 2);
    if (response.body_chunk_delay > core::duration::zero())
        co_return co_await send_slowly(body, response.body_chunk_delay);
    if (body.size() <= joined_body_max) {
        out_ += body;
        co_return co_await send(out_);
    }
    const bool sent = co_await send(out_);
    if (!sent)
        co_return false;
    co_return co_await send(body);
}

awaitable<bool> server_connection::send_slowly(std::string_view body, core::duration pause)
{
    constexpr std::size_t pieces = 10;
    bool sent = co_await send(out_);
    for (std::size_t i = 0; i < pieces && sent; ++i) {
        const auto rested = co_await setting_.shard.time().sleep(pause);
        if (!rested)
            co_return false;
        const std::size_t begin = body.size() * i / pieces;
        const std::size_t end = body.size() * (i + 1) / pieces;
        sent = co_await send(body.substr(begin, end - begin));
    }
    co_return sent;
}

} // namespace lambent::http
