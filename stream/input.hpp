#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/stream/ack.hpp>

#include <memory>
#include <optional>

namespace lambent::stream {

/// How an input is asked to end.
enum class ending {
    drain,   ///< what was taken from the source already is still given out
    abandon, ///< only what was given out and failed is given out again
};

/// A source of batches. Used on the engine's shard, by one reader at a time.
class input
{
public:
    virtual ~input() = default;
    /// The next batch, a pause, or nullopt once the source has ended for good and all that it gave out is settled.
    /// An error other than cancellation is fatal for this input.
    /// @par Cancellation  terminal: forced shutdown. What was read and not given out is dropped.
    virtual awaitable<core::result<std::optional<transaction>>> read() = 0;
    /// Takes nothing new from the source: `read` goes on giving replays, and ends as if the source had ended. At once, and repeatable.
    virtual void stop(ending how) noexcept = 0;
    /// After the last `read`. Nothing runs once it has completed.
    virtual awaitable<void> close() = 0;
    /// For /ready.
    virtual bool connected() const noexcept = 0;
};

using input_ptr = std::unique_ptr<input>;

} // namespace lambent::stream
