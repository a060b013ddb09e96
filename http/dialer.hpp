#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/timekeeper.hpp>
#include <lambent/core/waiter.hpp>
#include <lambent/http/transport.hpp>
#include <lambent/http/url.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace lambent::http {

/// What a dialer shares with who asked it: how far it is, and the one place where it waits.
///
/// The asker ends a dial by `stop` (deadline, cancellation, shutdown); a dialer waits on `waiter` alone, and after each wait
/// looks at `stopped`.
struct dial_attempt
{
    enum class phase : std::uint8_t { resolving, connecting, handshake };
    static constexpr std::size_t phases = 3;

    /// Before the phase's first step.
    void enter(phase next) noexcept
    {
        where = next;
        if (clock != nullptr)
            began[static_cast<std::size_t>(next)] = clock->now();
    }

    phase where = phase::resolving;
    core::timekeeper* clock = nullptr;          ///< null: nobody asks how long the phases take
    std::array<core::instant, phases> began{};  ///< zero: not reached, or no clock
    std::string address; ///< "127.0.0.1:443", once `where` is past resolving
    core::waiter waiter;
    bool stopped = false;

    void stop() noexcept
    {
        stopped = true;
        waiter.wake();
    }
};

/// The door to the network. Tests bring `sim::network`.
class dialer
{
public:
    virtual ~dialer() = default;

    /// Opens a connection to `to`, TLS included where `to.tls`.
    ///
    /// @param to, attempt  must outlive the await.
    /// @return resolve_failed, connect_failed, connect_timeout, tls_handshake_failed, tls_handshake_timeout,
    ///         certificate_refused, or whatever where `attempt.stopped`: the asker then knows better why.
    /// @par Cancellation   of the chain ends the dial as `stop` does; nothing stays open.
    virtual awaitable<core::result<std::unique_ptr<transport>>> dial(const origin& to, dial_attempt& attempt) = 0;
    /// Lets go of what is kept between dials (names being resolved).
    virtual void close() noexcept {}
};

} // namespace lambent::http
