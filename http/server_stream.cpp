#include <lambent/http/server_stream.hpp>

#include <lambent/core/deadline_watch.hpp>

#include <boost/asio/this_coro.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lambent::http {

// OpenSSL's own socket BIO writes with write(), which raises SIGPIPE, and asks the kernel even when nothing can have come.
struct stream_bio
{
    static int read(BIO* bio, char* into, int size)
    {
        auto* const s = static_cast<server_stream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        if (!s->readable_) {
            BIO_set_retry_read(bio);
            return -1;
        }
        const auto n = ::recv(s->descriptor_, into, static_cast<std::size_t>(size), 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            s->readable_ = errno == EINTR;
            BIO_set_retry_read(bio);
        }
        else
            s->note_read(n, static_cast<std::size_t>(size));
        return static_cast<int>(n);
    }
    static int write(BIO* bio, const char* from, int size)
    {
        auto* const s = static_cast<server_stream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const auto n = ::send(s->descriptor_, from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            s->writable_ = errno == EINTR;
            BIO_set_retry_write(bio);
        }
        return static_cast<int>(n);
    }
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

    static const BIO_METHOD* method()
    {
        static const BIO_METHOD* const made = [] {
            BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lambent server stream");
            BIO_meth_set_read(m, &read);
            BIO_meth_set_write(m, &write);
            BIO_meth_set_ctrl(m, &control);
            return m;
        }();
        return made;
    }
};

server_stream::server_stream(core::shard& on, int descriptor, ssl_ctx_st* tls) : shard_(on), descriptor_(descriptor)
{
    watched_ = shard_.readiness().add(descriptor_, *this).has_value();
    if (tls == nullptr)
        return;
    tls_ = SSL_new(tls);
    BIO* const bio = BIO_new(stream_bio::method());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls_, bio, bio);
    SSL_set_accept_state(tls_);
}

server_stream::~server_stream()
{
    close();
    SSL_free(tls_);
}

void server_stream::close() noexcept
{
    if (descriptor_ < 0)
        return;
    if (watched_)
        shard_.readiness().remove(descriptor_, *this);
    ::close(descriptor_);
    descriptor_ = -1;
}

void server_stream::on_ready(std::uint32_t events) noexcept
{
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        hung_up_ = true;
    if (hung_up_ || (events & EPOLLIN))
        readable_ = true;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        writable_ = true;
    waiter_.wake_here(); // may destroy this
}

// A short read has emptied the socket: what comes later comes with an edge. Not so once the peer has hung up, whose edge
// was told already.
void server_stream::note_read(std::ptrdiff_t got, std::size_t wanted) noexcept
{
    if (got > 0 && static_cast<std::size_t>(got) < wanted && !hung_up_)
        readable_ = false;
}

// An error that other users of OpenSSL on this thread left behind would be taken for this connection's. A look is cheaper
// than clearing each time.
void server_stream::forget_foreign_errors() noexcept
{
    if (ERR_peek_error() != 0)
        ERR_clear_error();
}

server_stream::outcome server_stream::tls_verdict(int returned) noexcept
{
    switch (SSL_get_error(tls_, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return outcome::again;
    case SSL_ERROR_ZERO_RETURN:
        return outcome::ended;
    default:
        ERR_clear_error();
        return outcome::broken;
    }
}

server_stream::moved server_stream::try_read(std::span<char> into) noexcept
{
    if (descriptor_ < 0 || !watched_)
        return {outcome::broken, 0};
    if (tls_) {
        forget_foreign_errors();
        const int n = SSL_read(tls_, into.data(), static_cast<int>(std::min<std::size_t>(into.size(), 1 << 30)));
        return n > 0 ? moved{outcome::done, static_cast<std::size_t>(n)} : moved{tls_verdict(n), 0};
    }
    for (;;) {
        if (!readable_)
            return {outcome::again, 0};
        const auto n = ::recv(descriptor_, into.data(), into.size(), 0);
        note_read(n, into.size());
        if (n > 0)
            return {outcome::done, static_cast<std::size_t>(n)};
        if (n == 0)
            return {outcome::ended, 0};
        if (errno == EAGAIN)
            readable_ = false;
        else if (errno != EINTR)
            return {outcome::broken, 0};
    }
}

server_stream::moved server_stream::try_write(std::string_view from) noexcept
{
    if (descriptor_ < 0 || !watched_)
        return {outcome::broken, 0};
    if (tls_) {
        forget_foreign_errors();
        const int n = SSL_write(tls_, from.data(), static_cast<int>(std::min<std::size_t>(from.size(), 1 << 30)));
        return n > 0 ? moved{outcome::done, static_cast<std::size_t>(n)} : moved{tls_verdict(n), 0};
    }
    for (;;) {
        const auto n = ::send(descriptor_, from.data(), from.size(), MSG_NOSIGNAL);
        if (n >= 0)
            return {outcome::done, static_cast<std::size_t>(n)};
        if (errno == EAGAIN) {
            writable_ = false;
            return {outcome::again, 0};
        }
        if (errno != EINTR)
            return {outcome::broken, 0};
    }
}

server_stream::outcome server_stream::try_handshake() noexcept
{
    if (tls_ == nullptr)
        return outcome::done;
    if (descriptor_ < 0 || !watched_)
        return outcome::broken;
    forget_foreign_errors();
    const int n = SSL_do_handshake(tls_);
    return n == 1 ? outcome::done : tls_verdict(n);
}

awaitable<server_stream::outcome> server_stream::wait(core::deadline until)
{
    if (core::cancelled_before(co_await asio::this_coro::cancellation_state))
        co_return outcome::cancelled;
    if (until.passed(shard_.time().now()))
        co_return outcome::timed_out;
    auto expire = [this]() noexcept { waiter_.wake(core::errc::deadline_exceeded); };
    core::deadline_watch watch(shard_.time(), until, expire);
    const auto [ec] = co_await waiter_.wait(await_tuple);
    if (!ec)
        co_return outcome::done;
    co_return ec == core::errc::deadline_exceeded ? outcome::timed_out : outcome::cancelled;
}

awaitable<server_stream::moved> server_stream::read(std::span<char> into, core::deadline until)
{
    for (;;) {
        const moved got = try_read(into);
        if (got.what != outcome::again)
            co_return got;
        const outcome waited = co_await wait(until);
        if (waited != outcome::done)
            co_return moved{waited, 0};
    }
}

awaitable<server_stream::outcome> server_stream::write(std::string_view all, core::deadline until)
{
    while (!all.empty()) {
        const moved put = try_write(all);
        all.remove_prefix(put.bytes);
        if (put.what == outcome::done)
            continue;
        if (put.what != outcome::again)
            co_return put.what;
        const outcome waited = co_await wait(until);
        if (waited != outcome::done)
            co_return waited;
    }
    co_return outcome::done;
}

awaitable<server_stream::outcome> server_stream::handshake(core::deadline until)
{
    for (;;) {
        const outcome now = try_handshake();
        if (now != outcome::again)
            co_return now;
        const outcome waited = co_await wait(until);
        if (waited != outcome::done)
            co_return waited;
    }
}

void server_stream::interrupt() noexcept { waiter_.wake(core::errc::cancelled); }

void server_stream::finish_writing() noexcept
{
    if (descriptor_ < 0 || std::exchange(finished_, true))
        return;
    // Before the handshake is done there is nobody to say goodbye to, and OpenSSL would call it an error.
    if (tls_ && SSL_is_init_finished(tls_) && SSL_shutdown(tls_) < 0)
        ERR_clear_error();
    ::shutdown(descriptor_, SHUT_WR);
}

void server_stream::reset() noexcept
{
    if (descriptor_ < 0)
        return;
    const linger abruptly{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &abruptly, sizeof abruptly);
    close();
}

} // namespace lambent::http
