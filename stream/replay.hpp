#pragma once

#include <lambent/core/task_group.hpp>
#include <lambent/processor/context.hpp>
#include <lambent/stream/event.hpp>
#include <lambent/stream/input.hpp>
#include <lambent/stream/rejected.hpp>
#include <lambent/stream/source.hpp>
#include <lambent/stream/statistics.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>

namespace lambent::stream {

/// When the n-th replay of a batch (n starts at 1) is due: two at once, then 1 ms × 1.1^k ± 50 %, at most 1 s.
/// @param chance  uniform in [0, 1)
core::duration replay_delay(unsigned replay, double chance) noexcept;

struct replay_options
{
    bool replay_nacks = true;                    ///< `auto_replay_nacks`; false: a nack drops the message, with a log line
    std::size_t ahead_max = 16;                  ///< batches read ahead of the pipeline
    std::size_t waiting_max = 1024;              ///< batches that wait for a replay; at this many nothing new is given out
    std::size_t outstanding_max = 100'000;       ///< messages given out and not settled; at this many nothing new is given out
};

/// Makes an input of a source: keeps what it gave out until it is settled, and gives out again what failed.
///
/// A replay starts from the message as it was read. Of a partly failed batch only the failed messages come again.
class replaying final : public input
{
public:
    replaying(processor::context who, source_ptr from, replay_options options, statistics& count, rejected_sink* rejected);
    ~replaying() override;

    awaitable<core::result<std::optional<transaction>>> read() override;
    void stop(ending how) noexcept override;
    awaitable<void> close() override;
    bool connected() const noexcept override { return started_ && !ended_; }

private:
    class acknowledged;
    /// One batch given out, or waiting to be given out again.
    struct entry
    {
        data::batch batch;            ///< as read; shares its contents with the copy under way
        std::uint64_t tag = 0;
        unsigned failures = 0;
        core::instant first{};
    };

    awaitable<void> read_ahead();
    transaction give(entry e);
    transaction give_fresh();
    bool may_give_fresh() const noexcept;
    void settle(entry e, const outcome& what);
    void again(entry e, const outcome& what);
    void drop(const entry& e, const outcome& what);
    void finish(const entry& e, bool delivered);
    void discard_fresh();

    processor::context who_;
    source_ptr source_;
    replay_options options_;
    statistics& count_;
    rejected_sink* rejected_;
    core::task_group tasks_;
    event changed_; ///< for `read`
    event room_;    ///< for `read_ahead`
    std::deque<sourced> fresh_;
    std::multimap<core::instant, entry> waiting_;
    std::size_t outstanding_ = 0; ///< messages given out and not settled for good
    std::optional<core::error> broken_;
    bool started_ = false;
    bool ended_ = false;  ///< nothing fresh will come beyond `fresh_`
    bool paused_ = false; ///< a pause was given since the last batch
    bool abandoned_ = false;
};

} // namespace lambent::stream
