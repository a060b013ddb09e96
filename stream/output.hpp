#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/stream/ack.hpp>

#include <cstddef>
#include <memory>

namespace lambent::stream {

/// A sink. `write` returns when the batch is delivered or has failed for good; the caller settles the acknowledger.
class output
{
public:
    virtual ~output() = default;
    virtual awaitable<core::result<void>> connect() = 0;
    /// @par Cancellation  terminal: forced shutdown; the outcome then says what was not delivered.
    virtual awaitable<outcome> write(data::batch batch) = 0;
    virtual awaitable<void> close() = 0;
    virtual bool connected() const noexcept = 0;
    /// Writes that may run at once; 1 keeps order.
    virtual std::size_t max_in_flight() const noexcept { return 1; }
};

} // namespace lambent::stream
