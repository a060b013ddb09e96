#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/error.hpp>
#include <lambent/data/message.hpp>

#include <memory>
#include <vector>

namespace lambent::processor {

/// What a stage makes of a batch: none (filtered: acknowledged), one or several batches.
using batches = std::vector<data::batch>;

/// One processor. Shared by all workers of the pipeline (on one shard): `process` runs concurrently with itself.
class stage
{
public:
    virtual ~stage() = default;

    /// Ordinary failures are recorded on messages. An error is fatal for the whole chain (cancellation, shutdown):
    /// the batch is handed back to its input.
    /// @par Cancellation  terminal, reaches every wait.
    virtual awaitable<core::result<batches>> process(data::batch batch) = 0;

    /// Releases what needs waiting for (connections). Called once, after the last `process`.
    virtual awaitable<void> close();
};

using stage_ptr = std::unique_ptr<stage>;

/// Runs `stages` one after another over every batch (the original's ExecuteAll).
awaitable<core::result<batches>> run_all(const std::vector<stage_ptr>& stages, data::batch batch);
/// The same, starting with several batches.
awaitable<core::result<batches>> run_each(const std::vector<stage_ptr>& stages, batches current);
awaitable<void> close_all(const std::vector<stage_ptr>& stages);

/// All messages in one batch, in order.
data::batch flatten(batches all);
/// One batch, or none where it is empty.
batches as_batches(data::batch one);

} // namespace lambent::processor
