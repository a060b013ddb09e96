#pragma once

#include <lambent/aws/certainty.hpp>
#include <lambent/aws/invocation.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/aws/lambda_protocol.hpp>
#include <lambent/aws/retryable.hpp>
#include <lambent/core/deadline.hpp>
#include <lambent/core/entropy.hpp>
#include <lambent/core/retry.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lambent::aws {

/// What the shell does after an attempt.
struct next_step
{
    enum class act {
        finish, ///< `call_plan::take()` has the outcome
        wait,   ///< sleep `pause`, then another attempt
        renew,  ///< fetch other credentials; another attempt at once if they are others, else finish
    };
    act act = act::finish;
    core::duration pause = core::duration::zero();
};

/// The moment an attempt ended, as the plan needs it.
struct moment
{
    core::instant now;
    core::wall_time wall;          ///< by our clock, uncorrected
    core::duration clock_offset;   ///< added to it when the attempt was signed
    core::entropy& chance;
};

/// Decider of one call: attempts in, next steps out, and the outcome with its text. No I/O.
class call_plan
{
public:
    /// @param budget       null: none.
    /// @param base, target  of the request's URL, for error texts. All must outlive the plan.
    call_plan(const retry_options& options, const invocation& call, core::deadline until, core::retry_budget* budget, std::string_view base,
        std::string_view target);

    /// A complete response came.
    next_step answered(answer&& read, const moment& at);
    /// None came; `known` is what is known of it.
    next_step broken(core::error failure, http::progress progress, const broken_answer& known, const moment& at);

    /// Before or between attempts: the call ends with this error, in the client's own words.
    void abort(core::error why);

    /// The clock's difference that the last refusal taught, once; for all later signatures.
    std::optional<core::duration> take_learnt_offset() noexcept { return std::exchange(learnt_offset_, std::nullopt); }
    bool throttled() const noexcept { return last_.kind == retry_class::throttled; }
    bool timed_out() const noexcept { return timed_out_; }
    /// Of the last attempt; nothing where it was answered.
    std::optional<aws::certainty> failed_with() const noexcept { return failed_ ? std::optional(last_.certainty) : std::nullopt; }
    bool ambiguous() const noexcept { return last_.kind == retry_class::ambiguous; }

    const call_report& report() const noexcept { return report_; }
    const core::result<invocation_reply>& outcome() const noexcept { return outcome_; }
    core::result<invocation_reply>&& take() noexcept { return std::move(outcome_); }

private:
    next_step refused(const refusal& why, const moment& at);
    next_step decide(core::duration hint, const moment& at);
    bool worth_another();
    void fail(core::error_code code, std::string text);

    bool risk_running_twice_;
    core::deadline until_;
    std::string_view base_;
    std::string_view target_;
    core::retry retry_;
    classification last_;
    call_report report_;
    core::result<invocation_reply> outcome_;
    core::error_code code_;       // of the last failed attempt
    std::string text_;            // ditto, without the leading words
    std::optional<core::duration> offset_wanted_;
    std::optional<core::duration> learnt_offset_;
    bool clock_corrected_ = false;
    bool renewed_ = false;
    bool retried_once_ = false;
    bool timed_out_ = false;
    bool failed_ = false;
};

/// "operation error Lambda: Invoke, "
extern const std::string_view operation_failed;

} // namespace lambent::aws
