#include <lambent/aws/detail/call_plan.hpp>

#include <lambent/aws/errc.hpp>

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

namespace lambent::aws {
namespace {

using namespace std::chrono_literals;

// The SDKs' bounds: below, a bad signature is no matter of clocks; above, it is not our clock that is wrong.
constexpr core::duration skew_suspected = 4min;
constexpr core::duration skew_useful = 1min;
constexpr core::duration skew_max = 24h;

core::retry_limits limits_of(const retry_options& options) noexcept
{
    core::retry_limits limits;
    limits.attempts_max = options.retries == std::numeric_limits<unsigned>::max() ? options.retries : options.retries + 1;
    limits.transient = {options.base, options.cap};
    limits.throttled = {options.throttle_base, options.cap};
    return limits;
}

core::duration distance(core::duration a, core::duration b) noexcept
{
    return a > b ? a - b : b - a;
}

} // namespace

const std::string_view operation_failed = "operation error Lambda: Invoke, ";

call_plan::call_plan(const retry_options& options, const invocation& call, core::deadline until, core::retry_budget* budget,
    std::string_view base, std::string_view target)
    : risk_running_twice_(options.ambiguous || call.idempotent), until_(until), base_(base), target_(target),
      retry_(limits_of(options), budget), outcome_(core::error{errc::invalid_call, {}})
{}

next_step call_plan::answered(answer&& read, const moment& at)
{
    ++report_.attempts;
    timed_out_ = false;
    failed_ = false;
    if (const auto* why = std::get_if<refusal>(&read))
        return refused(*why, at);
    auto& reply = std::get<invocation_reply>(read);
    retry_.succeeded();
    last_ = {};
    reply.attempts = report_.attempts;
    report_.certainty = certainty::executed;
    report_.status = reply.status;
    report_.error_type.clear();
    outcome_ = std::move(reply);
    return {};
}

next_step call_plan::refused(const refusal& why, const moment& at)
{
    report_.status = why.status;
    report_.request_id = why.request_id;
    report_.error_type = why.code;
    offset_wanted_.reset();
    bool clocks_differ = false;
    if (why.date) {
        const core::duration offset = *why.date - at.wall;
        const core::duration change = distance(offset, at.clock_offset);
        clocks_differ = change > skew_suspected;
        if (change > skew_useful && distance(offset, core::duration::zero()) < skew_max)
            offset_wanted_ = offset;
    }
    last_ = classify_answer(why.status, why.code, clocks_differ);
    fail(code_of(why), describe(why));
    return decide(why.retry_after, at);
}

next_step call_plan::broken(core::error failure, http::progress progress, const broken_answer& known, const moment& at)
{
    ++report_.attempts;
    report_.status = known.status;
    report_.request_id = known.request_id;
    report_.error_type.clear();
    offset_wanted_.reset();
    last_ = classify_transport(failure.code, progress, known.status);
    timed_out_ = failure.code == core::condition::timed_out;
    if (timed_out_ && until_.passed(at.now)) {
        last_.kind = retry_class::never;
        fail(make_error_code(core::errc::deadline_exceeded), "the call's deadline passed " + failure.text());
    } else {
        fail(failure.code, describe(known, std::string(base_).append(target_), failure));
    }
    return decide(core::duration::zero(), at);
}

void call_plan::fail(core::error_code code, std::string text)
{
    failed_ = true;
    report_.certainty = std::max(report_.certainty, last_.certainty);
    code_ = code;
    text_ = std::move(text);
    outcome_ = core::error{code_, std::string(operation_failed) + text_, report_.certainty};
}

void call_plan::abort(core::error why)
{
    last_ = {};
    failed_ = false;
    outcome_ = core::error{why.code, std::string(operation_failed) + why.text(), report_.certainty};
}

bool call_plan::worth_another()
{
    switch (last_.kind) {
    case retry_class::never:
        return false;
    case retry_class::ambiguous:
        return risk_running_twice_;
    case retry_class::once:
        return !std::exchange(retried_once_, true);
    case retry_class::fresh_keys:
        return !std::exchange(renewed_, true);
    case retry_class::clock:
        if (!offset_wanted_ || std::exchange(clock_corrected_, true))
            return false;
        learnt_offset_ = offset_wanted_;
        return true;
    default:
        return true;
    }
}

next_step call_plan::decide(core::duration hint, const moment& at)
{
    if (!worth_another())
        return {};
    const bool slow = last_.kind == retry_class::throttled || last_.kind == retry_class::slow;
    const core::retry_verdict verdict
        = retry_.failed(slow ? core::failure::throttled : core::failure::transient, hint, until_, at.now, at.chance);
    if (const auto* after = std::get_if<core::retry_after>(&verdict)) {
        if (last_.kind == retry_class::fresh_keys)
            return {next_step::act::renew, {}};
        if (last_.kind == retry_class::clock)
            return {next_step::act::wait, {}};
        return {next_step::act::wait, after->wait};
    }
    const auto why = std::get<core::give_up>(verdict).why;
    std::string text(operation_failed);
    if (why == core::give_up::reason::attempts && report_.attempts > 1)
        text += "exceeded maximum number of attempts, " + std::to_string(report_.attempts) + ", ";
    text += text_;
    if (why == core::give_up::reason::deadline)
        text += " (the call's deadline leaves no time for another attempt)";
    else if (why == core::give_up::reason::budget)
        text += " (not repeated: too many calls of this client have been of late, see retry.budget)";
    outcome_ = core::error{code_, std::move(text), report_.certainty};
    return {};
}

} // namespace lambent::aws
