#pragma once

#include <lambent/core/ready_set.hpp>
#include <lambent/http/tls.hpp>
#include <lambent/http/transport.hpp>

#include <cstdint>
#include <memory>
#include <string>

struct bio_st;
struct bio_method_st;

namespace lambent::http {

/// A connected TCP descriptor in the shard's `ready_set`; remembers what the kernel last told, so that nothing is asked twice.
class edge_transport : public transport, private core::ready_sink
{
public:
    /// Takes the descriptor over; it is non-blocking. `remote` is for error texts.
    edge_transport(core::ready_set& readiness, int descriptor, std::string remote) noexcept;
    ~edge_transport() override;

    /// Begins to be told of readiness. The error is the system's.
    core::result<void> watch();

    io try_read(std::span<char> into) noexcept override;
    io try_write(std::span<const char> from) noexcept override;
    bool look() noexcept override;
    void attend(transport_owner* owner) noexcept override { owner_ = owner; }
    void close(bool orderly) noexcept override;
    core::error failure() const override;

protected:
    io receive(char* into, std::size_t size) noexcept;
    io send(const char* from, std::size_t size) noexcept;
    io fail(const char* operation, int number) noexcept;

    int descriptor_;
    bool readable_ = false;
    bool writable_ = true;  ///< until a send says EAGAIN
    bool hung_up_ = false;  ///< an end or an error is in line behind the bytes

private:
    void on_ready(std::uint32_t events) noexcept final;

    core::ready_set& readiness_;
    transport_owner* owner_ = nullptr;
    std::string remote_;
    const char* failed_operation_ = nullptr;
    int failed_number_ = 0; ///< errno; 0: the stream ended where it must not
    bool watching_ = false;
};

/// errno's words as Go writes them: "connection refused".
std::string system_words(int number);

/// TLS over it: OpenSSL reads and writes the descriptor through a BIO of ours. One record and one send for a small request.
class tls_transport final : public edge_transport
{
public:
    tls_transport(core::ready_set& readiness, int descriptor, std::string remote, tls_stream stream);
    ~tls_transport() override;

    /// One step: moved once complete, not_yet, or failed: see `handshake_failure`.
    io handshake() noexcept;
    /// certificate_refused in words an operator can act on, or tls_handshake_failed.
    core::error handshake_failure() const;

    io try_read(std::span<char> into) noexcept override;
    io try_write(std::span<const char> from) noexcept override;
    bool look() noexcept override;
    void rest() noexcept override;
    void close(bool orderly) noexcept override;
    core::error failure() const override;

private:
    static bio_method_st* bio_method();
    static int bio_read(bio_st* bio, char* into, int size);
    static int bio_write(bio_st* bio, const char* from, int size);
    io verdict(int result) noexcept;

    tls_stream stream_;
    unsigned long tls_error_ = 0; ///< OpenSSL's, of what broke the stream
    bool cut_ = false;            ///< the stream ended without close_notify
    bool broken_ = false;
    bool established_ = false;
};

} // namespace lambent::http
