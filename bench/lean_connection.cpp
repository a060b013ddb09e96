#include "lean_connection.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lambent::bench {

namespace {

// What Lambda's front door sends, at its usual length. The date stands still: nobody reads it here.
std::string reply_saying(std::string_view connection)
{
    std::string reply = "HTTP/1.1 200 OK\r\n"
                        "Date: Sun, 22 Nov 2026 12:32:51 GMT\r\n"
                        "Content-Type: application/json\r\n"
                        "Content-Length: 11\r\n"
                        "Connection: ";
    reply += connection;
    reply += "\r\n"
             "x-amzn-RequestId: fab78848-00e0-4c22-b3e0-7177b20d067d\r\n"
             "x-amzn-Remapped-Content-Length: 0\r\n"
             "X-Amz-Executed-Version: $LATEST\r\n"
             "X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0\r\n\r\n"
             "{\"ok\":true}";
    return reply;
}
const std::string reply_keeping_alive = reply_saying("keep-alive");
const std::string reply_closing = reply_saying("close");

constexpr std::size_t read_bytes = 64 * 1024;   // a megabyte's body in few reads; one buffer for all connections

bool is_content_length(std::string_view line) noexcept
{
    constexpr std::string_view name = "content-length:";
    return line.size() > name.size() && (line[0] | 0x20) == 'c' && line[14] == ':' && strncasecmp(line.data(), name.data(), name.size()) == 0;
}

} // namespace

std::size_t request_counter::read(std::string_view bytes, std::size_t& requests)
{
    std::size_t done = 0;
    for (;;) {
        if (body_left_ > 0) {
            const std::size_t part = std::min<std::uint64_t>(body_left_, bytes.size() - done);
            body_left_ -= part;
            done += part;
            if (body_left_ > 0)
                return done;
            ++requests;
        }
        if (done == bytes.size())
            return done;
        const std::size_t head = read_head(bytes.substr(done));
        if (head == 0 || refused_)
            return done;
        done += head;
        if (body_left_ == 0)
            ++requests;
    }
}

/// The bytes of a whole head, or 0 where it is not whole yet.
std::size_t request_counter::read_head(std::string_view bytes)
{
    std::size_t line_begin = 0;
    std::uint64_t length = 0;
    for (;;) {
        const void* found = std::memchr(bytes.data() + line_begin, '\n', bytes.size() - line_begin);
        if (found == nullptr) {
            refused_ = bytes.size() > head_bytes_max;
            return 0;
        }
        const std::size_t line_end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
        const std::string_view line = bytes.substr(line_begin, line_end - line_begin);
        line_begin = line_end + 1;
        if (line.empty() || line == "\r") {
            refused_ = length > body_bytes_max || line_begin > head_bytes_max;
            body_left_ = length;
            return line_begin;
        }
        if (is_content_length(line)) {
            length = 0;
            for (const char c : line.substr(15)) {
                if (c >= '0' && c <= '9')
                    length = std::min<std::uint64_t>(length * 10 + static_cast<std::uint64_t>(c - '0'), body_bytes_max + 1);
            }
        }
    }
}

/// The socket as OpenSSL sees it: a read without a system call while the kernel is known to have nothing.
struct readable_bio
{
    static connection& of(BIO* bio) { return *static_cast<connection*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* into, int capacity)
    {
        connection& at = of(bio);
        BIO_clear_retry_flags(bio);
        if (!at.readable_) {
            BIO_set_retry_read(bio);
            return -1;
        }
        const ssize_t size = ::recv(at.descriptor_, into, static_cast<std::size_t>(capacity), 0);
        if (size < capacity)
            at.readable_ = size == 0;   // an end stays an end
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            BIO_set_retry_read(bio);
        return static_cast<int>(size);
    }

    static int write(BIO* bio, const char* bytes, int size)
    {
        BIO_clear_retry_flags(bio);
        const ssize_t sent = ::send(of(bio).descriptor_, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            BIO_set_retry_write(bio);
        return static_cast<int>(sent);
    }

    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

    static BIO* make(connection& at)
    {
        static BIO_METHOD* const method = [] {
            BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lean_server socket");
            BIO_meth_set_read(made, read);
            BIO_meth_set_write(made, write);
            BIO_meth_set_ctrl(made, control);
            return made;
        }();
        BIO* bio = BIO_new(method);
        BIO_set_data(bio, &at);
        BIO_set_init(bio, 1);
        return bio;
    }
};

connection::connection(int descriptor, SSL_CTX* context) : descriptor_(descriptor)
{
    if (context == nullptr)
        return;
    tls_ = SSL_new(context);
    BIO* bio = readable_bio::make(*this);
    SSL_set_bio(tls_, bio, bio);
    SSL_set_accept_state(tls_);
}

bool connection::shake_hands()
{
    ERR_clear_error();
    const int outcome = SSL_do_handshake(tls_);
    if (outcome == 1) {
        shaken_ = true;
        return true;
    }
    const int why = SSL_get_error(tls_, outcome);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

connection::got connection::receive_plain(char* into, std::size_t capacity, std::size_t& size)
{
    if (!readable_)
        return got::nothing_now;
    const ssize_t received = ::recv(descriptor_, into, capacity, 0);
    if (received < 0) {
        readable_ = false;
        return errno == EAGAIN || errno == EINTR ? got::nothing_now : got::end;
    }
    if (received == 0)
        return got::end;
    readable_ = static_cast<std::size_t>(received) == capacity;
    size = static_cast<std::size_t>(received);
    return got::bytes;
}

connection::got connection::receive_tls(char* into, std::size_t capacity, std::size_t& size)
{
    // Asked with nothing at hand, OpenSSL would go through its whole record layer only to say so.
    if (!readable_ && SSL_has_pending(tls_) == 0)
        return got::nothing_now;
    if (ERR_peek_error() != 0)
        ERR_clear_error();
    const int received = SSL_read(tls_, into, static_cast<int>(capacity));
    if (received > 0) {
        size = static_cast<std::size_t>(received);
        return got::bytes;
    }
    return SSL_get_error(tls_, received) == SSL_ERROR_WANT_READ ? got::nothing_now : got::end;
}

connection::got connection::receive_some(char* into, std::size_t capacity, std::size_t& size)
{
    return tls_ != nullptr ? receive_tls(into, capacity, size) : receive_plain(into, capacity, size);
}

bool connection::receive(std::size_t& requests, bool ending)
{
    static char buffer[request_counter::head_bytes_max + read_bytes];
    readable_ = true;
    if (tls_ != nullptr && !shaken_) {
        if (!shake_hands())
            return false;
        if (!shaken_)
            return !ending || readable_;
    }
    for (;;) {
        const std::size_t kept = head_.size();
        std::memcpy(buffer, head_.data(), kept);
        std::size_t size = 0;
        const got outcome = receive_some(buffer + kept, read_bytes, size);
        if (outcome == got::end)
            return false;
        if (outcome == got::nothing_now) {
            if (!ending || readable_)
                return true;
            readable_ = true;   // a short read hides the end that was already announced: ask once more
            ending = false;
            continue;
        }
        const std::string_view bytes(buffer, kept + size);
        const std::size_t done = counter_.read(bytes, requests);
        if (counter_.refused())
            return false;
        head_.assign(bytes.substr(done));
    }
}

bool connection::answer(std::size_t count, std::uint64_t close_after)
{
    for (; count > 0 && !last_was_said_; --count) {
        ++answers_;
        last_was_said_ = answers_ >= close_after;
        output_ += last_was_said_ ? reply_closing : reply_keeping_alive;
    }
    return flush();
}

bool connection::flush()
{
    while (written_ < output_.size()) {
        const char* from = output_.data() + written_;
        const std::size_t left = output_.size() - written_;
        if (tls_ != nullptr && !shaken_)
            return true;
        if (tls_ != nullptr) {
            if (ERR_peek_error() != 0)
                ERR_clear_error();
            const int written = SSL_write(tls_, from, static_cast<int>(left));
            if (written <= 0)
                return SSL_get_error(tls_, written) == SSL_ERROR_WANT_WRITE;
            written_ += static_cast<std::size_t>(written);
        } else {
            const ssize_t written = ::send(descriptor_, from, left, MSG_NOSIGNAL);
            if (written < 0)
                return errno == EAGAIN || errno == EINTR;
            written_ += static_cast<std::size_t>(written);
        }
    }
    output_.clear();
    written_ = 0;
    return !last_was_said_;
}

void connection::close()
{
    if (descriptor_ < 0)
        return;
    if (tls_ != nullptr) {
        if (shaken_)
            SSL_shutdown(tls_);
        SSL_free(tls_);
        tls_ = nullptr;
    }
    ::close(descriptor_);
    descriptor_ = -1;
}

} // namespace lambent::bench
