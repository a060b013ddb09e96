#include <lambent/emulator/invoke_service.hpp>

#include <lambent/core/deadline_watch.hpp>
#include <lambent/sigv4/digest.hpp>

#include <algorithm>
#include <utility>

namespace lambent::emulator {

struct invoke_service::target
{
    std::string name;
    function_options options;
    std::uint64_t calls = 0; ///< that came far enough to meet a fate
};

/// One call on its way through. Owns what it needs after its request is gone: events run later.
struct invoke_service::invocation
{
    target* to = nullptr;
    invoke_operation operation;
    std::string version;
    call_plan plan;
    std::string payload;
    call_record record;
    core::instant started{};
    bool ran_out = false; ///< of its function's time
};

/// A place among the running invocations. Its end lets a waiting event in.
class invoke_service::place
{
public:
    place(invoke_service& owner, const target& which) noexcept : owner_(owner), which_(which) {}
    ~place()
    {
        owner_.admission_.leave(which_.name);
        owner_.pump();
    }
    place(const place&) = delete;
    place& operator=(const place&) = delete;

private:
    invoke_service& owner_;
    const target& which_;
};

namespace {

core::error bad_option(std::string detail)
{
    core::error wrong;
    wrong.code = boost::system::errc::make_error_code(boost::system::errc::invalid_argument);
    wrong.detail = std::move(detail);
    return wrong;
}

core::error bad_function(std::string_view name, std::string_view why)
{
    return bad_option("function '" + std::string(name) + "': " + std::string(why));
}

/// What happens to a whole answer on its way out.
void misbehave(http::server_response& response, fault what, core::duration pause)
{
    using misbehaviour = http::server_response::fault;
    switch (what) {
    case fault::reset_before: response.misbehaviour = misbehaviour::reset_before_response; break;
    case fault::reset_after: response.misbehaviour = misbehaviour::reset_after_header; break;
    case fault::truncate: response.misbehaviour = misbehaviour::truncate_body; break;
    case fault::hang: response.misbehaviour = misbehaviour::hang; break;
    case fault::slow_body: response.body_chunk_delay = pause; break;
    default: break;
    }
}

bool strikes_before_the_function(fault what) noexcept
{
    return what == fault::throttle || what == fault::service_500 || what == fault::bad_gateway_502 || what == fault::reset_before;
}

std::string_view outcome_of(fault what, bool ran_out, const function_reply& reply) noexcept
{
    if (what != fault::none)
        return fault_name(what);
    if (ran_out)
        return "timed_out";
    return reply.function_error ? "function_error" : "ok";
}

} // namespace

invoke_service::invoke_service(core::shard& on, account_options account)
    : shard_(on), account_(std::move(account)), admission_(account_.concurrency), events_(on)
{}

invoke_service::~invoke_service() = default;

core::result<void> invoke_service::open()
{
    if (account_.keys.empty())
        return bad_option("the emulator needs at least one access key that it accepts");
    for (auto& [name, given] : account_.functions) {
        const auto named = read_function_name(name);
        if (!named || named->name != name)
            return bad_function(name, "a name is made of letters, digits, '-', '_' and '.'");
        if (!given.body)
            return bad_function(name, "it has no body");
        if (const auto flaw = rates_flaw(given.faults); !flaw.empty())
            return bad_function(name, flaw);
        if (given.timeout <= core::duration::zero())
            return bad_function(name, "its timeout must be longer than nothing");
        if (given.reserved_concurrency && !admission_.reserve(name, *given.reserved_concurrency))
            return bad_function(name, "the reserved concurrency of all functions together exceeds the account's " + std::to_string(account_.concurrency));
        target to;
        to.name = name;
        to.options = std::move(given);
        targets_.emplace(name, std::move(to));
    }
    account_.functions.clear();
    return {};
}

void invoke_service::settle(invocation& call, std::string_view outcome, int status)
{
    call.record.outcome = outcome;
    call.record.status = status;
    call.record.took = shard_.time().now() - call.started;
    if (account_.observer)
        account_.observer->record(call.record);
}

http::server_response invoke_service::refuse(invocation& call, const service_error& error, std::string_view outcome)
{
    call.record.error_type = error.type;
    settle(call, outcome, error.status);
    return to_response(error, call.record.request_id);
}

invoke_service::invocation invoke_service::arrive(const http::server_request& request)
{
    invocation call;
    call.started = shard_.time().now();
    call.record.at = shard_.time().wall();
    call.record.request_id = shard_.chance().uuid();
    call.record.payload_sha256 = sigv4::sha256_hex(request.body);
    call.record.payload_bytes = request.body.size();
    return call;
}

/// Region, account, name, version.
std::optional<service_error> invoke_service::find_target(const caller& who, invocation& call)
{
    const function_name& named = call.operation.function;
    if (!named.region.empty() && named.region != who.region)
        return unreachable_region(named.region, who.region);
    const bool foreign = !named.account.empty() && named.account != account_.id;
    const std::string arn = function_arn(who.region, foreign ? named.account : account_.id, named.name, named.qualifier);
    if (foreign)
        return foreign_account(who.key_id, account_.id, arn);
    const auto found = targets_.find(named.name);
    if (found == targets_.end())
        return not_found(arn);
    auto version = executed_version(found->second.options.versions, named.qualifier);
    if (!version)
        return not_found(arn);
    call.to = &found->second;
    call.version = std::move(*version);
    return std::nullopt;
}

/// Signature, operation, function, payload: in the order in which the service looks at them.
std::optional<service_error> invoke_service::resolve(const http::server_request& request, invocation& call)
{
    const auto signed_by = authorize(request, call.record.payload_sha256, account_.keys, account_.region, call.record.at);
    if (const auto* refused = std::get_if<service_error>(&signed_by)) {
        call.record.function = named_function(request);
        return *refused;
    }
    auto read = read_invoke(request);
    if (const auto* refused = std::get_if<service_error>(&read)) {
        call.record.function = named_function(request);
        return *refused;
    }
    call.operation = std::move(std::get<invoke_operation>(read));
    call.record.function = call.operation.function.name;
    call.record.qualifier = call.operation.function.qualifier;
    call.record.type = invocation_type_name(call.operation.type);
    if (auto refused = find_target(std::get<caller>(signed_by), call))
        return refused;
    return check_payload(call.operation.type, request.body);
}

/// Faults that hit a call before its function runs.
http::server_response invoke_service::fail_early(invocation& call)
{
    const fault what = call.plan.what;
    if (what == fault::throttle) {
        const auto full = call.to->options.reserved_concurrency ? admission::verdict::function_full : admission::verdict::account_full;
        return refuse(call, throttled(reason(full)), "throttled");
    }
    if (what == fault::service_500)
        return refuse(call, internal_failure(), fault_name(what));
    http::server_response response;
    if (what == fault::bad_gateway_502)
        response = bad_gateway();
    misbehave(response, what, {});
    settle(call, fault_name(what), what == fault::bad_gateway_502 ? response.status : 0);
    return response;
}

/// The answer to a call that runs no function now. Nothing where it is to run: then it has been admitted.
std::optional<http::server_response> invoke_service::settle_early(http::server_request& request, invocation& call)
{
    if (const auto refused = resolve(request, call))
        return refuse(call, *refused, "refused");
    if (call.operation.type == invocation_type::dry_run) {
        settle(call, "dry_run", 204);
        return dry_run(call.record.request_id, call.version);
    }
    call.payload = std::move(request.body);
    call.plan = plan_call(account_.seed, call.to->name, call.to->calls++, call.to->options.faults, call.to->options.latency);
    if (strikes_before_the_function(call.plan.what))
        return fail_early(call);
    if (call.operation.type == invocation_type::event)
        return enqueue(std::move(call));
    const auto verdict = admission_.enter(call.to->name);
    if (verdict != admission::verdict::admitted)
        return refuse(call, throttled(reason(verdict)), "throttled");
    return std::nullopt;
}

/// Takes as long as the function takes, then calls it. Nothing where the wait was cut off.
awaitable<std::optional<function_reply>> invoke_service::execute(invocation& call)
{
    const core::duration limit = call.to->options.timeout;
    call.ran_out = call.plan.latency > limit;
    const core::duration wait = std::min(call.plan.latency, limit);
    if (wait > core::duration::zero()) {
        const auto slept = co_await shard_.time().sleep(wait);
        if (!slept)
            co_return std::nullopt;
    }
    call.record.executed = true;
    if (call.ran_out)
        co_return timed_out(shard_.time().wall(), call.record.request_id, limit);
    function_call given;
    given.function = call.to->name;
    given.version = call.version;
    given.request_id = call.record.request_id;
    given.payload = call.payload.empty() ? std::string_view("{}") : std::string_view(call.payload);
    given.client_context = call.operation.client_context;
    co_return within_limits(call.to->options.body->call(given));
}

/// The answer of a function that ran, with its fault if it has one.
http::server_response invoke_service::complete(invocation& call, function_reply reply)
{
    const fault what = call.plan.what;
    settle(call, outcome_of(what, call.ran_out, reply), what == fault::hang ? 0 : 200);
    std::optional<std::string> tail;
    if (call.operation.log_tail) {
        measured facts;
        facts.request_id = call.record.request_id;
        facts.version = call.version;
        facts.took = call.record.took;
        tail = log_tail(facts, reply, call.ran_out);
    }
    http::server_response response = to_response(std::move(reply), call.record.request_id, call.version, tail ? &*tail : nullptr);
    misbehave(response, what, account_.slow_body_pause);
    return response;
}

awaitable<http::server_response> invoke_service::handle(http::server_request& request)
{
    invocation call = arrive(request);
    std::optional<http::server_response> early = settle_early(request, call);
    if (early)
        co_return std::move(*early);
    const place running(*this, *call.to);
    std::optional<function_reply> reply = co_await execute(call);
    if (reply)
        co_return complete(call, std::move(*reply));
    settle(call, "abandoned", 0);
    http::server_response gone;
    gone.misbehaviour = http::server_response::fault::close_before_response;
    co_return gone;
}

/// Events are promised an execution: those that find no concurrency wait for it.
http::server_response invoke_service::enqueue(invocation call)
{
    if (waiting_.size() >= account_.events_max)
        return refuse(call, throttled(reason(admission::verdict::account_full)), "throttled");
    http::server_response response = accepted(call.record.request_id);
    misbehave(response, call.plan.what, account_.slow_body_pause);
    waiting_.push_back(std::make_unique<invocation>(std::move(call)));
    pump();
    return response;
}

void invoke_service::pump()
{
    // A function without concurrency must not hold up the events of others.
    for (auto next = waiting_.begin(); next != waiting_.end();) {
        if (admission_.enter((*next)->to->name) != admission::verdict::admitted) {
            ++next;
            continue;
        }
        std::unique_ptr<invocation> call = std::move(*next);
        next = waiting_.erase(next);
        events_.start(run_event(std::move(call)));
    }
}

awaitable<void> invoke_service::run_event(std::unique_ptr<invocation> call)
{
    const place running(*this, *call->to);
    const std::optional<function_reply> reply = co_await execute(*call);
    // The caller's answer left long ago; what became of it is the fault's affair, and here only the function's.
    if (reply)
        settle(*call, outcome_of(call->plan.what, call->ran_out, *reply), 202);
    else
        settle(*call, "abandoned", 202);
}

awaitable<void> invoke_service::drain(core::deadline until)
{
    {
        const auto cut_off = [this]() noexcept { events_.cancel(); };
        const core::deadline_watch watch(shard_.time(), until, cut_off);
        co_await events_.join();
    }
    // What still waits belongs to functions whose reserved concurrency is zero.
    for (const auto& call : waiting_)
        settle(*call, "abandoned", 202);
    waiting_.clear();
}

} // namespace lambent::emulator
