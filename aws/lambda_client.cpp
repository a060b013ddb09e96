#include <lambent/aws/lambda_client.hpp>

#include <lambent/aws/detail/client_state.hpp>
#include <lambent/aws/errc.hpp>
#include <lambent/http/dialer.hpp>

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace lambent::aws {
namespace {

// Records kept for later calls: as many as are ever in flight on one shard in earnest.
constexpr std::size_t records_kept_max = 8192;

// A trace id comes from the environment: what would break out of its header is encoded.
std::string header_safe(std::string_view text)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f)
            out.push_back(c);
        else
            out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return out;
}

core::error cancelled()
{
    return {core::errc::cancelled, "request canceled, context canceled"};
}

core::error shutting_down()
{
    return {core::errc::shutting_down, {}};
}

// No attempt can do anything in no time; the original says it so.
core::error no_time()
{
    return {core::errc::deadline_exceeded, "context deadline exceeded"};
}

core::error no_keys(const core::error& why)
{
    return {why.code, "get identity: get credentials: failed to refresh cached credentials, " + why.text()};
}

core::error not_admitted(const core::error& why)
{
    if (why.code == make_error_code(core::errc::deadline_exceeded))
        return {why.code, "the call's deadline passed waiting for the rate limit"};
    return why.code == core::condition::cancelled ? cancelled() : core::error{why.code, "rate limit: " + why.text()};
}

/// A call for as long as its frame lives: counted, with a record, and with all that the frame refers to kept alive.
template <class State>
class call_lease
{
public:
    explicit call_lease(std::shared_ptr<State> state) : state_(std::move(state)), record_(state_->take_record())
    {
        ++state_->stats.calls;
        ++state_->stats.in_flight;
    }
    ~call_lease()
    {
        if (prepared_request* const used = record_->end())
            state_->shelf.give_back(used);
        state_->give_back(std::move(record_));
        if (--state_->stats.in_flight == 0)
            state_->drained.wake();
    }
    call_lease(const call_lease&) = delete;
    call_lease& operator=(const call_lease&) = delete;

    call_record& record() const noexcept { return *record_; }

    /// False: the call is over before it has begun.
    bool begin(const invocation& call, core::deadline until, bool timed, bool* may_run)
    {
        State& s = *state_;
        core::retry_budget* const budget = s.options.retry.budget > 0 ? &s.budget : nullptr;
        core::error why;
        prepared_request* prepared = nullptr;
        if (!s.where) {
            why = s.where.error();
        } else if (auto made = s.shelf.take(call, *s.where, s.authority, s.options.any_function_name); made) {
            prepared = *made;
        } else {
            why = std::move(made.error());
        }
        record_->begin(call, until, budget, s.url_base, prepared, timed, may_run);
        if (prepared != nullptr) {
            if (s.options.attempt_timeout <= core::duration::zero())
                why = no_time();
            else if (s.closing)
                why = shutting_down();
        }
        if (why.code)
            record_->plan().abort(std::move(why));
        return !why.code;
    }

private:
    std::shared_ptr<State> state_;
    std::unique_ptr<call_record> record_;
};

} // namespace

lambda_client::state::state(core::shard& on, lambda_options opened, std::shared_ptr<credentials_source> keys, core::limiter* limit,
    std::unique_ptr<http::dialer> network)
    : shard(on), options(std::move(opened)), source(std::move(keys)), limiter(limit),
      where(resolve_endpoint({options.region, options.endpoint, options.fips, options.dual_stack})),
      authority(where ? where->origin.authority() : std::string()),
      url_base(where ? (where->origin.tls ? "https://" : "http://") + authority : std::string()), budget(options.retry.budget),
      http(network ? http::client(on, options.http, std::move(network)) : http::client(on, options.http)),
      desk{on, options, authority, {}}, tasks(on)
{}

std::unique_ptr<call_record> lambda_client::state::take_record()
{
    if (records.empty())
        return std::make_unique<call_record>(desk);
    std::unique_ptr<call_record> out = std::move(records.back());
    records.pop_back();
    return out;
}

void lambda_client::state::give_back(std::unique_ptr<call_record> record) noexcept
{
    if (records.size() < records_kept_max)
        records.push_back(std::move(record));
}

void lambda_client::state::count_attempt(call_plan& plan, bool repeated) noexcept
{
    ++stats.attempts;
    if (plan.report().attempts > 1)
        ++stats.retries;
    if (plan.throttled())
        ++stats.throttled;
    if (plan.timed_out())
        ++stats.timed_out;
    if (const auto known = plan.failed_with()) {
        stats.failed_attempts.count(*known);
        if (repeated && *known > certainty::refused)
            ++stats.ambiguous_retried;
    }
}

lambda_client::lambda_client(core::shard& on, lambda_options options, std::shared_ptr<credentials_source> source, core::limiter* limiter,
    std::unique_ptr<http::dialer> network)
{
    options.trace_id = header_safe(options.trace_id);
    state_ = std::make_shared<state>(on, std::move(options), std::move(source), limiter, std::move(network));
}

lambda_client::~lambda_client()
{
    if (state_->busy())
        state_->abandon();
}

const lambda_stats& lambda_client::stats() const noexcept
{
    return state_->stats;
}

const http::client_stats& lambda_client::transport_stats() const noexcept
{
    return state_->http.stats();
}

awaitable<core::result<invocation_reply>> lambda_client::invoke(const invocation& call, core::deadline until, call_report* report)
{
    return state_->invoke(call, until, report, nullptr);
}

awaitable<void> lambda_client::close(core::deadline until)
{
    return state_->close(until);
}

core::error lambda_client::state::flaw_of_keys(const std::shared_ptr<const credentials>& keys)
{
    core::error flaw;
    if (keys != sound) {
        flaw = flaw_of(*keys);
        if (!flaw.code)
            sound = keys;
    }
    return flaw;
}

bool lambda_client::state::ready(call_record& r, const next_step& next)
{
    if (next.act != next_step::act::wait || next.pause > core::duration::zero() || stopping)
        return false;
    std::shared_ptr<const credentials> keys = source->kept();
    if (!keys || keys != sound)
        return false;
    r.limited = limiter != nullptr && !limiter->try_admit();
    if (r.limited)
        return false;
    r.use(std::move(keys));
    return true;
}

awaitable<bool> lambda_client::state::get_ready(call_record& r, next_step next, core::deadline until)
{
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (next.act == next_step::act::renew) {
        source->invalidate();
    } else if (next.pause > core::duration::zero()) {
        const core::instant began = shard.time().now();
        co_await back_off(next.pause);
        r.phases.back_off += shard.time().now() - began;
    }
    if (core::cancelled_before(cancellation) || stopping) {
        r.plan().abort(stopping ? shutting_down() : cancelled());
        co_return false;
    }
    const core::instant began = shard.time().now();
    auto keys = co_await fetch(until);
    if (!keys) {
        r.plan().abort(stopping ? shutting_down() : no_keys(keys.error()));
        co_return false;
    }
    if (core::error flaw = flaw_of_keys(*keys); flaw.code) {
        r.plan().abort(no_keys(flaw));
        co_return false;
    }
    if (next.act == next_step::act::renew && r.same_keys(**keys))
        co_return false;
    if (limiter != nullptr && (std::exchange(r.limited, false) || !limiter->try_admit())) {
        auto admitted = co_await admit(until);
        if (!admitted) {
            r.plan().abort(stopping ? shutting_down() : not_admitted(admitted.error()));
            co_return false;
        }
    }
    r.phases.limiter = shard.time().now() - began;
    r.use(std::move(*keys));
    co_return true;
}

awaitable<core::result<invocation_reply>> lambda_client::state::invoke(
    const invocation& call, core::deadline until, call_report* report, bool* may_run)
{
    // A cancelled chain would throw at the next await; here it is told by results.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    call_lease<state> lease(shared_from_this());
    call_record& r = lease.record();
    next_step next{next_step::act::wait, {}};
    if (!lease.begin(call, until, report != nullptr, may_run))
        next.act = next_step::act::finish;
    while (next.act != next_step::act::finish) {
        r.phases.limiter = r.phases.sign = {};
        if (core::cancelled_before(cancellation) || !ready(r, next)) {
            const bool made = co_await get_ready(r, next, until);
            if (!made)
                break;
        }
        const core::deadline attempt_until = core::earlier_of(until, shard.time().in(options.attempt_timeout));
        r.exchange.timed = r.timed();
        auto sent = co_await http.exchange(where->origin, r, r, attempt_until, &r.exchange);
        next = r.settle(std::move(sent));
        count_attempt(r.plan(), next.act != next_step::act::finish);
    }
    if (report != nullptr)
        r.report_to(*report);
    const core::result<invocation_reply>& outcome = r.plan().outcome();
    if (!outcome) {
        ++stats.failed;
        stats.failed_calls.count(outcome.error().certainty);
    } else {
        if (report != nullptr)
            report->request_id = outcome->request_id;
        if (outcome->function_error)
            ++stats.function_errors;
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    co_return r.plan().take();
}

awaitable<core::result<void>> lambda_client::warm_up(core::duration within)
{
    const std::shared_ptr<state> s = state_;
    const core::deadline until = in(within);
    if (!s->where)
        co_return s->where.error();
    auto done = co_await s->http.warm_up(s->where->origin, until);
    co_return done;
}

} // namespace lambent::aws
