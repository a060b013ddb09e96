#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/data/message.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace lambent::stream {

/// What a source gives: a batch, and a tag by which it hears what became of it.
struct sourced
{
    data::batch batch;
    std::uint64_t tag = 0;
};

/// A leaf input as its author sees it: batches one after another. `replaying` makes an input of it.
class source
{
public:
    virtual ~source() = default;
    /// Nullopt: ended, for good. An error ends it too, and fails the stream.
    /// @par Cancellation  terminal.
    virtual awaitable<core::result<std::optional<sourced>>> read() = 0;
    /// Ends a `read` that waits, and every later one, with nullopt. Batches that were complete may still be given.
    virtual void stop() noexcept = 0;
    /// The batch of that tag will not be given out again.
    virtual void settled(std::uint64_t tag, bool delivered) { (void)tag; (void)delivered; }
    /// After the last `read` and the last `settled`.
    virtual awaitable<void> close() { co_return; }
};

using source_ptr = std::unique_ptr<source>;

} // namespace lambent::stream
