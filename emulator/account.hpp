#pragma once

#include <lambent/core/time.hpp>
#include <lambent/emulator/call_log.hpp>
#include <lambent/emulator/faults.hpp>
#include <lambent/emulator/function.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lambent::emulator {

/// An access key that the emulated account knows.
struct access_key
{
    std::string id{};
    std::string secret{};
    std::string token{};  ///< of temporary credentials: must come with each request; empty: must not come
    bool expired = false; ///< answers ExpiredTokenException, to try how a caller renews its credentials
};

/// One function and how it behaves.
struct function_options
{
    std::shared_ptr<function> body;
    latency_shape latency;
    core::duration timeout = std::chrono::seconds(3);    ///< as Lambda's default; longer latencies are answered as time-outs
    std::optional<std::size_t> reserved_concurrency;     ///< taken from the account's
    fault_rates faults;
    function_versions versions;
};

/// The emulated account.
struct account_options
{
    std::vector<access_key> keys;              ///< at least one
    std::string region;                        ///< the only one that signatures may name; empty: any
    std::string id = "123456789012";
    std::size_t concurrency = 1000;            ///< invocations in progress
    std::size_t events_max = 10000;            ///< accepted events that wait for concurrency; further ones are throttled
    core::duration slow_body_pause = std::chrono::milliseconds(100); ///< between the ten pieces of a `fault::slow_body`
    std::uint64_t seed = 1;                    ///< of faults and latencies
    std::map<std::string, function_options> functions;
    call_observer* observer = nullptr;         ///< may be null; must outlive the service
};

} // namespace lambent::emulator
