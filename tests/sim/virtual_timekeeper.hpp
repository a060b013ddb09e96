#pragma once

#include <lambent/core/timekeeper.hpp>
#include <lambent/core/wake_heap.hpp>

namespace lambent::sim {

/// Time that stands still until it is told to go on. Free of Catch, so that benches may use it.
class virtual_timekeeper final : public core::timekeeper
{
public:
    /// Some instant and a Sunday in 2015, the SigV4 suite's time of day; neither is zero, so that a lost initialisation shows.
    static constexpr core::instant epoch{std::chrono::hours(1000)};
    static constexpr core::wall_time wall_epoch{std::chrono::seconds(1440938160)}; // 2015-08-30T12:36:00Z

    core::instant now() const noexcept override { return now_; }
    core::wall_time wall() const noexcept override { return wall_; }
    void push(core::wake_node& node) override { heap_.push(node); }
    void remove(core::wake_node& node) noexcept override { heap_.remove(node); }

    /// Moves to the next wake and fires all that is due then. False, and no move, when nobody waits for a time.
    bool jump()
    {
        if (heap_.empty())
            return false;
        if (heap_.top().at > now_)
            advance(heap_.top().at - now_);
        else
            fire_due();
        return true;
    }
    /// Moves both clocks and fires what became due. Time that does not pass step by step: all of it fires at the end.
    void advance(core::duration by)
    {
        now_ += by;
        wall_ += by;
        fire_due();
    }
    /// The wall clock alone: a correction by the operator or by NTP.
    void set_wall(core::wall_time to) noexcept { wall_ = to; }
    std::size_t waiting() const noexcept { return heap_.size(); }

private:
    void fire_due()
    {
        while (core::wake_node* node = heap_.pop_due(now_))
            node->fire(node->self);
    }

    core::wake_heap heap_;
    core::instant now_ = epoch;
    core::wall_time wall_ = wall_epoch;
};

} // namespace lambent::sim
