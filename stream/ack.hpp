#pragma once

#include <lambent/core/error.hpp>
#include <lambent/data/message.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace lambent::stream {

/// What became of a batch: delivered (or filtered), or not and why. For part of a batch, which messages failed.
struct outcome
{
    std::optional<core::error> failed;               ///< unset: all delivered
    std::map<std::size_t, core::error> messages;     ///< by index in the batch that was sent; empty with `failed` set: all of them

    bool ok() const noexcept { return !failed.has_value(); }
    /// Why message `index` was not delivered; null when it was.
    const core::error* why(std::size_t index) const noexcept;

    static outcome delivered() { return {}; }
    static outcome none_delivered(core::error why);
    /// Message `index` was not delivered. The first failure is the whole batch's.
    void add(std::size_t index, core::error why);
};

/// Told exactly once what became of a batch that an input gave out. Nothing is acknowledged before it was delivered or filtered.
///
/// A second `settle` is a mistake of ours: asserted in checked builds, ignored else.
class acknowledger
{
public:
    acknowledger() = default;
    acknowledger(const acknowledger&) = delete;
    acknowledger& operator=(const acknowledger&) = delete;
    virtual ~acknowledger() = default;
    void settle(outcome what);
    bool settled() const noexcept { return settled_; }

private:
    virtual void on_settle(outcome what) = 0;
    bool settled_ = false;
};

using ack_ptr = std::shared_ptr<acknowledger>;

/// A batch under way, with its one acknowledger. Without one it is a *pause*: the source has ended, and what comes after
/// depends on what becomes of the batches given out so far. Who holds a partial batch passes it on then.
struct transaction
{
    data::batch batch;
    ack_ptr ack;

    bool is_pause() const noexcept { return ack == nullptr; }
};

/// Numbers the messages of a batch before processors see it, so that failures can be told apart afterwards.
void number(data::batch& batch);
/// The numbers that messages of a processed batch descend from.
std::vector<std::size_t> lineage(const data::batch& batch);
/// Translates an outcome by lineage: index i of `what` was message `origins[i]` of the source. A failed message of unknown
/// descent fails the whole source batch.
outcome translate(const outcome& what, const std::vector<std::size_t>& origins, std::size_t source_size);

/// For the one batch that processors made of a source batch.
ack_ptr translating(ack_ptr source, std::vector<std::size_t> origins, std::size_t source_size);

/// Acknowledgers for several batches that processors made of one: the source is settled when all are; each failure counts.
std::vector<ack_ptr> dividing(ack_ptr source, const std::vector<data::batch>& parts, std::size_t source_size);

/// One acknowledger for a batch that was put together from several: each source hears about its own messages.
class joined final : public acknowledger
{
public:
    void add(ack_ptr source, std::size_t messages);
    std::size_t messages() const noexcept { return total_; }

private:
    void on_settle(outcome what) override;
    struct part
    {
        ack_ptr source;
        std::size_t first;
        std::size_t count;
    };
    std::vector<part> parts_;
    std::size_t total_ = 0;
};

} // namespace lambent::stream
