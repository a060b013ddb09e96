#pragma once

#include <lambent/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace lambent::http {

/// What a try gave.
struct io
{
    enum class outcome : std::uint8_t {
        moved,   ///< `bytes` of them, at least one
        not_yet, ///< the owner will be told when it is worth trying again
        ended,   ///< reading: the peer closed in good order (FIN; over TLS close_notify)
        failed,  ///< broken: see `transport::failure`
    };
    outcome what = outcome::not_yet;
    std::size_t bytes = 0;
};

/// Told by its transport that a try may fare better now.
class transport_owner
{
public:
    /// From a turn of the loop: coroutines may be resumed here, and the transport destroyed.
    virtual void on_transport_ready() noexcept = 0;

protected:
    ~transport_owner() = default;
};

/// A connected byte stream, plain or TLS: no coroutine in it. Used on its shard's thread only.
///
/// Edges: after `not_yet` the owner is told once something changed, in either direction; it then tries what it needs.
class transport
{
public:
    virtual ~transport() = default;

    /// No system call where nothing can have come since the last `not_yet`.
    virtual io try_read(std::span<char> into) noexcept = 0;
    /// After `not_yet` the next try must begin with the same bytes; there may be more of them, elsewhere in memory.
    virtual io try_write(std::span<const char> from) noexcept = 0;
    /// Looks at the wire now: may there be something to read that no turn has told yet? One system call.
    virtual bool look() noexcept = 0;
    /// No exchange is expected soon: gives up memory that it can make again.
    virtual void rest() noexcept {}
    /// Who is told from now on; null: nobody.
    virtual void attend(transport_owner* owner) noexcept = 0;
    /// Ends it: with a goodbye (close_notify) if `orderly` and that takes no waiting. Nobody is told any more.
    virtual void close(bool orderly) noexcept = 0;
    /// Why the last try failed, in the form "read tcp 127.0.0.1:5->127.0.0.1:6: read: connection reset by peer".
    virtual core::error failure() const = 0;
};

} // namespace lambent::http
