#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/stream/ack.hpp>

#include <memory>
#include <optional>

namespace lambent::stream {

/// A source of batches. Used on the engine's shard.
class input
{
public:
    virtual ~input() = default;
    virtual awaitable<core::result<void>> connect() = 0;
    /// The next batch; nullopt once the source has ended for good (all acknowledgements may still be outstanding).
    /// @par Cancellation  terminal: the engine stops consuming. Nothing that was read is lost: it was given out or never read.
    virtual awaitable<core::result<std::optional<transaction>>> read() = 0;
    virtual awaitable<void> close() = 0;
    /// For /ready.
    virtual bool connected() const noexcept = 0;
};

} // namespace lambent::stream
