#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/stream/ack.hpp>

#include <cstddef>
#include <memory>

namespace lambent::stream {

/// A sink. `write` returns when the batch is delivered or has failed for good; the caller settles the acknowledger.
/// Used on the engine's shard; writes may run concurrently, and start in the order of the calls.
class output
{
public:
    virtual ~output() = default;
    /// Once, before the first write; repeats until it succeeds. Errors: cancellation only.
    virtual awaitable<core::result<void>> connect() = 0;
    /// @par Cancellation  terminal: forced shutdown; the outcome then says what was not delivered.
    virtual awaitable<outcome> write(data::batch batch) = 0;
    /// Nothing more may come for a long time: what is held back to fill a batch is sent now, and from now on at once.
    virtual void flush() noexcept {}
    /// After the last `write`.
    virtual awaitable<void> close() = 0;
    virtual bool connected() const noexcept = 0;
    /// Writes that may run at once; 1 keeps order.
    virtual std::size_t max_in_flight() const noexcept { return 1; }
};

using output_ptr = std::unique_ptr<output>;

} // namespace lambent::stream
