#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/emulator/lambda_server.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lambent::cli {

struct emulation_options
{
    std::string functions_file;                     ///< empty: one function, `echo`
    std::optional<emulator::listen_address> http;
    std::optional<emulator::listen_address> https;
    std::string call_log;                           ///< a file to write; empty: none
};

/// An emulated Lambda inside this process: `lambent emulate`, and `lambent run --emulate`.
class emulation
{
public:
    /// Reads the functions file, listens, and writes the CA of the https listener to a temporary file.
    /// The error is one line for the user: the file's place, the address, or the path.
    static awaitable<core::result<std::unique_ptr<emulation>>> start(core::shard& on, emulation_options options);
    /// TLS on a free port of 127.0.0.1: what `run --emulate FILE` needs.
    static awaitable<core::result<std::unique_ptr<emulation>>> start(core::shard& on, std::string functions_file);
    ~emulation(); ///< precondition: closed

    std::string http_url() const;  ///< empty: not listening
    std::string https_url() const;
    const std::string& ca_file() const noexcept;   ///< of the https listener; empty without one. Removed by `close`.
    const std::string& region() const noexcept;    ///< to sign for: the file's, or any
    const emulator::access_key& key() const noexcept;             ///< the first that is not expired
    std::vector<std::string> functions() const;

    /// See `lambda_server::close`.
    awaitable<void> close(core::deadline until);

private:
    struct state;
    explicit emulation(std::unique_ptr<state> state);
    std::unique_ptr<state> state_;
};

} // namespace lambent::cli
