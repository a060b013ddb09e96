#pragma once

#include <lambent/core/backoff.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/entropy.hpp>

#include <algorithm>
#include <variant>

namespace lambent::core {

/// Kinds of failure that may pass; what cannot pass is never asked about.
enum class failure { transient, throttled };

struct retry_limits
{
    unsigned attempts_max = 3; ///< the first one counts
    backoff transient{};
    backoff throttled{std::chrono::seconds(1), std::chrono::seconds(20)};
    duration hint_over_max = std::chrono::seconds(5); ///< a server's hint may lengthen the own wait by at most this
};

struct retry_after
{
    duration wait;
};
struct give_up
{
    enum class reason {
        attempts, ///< all were made
        budget,   ///< too many retries of late: more would only add load
        deadline, ///< the wait would not leave time for another attempt
    };
    reason why;
};
using retry_verdict = std::variant<retry_after, give_up>;

/// Retries that calls share: a failing service is not hit harder than this. One per client.
///
/// A bucket of 500 tokens as the AWS SDKs' standard mode of 2026 has it: a transient retry takes 14, a throttled one 5; a
/// success after retries returns what the last one took, a success at the first attempt returns one.
class retry_budget
{
public:
    explicit constexpr retry_budget(unsigned tokens = 500) noexcept : max_(tokens), tokens_(tokens) {}

    static constexpr unsigned cost(failure kind) noexcept { return kind == failure::throttled ? 5 : 14; }

    constexpr bool take(failure kind) noexcept
    {
        if (tokens_ < cost(kind))
            return false;
        tokens_ -= cost(kind);
        return true;
    }
    constexpr void give_back(unsigned tokens) noexcept { tokens_ = std::min(max_, tokens_ + tokens); }
    constexpr unsigned tokens() const noexcept { return tokens_; }

private:
    unsigned max_;
    unsigned tokens_;
};

/// Pure: one call's way through its attempts. `failed` after each failure that may pass, `succeeded` at the end.
class retry
{
public:
    /// @param budget  null: none. Must outlive this.
    explicit retry(const retry_limits& limits, retry_budget* budget = nullptr) noexcept : limits_(limits), budget_(budget) {}

    /// Asked in this order: attempts, deadline, budget. Gives up without touching the budget in the first two.
    /// @param hint  the server's wish (Retry-After), clamped to [own wait, own wait + hint_over_max]; zero: none.
    retry_verdict failed(failure kind, duration hint, deadline until, instant now, entropy& chance) noexcept
    {
        ++attempts_;
        if (attempts_ >= limits_.attempts_max)
            return give_up{give_up::reason::attempts};
        const backoff& pace = kind == failure::throttled ? limits_.throttled : limits_.transient;
        const duration own = pace.wait(attempts_ - 1, chance);
        const duration wait = hint > duration::zero() ? std::clamp(hint, own, own + limits_.hint_over_max) : own;
        if (until.left(now) <= wait)
            return give_up{give_up::reason::deadline};
        if (budget_ && !budget_->take(kind))
            return give_up{give_up::reason::budget};
        last_cost_ = retry_budget::cost(kind);
        return retry_after{wait};
    }

    void succeeded() noexcept
    {
        ++attempts_;
        if (budget_)
            budget_->give_back(attempts_ == 1 ? 1 : last_cost_);
    }

    /// Attempts that have ended.
    unsigned attempts() const noexcept { return attempts_; }

private:
    retry_limits limits_;
    retry_budget* budget_;
    unsigned attempts_ = 0;
    unsigned last_cost_ = 0;
};

} // namespace lambent::core
