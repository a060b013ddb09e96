#pragma once

#include <lambent/core/timekeeper.hpp>
#include <lambent/http/client.hpp>
#include <lambent/http/dialer.hpp>

#include <cstddef>
#include <utility>

namespace lambent::http {

/// Fills in a report. Reads the clock only where its phases are wanted.
class phase_watch
{
public:
    phase_watch(core::timekeeper& time, exchange_report* report, core::instant began) noexcept
        : time_(time), report_(report), since_(began)
    {}

    bool wanted() const noexcept { return report_ != nullptr && report_->timed; }
    core::timekeeper* clock() const noexcept { return wanted() ? &time_ : nullptr; }

    /// From now on time goes to `next`.
    void enter(core::duration phase_times::* next) noexcept
    {
        if (!wanted() || next == phase_)
            return;
        spend(time_.now());
        phase_ = next;
    }
    bool is_in(core::duration phase_times::* phase) const noexcept { return wanted() && phase_ == phase; }
    void reused(bool was_used) noexcept
    {
        if (report_ != nullptr)
            report_->reused = was_used;
    }
    /// What a dial took, since `enter(&phase_times::resolve)`, goes to its own phases; from now on time goes to `queue`.
    void dialled(const dial_attempt& attempt) noexcept
    {
        if (!wanted())
            return;
        core::instant end = time_.now();
        const core::instant now = end;
        for (const auto& [phase, member] : {std::pair(dial_attempt::phase::handshake, &phase_times::handshake),
                 std::pair(dial_attempt::phase::connecting, &phase_times::connect)}) {
            const core::instant began = attempt.began[static_cast<std::size_t>(phase)];
            if (began == core::instant{})
                continue; // not reached
            report_->phases.*member += end - began;
            end = began;
        }
        report_->phases.resolve += end - since_;
        since_ = now;
        phase_ = &phase_times::queue;
    }
    void end(http::progress progress) noexcept
    {
        if (report_ == nullptr)
            return;
        report_->progress = progress;
        if (wanted())
            spend(time_.now());
    }

private:
    void spend(core::instant now) noexcept
    {
        report_->phases.*phase_ += now - since_;
        since_ = now;
    }

    core::timekeeper& time_;
    exchange_report* report_;
    core::instant since_;
    core::duration phase_times::* phase_ = &phase_times::queue;
};

} // namespace lambent::http
