#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/data/value.hpp>
#include <lambent/http/client.hpp>

#include <support/child_process.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace lambent::vectors {

/// One of the recorded cases' scripted servers, as a child process: fake_lambda.py or fake_creds.py.
class fake_endpoint
{
public:
    /// @param script  must exist; the port is free when this returns and taken by the script soon after.
    explicit fake_endpoint(const std::filesystem::path& script);

    std::uint16_t port() const noexcept { return port_; }
    bool wait_until_listening() const;

    /// Forgets what was asked, and its counters.
    awaitable<core::result<void>> reset(http::client& by);
    /// What was asked since: an array of objects.
    awaitable<core::result<data::value>> log(http::client& by);

private:
    awaitable<core::result<std::string>> ask(http::client& by, std::string_view method, std::string_view target);

    std::uint16_t port_;
    support::child_process process_;
};

} // namespace lambent::vectors
