#include <lambent/http/edge_transport.hpp>

#include <lambent/http/errc.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace lambent::http {
namespace {

constexpr std::uint32_t ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

std::string local_text(int descriptor)
{
    sockaddr_storage at{};
    socklen_t size = sizeof at;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&at), &size) != 0)
        return "?";
    char host[INET6_ADDRSTRLEN] = "?";
    if (at.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(at);
        ::inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
        return std::string(host) + ":" + std::to_string(ntohs(v4.sin_port));
    }
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(at);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    return "[" + std::string(host) + "]:" + std::to_string(ntohs(v6.sin6_port));
}

} // namespace

std::string system_words(int number)
{
    std::string out = core::error_code(number, boost::system::system_category()).message();
    // As Go writes them: "connection refused".
    if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z' && (out.size() < 2 || out[1] < 'A' || out[1] > 'Z'))
        out[0] = static_cast<char>(out[0] + ('a' - 'A'));
    return out;
}

edge_transport::edge_transport(core::ready_set& readiness, int descriptor, std::string remote) noexcept
    : descriptor_(descriptor), readiness_(readiness), remote_(std::move(remote))
{}

edge_transport::~edge_transport() { edge_transport::close(false); }

core::result<void> edge_transport::watch()
{
    auto added = readiness_.add(descriptor_, *this);
    watching_ = added.has_value();
    return added;
}

void edge_transport::on_ready(std::uint32_t events) noexcept
{
    if ((events & ends) != 0)
        hung_up_ = true;
    if ((events & (EPOLLIN | ends)) != 0)
        readable_ = true;
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0)
        writable_ = true;
    if (owner_ != nullptr)
        owner_->on_transport_ready(); // may have destroyed this
}

io edge_transport::fail(const char* operation, int number) noexcept
{
    failed_operation_ = operation;
    failed_number_ = number;
    return {io::outcome::failed, 0};
}

io edge_transport::receive(char* into, std::size_t size) noexcept
{
    if (!readable_)
        return {io::outcome::not_yet, 0};
    ssize_t got = 0;
    do
        got = ::recv(descriptor_, into, size, 0);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        // Less than asked for: the kernel has no more, and the next edge tells. An end in line was told already.
        if (static_cast<std::size_t>(got) < size && !hung_up_)
            readable_ = false;
        return {io::outcome::moved, static_cast<std::size_t>(got)};
    }
    if (got == 0)
        return {io::outcome::ended, 0};
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        readable_ = false;
        return {io::outcome::not_yet, 0};
    }
    return fail("read", errno);
}

io edge_transport::send(const char* from, std::size_t size) noexcept
{
    if (!writable_)
        return {io::outcome::not_yet, 0};
    ssize_t put = 0;
    do
        put = ::send(descriptor_, from, size, MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    if (put >= 0)
        return {io::outcome::moved, static_cast<std::size_t>(put)};
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        writable_ = false;
        return {io::outcome::not_yet, 0};
    }
    return fail("write", errno);
}

io edge_transport::try_read(std::span<char> into) noexcept { return receive(into.data(), into.size()); }
io edge_transport::try_write(std::span<const char> from) noexcept { return send(from.data(), from.size()); }

bool edge_transport::look() noexcept
{
    if (descriptor_ < 0)
        return false;
    char byte = 0;
    const ssize_t got = ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return readable_;
    readable_ = true;
    return true;
}

void edge_transport::close(bool) noexcept
{
    owner_ = nullptr;
    if (descriptor_ < 0)
        return;
    if (std::exchange(watching_, false))
        readiness_.remove(descriptor_, *this);
    ::close(std::exchange(descriptor_, -1));
}

core::error edge_transport::failure() const
{
    core::error out;
    if (failed_operation_ == nullptr)
        return out;
    out.code = core::error_code(failed_number_, boost::system::system_category());
    out.detail = failed_operation_;
    out.detail.append(" tcp ").append(local_text(descriptor_)).append("->").append(remote_).append(": ");
    out.detail.append(failed_operation_).append(": ").append(system_words(failed_number_));
    return out;
}

// ---- TLS

bio_method_st* tls_transport::bio_method()
{
    static BIO_METHOD* const method = [] {
        BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lambent");
        BIO_meth_set_read(made, &tls_transport::bio_read);
        BIO_meth_set_write(made, &tls_transport::bio_write);
        BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) -> long { return command == BIO_CTRL_FLUSH ? 1 : 0; });
        return made;
    }();
    return method;
}

int tls_transport::bio_read(bio_st* bio, char* into, int size)
{
    auto& self = *static_cast<tls_transport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const io got = self.receive(into, static_cast<std::size_t>(size));
    switch (got.what) {
    case io::outcome::moved:
        return static_cast<int>(got.bytes);
    case io::outcome::not_yet:
        BIO_set_retry_read(bio);
        return -1;
    case io::outcome::ended:
        self.cut_ = true;
        return 0;
    case io::outcome::failed:
        break;
    }
    return -1;
}

int tls_transport::bio_write(bio_st* bio, const char* from, int size)
{
    auto& self = *static_cast<tls_transport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const io put = self.send(from, static_cast<std::size_t>(size));
    if (put.what == io::outcome::moved)
        return static_cast<int>(put.bytes);
    if (put.what == io::outcome::not_yet)
        BIO_set_retry_write(bio);
    return -1;
}

tls_transport::tls_transport(core::ready_set& readiness, int descriptor, std::string remote, tls_stream stream)
    : edge_transport(readiness, descriptor, std::move(remote)), stream_(std::move(stream))
{
    BIO* const bio = BIO_new(bio_method());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(stream_.ssl(), bio, bio);
}

tls_transport::~tls_transport() { tls_transport::close(false); }

io tls_transport::verdict(int result) noexcept
{
    switch (SSL_get_error(stream_.ssl(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return {io::outcome::not_yet, 0};
    case SSL_ERROR_ZERO_RETURN:
        return {io::outcome::ended, 0};
    default:
        broken_ = true;
        tls_error_ = ERR_peek_last_error();
        ERR_clear_error();
        return {io::outcome::failed, 0};
    }
}

io tls_transport::handshake() noexcept
{
    clear_tls_errors();
    const int result = SSL_do_handshake(stream_.ssl());
    if (result != 1)
        return verdict(result);
    established_ = true;
    return {io::outcome::moved, 0};
}

namespace {

/// OpenSSL's names of the alerts are of old; what they mean to who runs the endpoint.
const char* alert_advice(int reason) noexcept
{
    switch (reason) {
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return " (the server speaks neither TLS 1.2 nor 1.3)";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
        return " (no cipher suite is common to both, or the server wants a client certificate)";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return " (the server wants a client certificate, which lambent does not have)";
    case SSL_R_TLSV1_UNRECOGNIZED_NAME:
        return " (the server has no certificate for this host name)";
    default:
        return "";
    }
}

} // namespace

core::error tls_transport::handshake_failure() const
{
    core::error out;
    if (!stream_.notes().refusal.empty()) {
        out.code = errc::certificate_refused;
        out.detail = "tls: failed to verify certificate: " + stream_.notes().refusal;
        return out;
    }
    out.code = errc::tls_handshake_failed;
    if (const core::error told = edge_transport::failure(); told.code) {
        out.detail = told.detail;
    } else if (cut_) {
        out.detail = "EOF in the TLS handshake with " + stream_.notes().to.authority();
    } else {
        const int reason = ERR_GET_REASON(tls_error_);
        const char* const words = ERR_reason_error_string(tls_error_);
        if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST || reason == SSL_R_PACKET_LENGTH_TOO_LONG)
            out.detail = "tls: first record does not look like a TLS handshake (does the server speak plain HTTP on this port?)";
        else if (reason >= SSL_AD_REASON_OFFSET && words != nullptr)
            out.detail = std::string("remote error: tls: ") + words + alert_advice(reason);
        else if (reason == SSL_R_UNSUPPORTED_PROTOCOL)
            out.detail = std::string("tls: ") + words + alert_advice(SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
        else
            out.detail = std::string("tls: handshake failed: ") + (words != nullptr ? words : "protocol error");
    }
    return out;
}

io tls_transport::try_read(std::span<char> into) noexcept
{
    if (broken_)
        return {io::outcome::failed, 0};
    if (!readable_ && SSL_has_pending(stream_.ssl()) == 0)
        return {io::outcome::not_yet, 0};
    clear_tls_errors();
    std::size_t got = 0;
    const int result = SSL_read_ex(stream_.ssl(), into.data(), into.size(), &got);
    return result == 1 ? io{io::outcome::moved, got} : verdict(result);
}

io tls_transport::try_write(std::span<const char> from) noexcept
{
    if (broken_)
        return {io::outcome::failed, 0};
    if (!writable_)
        return {io::outcome::not_yet, 0};
    clear_tls_errors();
    std::size_t put = 0;
    const int result = SSL_write_ex(stream_.ssl(), from.data(), from.size(), &put);
    return result == 1 ? io{io::outcome::moved, put} : verdict(result);
}

bool tls_transport::look() noexcept { return edge_transport::look() || (descriptor_ >= 0 && SSL_has_pending(stream_.ssl()) == 1); }

// Some 34 KiB for a record each way.
void tls_transport::rest() noexcept { SSL_free_buffers(stream_.ssl()); }

void tls_transport::close(bool orderly) noexcept
{
    if (descriptor_ >= 0 && established_ && !broken_) {
        clear_tls_errors();
        if (orderly)
            SSL_shutdown(stream_.ssl());
        // Else OpenSSL would take the session for a bad one, and never resume it.
        SSL_set_shutdown(stream_.ssl(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        clear_tls_errors();
    }
    edge_transport::close(orderly);
}

core::error tls_transport::failure() const
{
    core::error out = edge_transport::failure();
    if (out.code || !broken_ || cut_)
        return out;
    out.code = errc::malformed_response;
    const int reason = ERR_GET_REASON(tls_error_);
    const char* const words = ERR_reason_error_string(tls_error_);
    out.detail = reason >= SSL_AD_REASON_OFFSET ? "remote error: tls: " : "tls: ";
    out.detail += words != nullptr ? words : "broken stream";
    return out;
}

} // namespace lambent::http
