#pragma once

#include <lambent/core/channel.hpp>
#include <lambent/core/gate.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/processor/stage.hpp>
#include <lambent/stream/input.hpp>
#include <lambent/stream/output.hpp>
#include <lambent/stream/resources.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace lambent::stream {

struct engine_parts
{
    input_ptr from;
    std::vector<processor::stage_ptr> stages;
    output_ptr to;
    std::size_t workers = 1; ///< batches that are processed at once; 1 keeps their order
};

/// Moves batches from the input through the processors to the output, and their outcomes back.
///
///     input --(feed)--> work --(workers)--> ready --(deliver)--> output
///
/// Both channels hand over directly: what the output does not take, the workers hold, and then nothing more is read. A batch
/// that processors left whole is forwarded without waiting for its outcome; a worker whose batch became several waits for all.
class engine
{
public:
    engine(resources& in, engine_parts parts);
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    /// Returns once the input has ended and all that it gave out is settled, or after `cancel`. Errors: what broke the input.
    awaitable<core::result<void>> run();
    /// Nothing new is read; what is under way goes on to its end.
    void stop() noexcept;
    /// Every wait ends now; what was not delivered is handed back to the input as failed.
    void cancel() noexcept;
    /// After `run`.
    awaitable<void> close();

    bool input_connected() const noexcept { return parts_.from->connected(); }
    bool output_connected() const noexcept { return parts_.to->connected(); }

private:
    awaitable<void> feed();
    awaitable<void> work();
    awaitable<void> deliver();
    awaitable<void> write(transaction t, core::gate* slots);
    awaitable<void> process(transaction t);
    awaitable<void> forward_all(processor::batches made, ack_ptr ack, std::size_t size);
    awaitable<void> forward(transaction t);
    void left_pipeline(std::size_t batches) noexcept;

    resources& in_;
    engine_parts parts_;
    core::task_group tasks_;
    core::channel<transaction> work_;
    core::channel<transaction> ready_;
    std::optional<core::error> broken_;
    std::size_t in_pipeline_ = 0; ///< batches read and not yet written
    std::size_t workers_left_ = 0;
    bool exhausted_ = false;      ///< the input said that it has nothing more
};

} // namespace lambent::stream
