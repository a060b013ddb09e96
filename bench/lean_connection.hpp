// lean_server's connection: bytes to counted requests, answers to bytes, over a plain descriptor or TLS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <openssl/ssl.h>
#include <string>
#include <string_view>

namespace lambent::bench {

/// Counts complete requests in a stream of bytes without keeping them. Understands what clients of Lambda send: a head
/// of at most `head_bytes_max`, a body by Content-Length of at most `body_bytes_max`.
class request_counter
{
public:
    static constexpr std::size_t head_bytes_max = 16 * 1024;
    static constexpr std::uint64_t body_bytes_max = 8 * 1024 * 1024;

    /// Reads on in `bytes`; complete requests are added to `requests`. Returns how many bytes are done with: what
    /// remains is the beginning of a head, to be given again with more behind it. `refused()` after what is no request.
    std::size_t read(std::string_view bytes, std::size_t& requests);
    bool refused() const noexcept { return refused_; }

private:
    std::size_t read_head(std::string_view bytes);

    std::uint64_t body_left_ = 0;
    bool refused_ = false;
};

class connection : public std::enable_shared_from_this<connection>
{
public:
    /// Owns the descriptor; `context` null for a plain one.
    connection(int descriptor, SSL_CTX* context);
    ~connection() { close(); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// Reads until the kernel has no more (to the end of the stream where `ending`). False: the connection is over.
    bool receive(std::size_t& requests, bool ending);
    /// Queues that many answers and writes what the socket takes. False: the connection is over, be it that it has given
    /// `close_after` answers, the last of which said so.
    bool answer(std::size_t count, std::uint64_t close_after);
    /// Writes what is queued. False: the connection is over.
    bool flush();
    void close();
    bool closed() const noexcept { return descriptor_ < 0; }

    std::size_t slot = 0;   ///< the server's: where it keeps this connection

private:
    friend struct readable_bio;
    enum class got { bytes, nothing_now, end };

    got receive_some(char* into, std::size_t capacity, std::size_t& size);
    got receive_plain(char* into, std::size_t capacity, std::size_t& size);
    got receive_tls(char* into, std::size_t capacity, std::size_t& size);
    bool shake_hands();

    int descriptor_;
    SSL* tls_ = nullptr;
    bool shaken_ = false;
    bool readable_ = true;      ///< false once the kernel's buffer is known to be empty
    bool last_was_said_ = false;
    std::uint64_t answers_ = 0;
    request_counter counter_;
    std::string head_;          ///< the beginning of a head that came in parts
    std::string output_;
    std::size_t written_ = 0;   ///< bytes of output_ that are gone
};

} // namespace lambent::bench
