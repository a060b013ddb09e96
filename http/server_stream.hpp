#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/ready_set.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/waiter.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace lambent::http {

/// An accepted connection, plain or TLS, over a descriptor in the shard's ready set. Reads and writes are tried first and
/// waited for after.
class server_stream final : public core::ready_sink
{
public:
    enum class outcome : std::uint8_t {
        done,
        again,     ///< wait, then try again with the same
        ended,     ///< the peer closed in good order
        broken,    ///< reset, or not TLS
        timed_out,
        cancelled, ///< the awaiting chain, or `interrupt`
    };
    struct moved
    {
        outcome what = outcome::again;
        std::size_t bytes = 0;
    };

    /// Takes the descriptor (connected, non-blocking) over. `tls` null: plain.
    server_stream(core::shard& on, int descriptor, ssl_ctx_st* tls);
    ~server_stream();
    server_stream(const server_stream&) = delete;
    server_stream& operator=(const server_stream&) = delete;

    moved try_read(std::span<char> into) noexcept;
    moved try_write(std::string_view from) noexcept;
    outcome try_handshake() noexcept;

    /// Waits until a try may fare better; `done` then.
    awaitable<outcome> wait(core::deadline until);
    /// What follows try and wait, repeated: some bytes, or why none.
    awaitable<moved> read(std::span<char> into, core::deadline until);
    awaitable<outcome> write(std::string_view all, core::deadline until);
    awaitable<outcome> handshake(core::deadline until);

    /// Ends the wait in progress, if any, as cancelled.
    void interrupt() noexcept;

    /// Says goodbye (close_notify, FIN) and goes on reading; what is read then is of no interest.
    void finish_writing() noexcept;
    /// Closes at once with a reset: the peer's next read fails, bytes on their way to it may be lost.
    void reset() noexcept;

private:
    void on_ready(std::uint32_t events) noexcept override;
    outcome tls_verdict(int returned) noexcept;
    void note_read(std::ptrdiff_t got, std::size_t wanted) noexcept;
    static void forget_foreign_errors() noexcept;
    void close() noexcept;

    friend struct stream_bio;

    core::shard& shard_;
    int descriptor_;
    ssl_st* tls_ = nullptr;
    core::waiter waiter_;
    bool watched_ = false;
    bool readable_ = true;  ///< as far as known: cleared by EAGAIN, set by an edge
    bool writable_ = true;
    bool hung_up_ = false;
    bool finished_ = false;
};

} // namespace lambent::http
