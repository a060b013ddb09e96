#include <lambent/aws/lambda_client.hpp>

#include <lambent/aws/detail/call_plan.hpp>
#include <lambent/aws/detail/client_state.hpp>
#include <lambent/aws/errc.hpp>
#include <lambent/aws/lambda_protocol.hpp>
#include <lambent/core/deadline_watch.hpp>
#include <lambent/http/dialer.hpp>

#include <boost/asio/this_coro.hpp>

#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace lambent::aws {

lambda_client::state::state(core::shard& on, lambda_options opened, std::shared_ptr<credentials_source> keys, core::limiter* limit,
    std::unique_ptr<http::dialer> network)
    : shard(on), options(std::move(opened)), source(std::move(keys)), limiter(limit),
      where(resolve_endpoint({options.region, options.endpoint, options.fips, options.dual_stack})),
      authority(where ? where->origin.authority() : std::string()),
      http(network ? http::client(on, options.http, std::move(network)) : http::client(on, options.http)), tasks(on)
{}

namespace {

constexpr std::string_view service = "lambda";
constexpr std::string_view user_agent = "lambent/" LAMBENT_VERSION;
// Of our own request: content-type, invocation type, log type, client context, and host.
constexpr std::size_t signed_fields_max = 8;

void append_header(std::string& head, std::string_view name, std::string_view value)
{
    head.append(name).append(": ").append(value).append("\r\n");
}

/// The request of a call: made once, sent as often as attempts are made.
struct prepared_call
{
    prepared_call(const invocation& call, const core::result<endpoint>& where)
    {
        if (!where) {
            failure = where.error();
            return;
        }
        auto made = to_request(call, where->base_path);
        if (!made) {
            failure = std::move(made.error());
            return;
        }
        request = std::move(*made);
        target = request.target();
        url = where->url() + target.substr(where->base_path.size());
        payload_sha256 = sigv4::sha256_hex(call.payload);
        wire = {"POST", target, &request.fields, call.payload};
        ready = true;
    }
    prepared_call(const prepared_call&) = delete;
    prepared_call& operator=(const prepared_call&) = delete;

    lambda_request request;
    std::string target;
    std::string url;
    std::string payload_sha256;
    http::request_view wire;
    core::error failure; // why it is not ready
    bool ready = false;
};

/// Signs when the connection is there: the time of the signature is that of the sending.
class signing final : public http::finisher
{
public:
    /// The request's own fields are all signed; the trace is sent unsigned.
    signing(core::shard& on, const lambda_options& options, std::string_view authority, const prepared_call& call, sigv4::signer& with,
        sigv4::signature& scratch, bool& may_run)
        : shard_(on), options_(options), authority_(authority), call_(call), signer_(with), scratch_(scratch), may_run_(may_run)
    {}

    void use(std::shared_ptr<const credentials> keys, core::duration clock_offset)
    {
        keys_ = std::move(keys);
        clock_offset_ = clock_offset;
    }
    bool same_keys(const credentials& other) const noexcept
    {
        return keys_ && keys_->id == other.id && keys_->secret.reveal() == other.secret.reveal() && keys_->token.reveal() == other.token.reveal();
    }

    core::result<void> finish(std::string& head) override
    {
        std::array<sigv4::field_view, signed_fields_max> fields;
        std::size_t count = 0;
        fields[count++] = {"host", authority_};
        for (const http::header& field : call_.request.fields)
            fields[count++] = {field.name, field.value};
        sigv4::request_view view{
            call_.wire.method, call_.request.path, call_.request.query, std::span(fields).first(count), call_.payload_sha256};
        // Revealed to derive the signing key, and the token to be sent.
        const sigv4::key_view key{keys_->id, keys_->secret.reveal(), keys_->token.reveal()};
        const sigv4::scope where{options_.region, service};
        if (auto done = signer_.sign(view, where, key, shard_.time().wall() + clock_offset_, scratch_); !done)
            return done;
        append_header(head, "X-Amz-Date", scratch_.date);
        if (!key.token.empty())
            append_header(head, "X-Amz-Security-Token", key.token);
        append_header(head, "Authorization", scratch_.authorization);
        append_header(head, "User-Agent", user_agent);
        if (!options_.trace_id.empty())
            append_header(head, "X-Amzn-Trace-Id", options_.trace_id);
        may_run_ = true;
        return {};
    }

private:
    core::shard& shard_;
    const lambda_options& options_;
    std::string_view authority_;
    const prepared_call& call_;
    sigv4::signer& signer_;
    sigv4::signature& scratch_;
    bool& may_run_;
    std::shared_ptr<const credentials> keys_;
    core::duration clock_offset_{0};
};

/// Counts a call for as long as its frame lives, and keeps alive what the frame refers to.
template <class State>
class counted
{
public:
    explicit counted(std::shared_ptr<State> state) noexcept : state_(std::move(state))
    {
        ++state_->stats.calls;
        ++state_->stats.in_flight;
    }
    ~counted()
    {
        if (--state_->stats.in_flight == 0)
            state_->drained.wake();
    }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;

private:
    std::shared_ptr<State> state_;
};

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

void count_attempt(lambda_stats& stats, const call_plan& plan) noexcept
{
    ++stats.attempts;
    if (plan.report().attempts > 1)
        ++stats.retries;
    if (plan.throttled())
        ++stats.throttled;
    if (plan.timed_out())
        ++stats.timed_out;
}

} // namespace

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

void lambda_client::state::stop_all() noexcept
{
    stopping = true;
    http.abort(); // first: its error says why
    tasks.cancel();
    while (!backing_off.empty())
        backing_off.wake_first();
    drained.wake();
}

void lambda_client::state::abandon() noexcept
{
    closing = true;
    stop_all();
    for (core::waiter* const one : detours)
        one->wake();
    tasks.disown();
    // Now every frame is on its way to be resumed, and the loop owns it.
    lifeline = shard.lifeline();
}

awaitable<void> lambda_client::state::close(core::deadline until)
{
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    closing = true;
    if (core::cancelled_before(cancellation))
        stop_all();
    {
        auto stop = [this]() noexcept { stop_all(); };
        core::deadline_watch watch(shard.time(), until, stop);
        while (busy() && !stopping) {
            const auto [ec] = co_await drained.wait(await_tuple);
            if (ec)
                stop_all();
        }
    }
    const core::deadline rest = stopping ? core::deadline(core::instant::min()) : until;
    co_await http.close(rest);
    while (busy())
        co_await drained.wait(await_tuple);
    co_await tasks.join();
    co_await asio::this_coro::throw_if_cancelled(throws);
}

namespace {

// What waits for others' objects is a task of the client's, so that `close` can end it, and a caller's cancellation too.
template <class T>
struct detour
{
    explicit detour(std::vector<core::waiter*>& listed_in) : list(listed_in) { list.push_back(&done); }
    ~detour() { std::erase(list, &done); }
    detour(const detour&) = delete;
    detour& operator=(const detour&) = delete;

    std::vector<core::waiter*>& list;
    core::waiter done;
    std::optional<T> result;
};

awaitable<void> take(credentials_source& source, core::deadline until, detour<core::result<std::shared_ptr<const credentials>>>& out)
{
    auto got = co_await source.fetch(until);
    out.result.emplace(std::move(got));
    out.done.wake();
}

awaitable<void> take(core::limiter& limiter, core::deadline until, detour<core::result<void>>& out)
{
    auto got = co_await limiter.admit(until);
    out.result.emplace(std::move(got));
    out.done.wake();
}

template <class T, class Source>
awaitable<T> by_detour(core::task_group& tasks, std::vector<core::waiter*>& detours, Source& source, core::deadline until)
{
    detour<T> way(detours);
    core::task_group::task& task = tasks.start(take(source, until, way));
    while (!way.result) {
        const auto [ec] = co_await way.done.wait(await_tuple);
        if (ec && !way.result)
            tasks.cancel(task);
    }
    co_return std::move(*way.result);
}

} // namespace

awaitable<core::result<std::shared_ptr<const credentials>>> lambda_client::state::fetch(core::deadline until)
{
    return by_detour<core::result<std::shared_ptr<const credentials>>>(tasks, detours, *source, until);
}

awaitable<core::result<void>> lambda_client::state::admit(core::deadline until)
{
    return by_detour<core::result<void>>(tasks, detours, *limiter, until);
}

awaitable<void> lambda_client::state::back_off(core::duration pause)
{
    core::wait_queue::entry here;
    const core::deadline awake = shard.time().in(pause);
    co_await backing_off.park(here, shard.time(), awake);
}

awaitable<core::result<invocation_reply>> lambda_client::state::invoke(
    const invocation& call, core::deadline until, call_report* report, bool* told_may_run)
{
    state& s = *this;
    const counted<state> alive(shared_from_this());
    // A cancelled chain would throw at the next await; here it is told by results.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto cancellation = co_await asio::this_coro::cancellation_state;

    bool unheard = false;
    bool& may_run = told_may_run != nullptr ? *told_may_run : unheard;
    const prepared_call prepared(call, s.where);
    call_plan plan(s.options.retry, call, until, prepared.url);
    signing sign(s.shard, s.options, s.authority, prepared, s.signer, s.signature, may_run);
    next_step next{next_step::act::wait, {}};
    if (!prepared.ready) {
        plan.abort(prepared.failure);
        next.act = next_step::act::finish;
    } else if (s.options.attempt_timeout <= core::duration::zero()) {
        plan.abort(no_time());
        next.act = next_step::act::finish;
    } else if (s.closing) {
        plan.abort(shutting_down());
        next.act = next_step::act::finish;
    }
    while (next.act != next_step::act::finish) {
        if (next.act == next_step::act::renew)
            s.source->invalidate();
        else if (next.pause > core::duration::zero())
            co_await s.back_off(next.pause);
        if (core::cancelled_before(cancellation) || s.stopping) {
            plan.abort(s.stopping ? shutting_down() : cancelled());
            break;
        }
        auto keys = co_await s.fetch(until);
        if (!keys) {
            plan.abort(s.stopping ? shutting_down() : no_keys(keys.error()));
            break;
        }
        if (next.act == next_step::act::renew && sign.same_keys(**keys))
            break;
        if (s.limiter != nullptr && !s.limiter->try_admit()) {
            auto admitted = co_await s.admit(until);
            if (!admitted) {
                plan.abort(s.stopping ? shutting_down() : not_admitted(admitted.error()));
                break;
            }
        }
        sign.use(std::move(*keys), s.clock_offset);
        const core::duration offset = s.clock_offset;
        const core::deadline attempt_until = core::earlier_of(until, s.shard.time().in(s.options.attempt_timeout));
        http::exchange_report exchange;
        http::response partial;
        auto response = co_await s.http.send(s.where->origin, prepared.wire, attempt_until, &sign, &exchange, &partial);
        const moment now{s.shard.time().now(), s.shard.time().wall(), offset, s.shard.chance()};
        if (response)
            next = plan.answered(std::move(*response), s.options.http.body_bytes_max, now);
        else
            next = plan.broken(std::move(response.error()), exchange.progress, partial, now);
        count_attempt(s.stats, plan);
        may_run = plan.report().certainty > certainty::refused;
        s.clock_offset = plan.take_learnt_offset().value_or(s.clock_offset);
    }

    if (report != nullptr)
        *report = plan.report();
    auto outcome = plan.take();
    if (!outcome)
        ++s.stats.failed;
    else if (outcome->function_error)
        ++s.stats.function_errors;
    co_await asio::this_coro::throw_if_cancelled(throws);
    co_return outcome;
}

} // namespace lambent::aws
