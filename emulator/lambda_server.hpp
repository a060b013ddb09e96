#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/emulator/account.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace lambent::emulator {

struct listen_address
{
    std::string address = "127.0.0.1";
    std::uint16_t port = 0; ///< 0: a free one
};

struct lambda_server_options
{
    account_options account;
    std::optional<listen_address> http;
    std::optional<listen_address> https; ///< with an own CA and certificate, see `lambda_server::ca_pem`
};

/// Lambda's Invoke API as a server, for tests and for trying things out: verifies signatures, misbehaves as told, the same way each time.
/// Everything runs on one shard.
class lambda_server
{
public:
    lambda_server(core::shard& on, lambda_server_options options);
    ~lambda_server(); ///< precondition: not started, failed to start, or closed
    lambda_server(const lambda_server&) = delete;
    lambda_server& operator=(const lambda_server&) = delete;

    /// Checks the options and listens; served from here on. The error names the option, or the address and the reason; then nothing
    /// listens any more. Once.
    awaitable<core::result<void>> start();

    std::uint16_t http_port() const noexcept; ///< 0: not listening
    std::uint16_t https_port() const noexcept;
    /// The certificate authority that clients of the https listener must trust, as PEM. Its one certificate is valid for localhost,
    /// 127.0.0.1, ::1 and the address listened on. Made anew at each start.
    const std::string& ca_pem() const noexcept;

    /// Takes no new calls, lets those in progress and the events that were accepted end until `until`, then cuts them off.
    /// Each is recorded. Nothing runs after it has completed.
    awaitable<void> close(core::deadline until);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace lambent::emulator
