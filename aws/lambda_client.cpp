#include <lambent/aws/lambda_client.hpp>

#include <lambent/aws/detail/call_plan.hpp>
#include <lambent/aws/endpoint.hpp>
#include <lambent/aws/errc.hpp>
#include <lambent/aws/lambda_protocol.hpp>
#include <lambent/core/waiter.hpp>
#include <lambent/http/dialer.hpp>
#include <lambent/sigv4/signer.hpp>

#include <boost/asio/this_coro.hpp>

#include <array>
#include <span>
#include <utility>

namespace lambent::aws {

struct lambda_client::state
{
    state(core::shard& on, lambda_options opened, std::shared_ptr<credentials_source> keys, core::limiter* limit,
        std::unique_ptr<http::dialer> network)
        : shard(on), options(std::move(opened)), source(std::move(keys)), limiter(limit),
          where(resolve_endpoint({options.region, options.endpoint, options.fips, options.dual_stack})),
          authority(where ? where->origin.authority() : std::string()),
          http(network ? http::client(on, options.http, std::move(network)) : http::client(on, options.http))
    {}

    core::shard& shard;
    lambda_options options;
    std::shared_ptr<credentials_source> source;
    core::limiter* limiter;
    core::result<endpoint> where;
    std::string authority;
    http::client http;
    sigv4::signer signer;
    sigv4::signature signature; // scratch of the signer, used within one `finish`
    core::duration clock_offset{0};
    lambda_stats stats;
};

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
        sigv4::signature& scratch)
        : shard_(on), options_(options), authority_(authority), call_(call), signer_(with), scratch_(scratch)
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
        return {};
    }

private:
    core::shard& shard_;
    const lambda_options& options_;
    std::string_view authority_;
    const prepared_call& call_;
    sigv4::signer& signer_;
    sigv4::signature& scratch_;
    std::shared_ptr<const credentials> keys_;
    core::duration clock_offset_{0};
};

/// Counts a call for as long as its frame lives.
class counted
{
public:
    explicit counted(lambda_stats& stats) noexcept : stats_(stats)
    {
        ++stats_.calls;
        ++stats_.in_flight;
    }
    ~counted() { --stats_.in_flight; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;

private:
    lambda_stats& stats_;
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
    state_ = std::make_unique<state>(on, std::move(options), std::move(source), limiter, std::move(network));
}

lambda_client::~lambda_client() = default;

const lambda_stats& lambda_client::stats() const noexcept
{
    return state_->stats;
}

const http::client_stats& lambda_client::transport_stats() const noexcept
{
    return state_->http.stats();
}

awaitable<void> lambda_client::close(core::deadline until)
{
    return state_->http.close(until);
}

awaitable<core::result<invocation_reply>> lambda_client::invoke(const invocation& call, core::duration within, call_report* report)
{
    state& s = *state_;
    const counted alive(s.stats);
    const core::deadline until = s.shard.time().in(within);
    // A cancelled chain would throw at the next await; here it is told by results.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto cancellation = co_await asio::this_coro::cancellation_state;

    const prepared_call prepared(call, s.where);
    call_plan plan(s.options.retry, call, until, prepared.url);
    signing sign(s.shard, s.options, s.authority, prepared, s.signer, s.signature);
    next_step next{next_step::act::wait, {}};
    if (!prepared.ready) {
        plan.abort(prepared.failure);
        next.act = next_step::act::finish;
    } else if (s.options.attempt_timeout <= core::duration::zero()) {
        plan.abort(no_time());
        next.act = next_step::act::finish;
    }
    while (next.act != next_step::act::finish) {
        if (next.act == next_step::act::renew) {
            s.source->invalidate();
        } else if (next.pause > core::duration::zero()) {
            const core::deadline awake = s.shard.time().in(next.pause);
            // When cancelled, the chain says so below.
            [[maybe_unused]] const auto slept = co_await s.shard.time().sleep_until(awake);
        }
        if (core::cancelled_before(cancellation)) {
            plan.abort(cancelled());
            break;
        }
        auto keys = co_await s.source->fetch(until);
        if (!keys) {
            plan.abort(no_keys(keys.error()));
            break;
        }
        if (next.act == next_step::act::renew && sign.same_keys(**keys))
            break;
        if (s.limiter != nullptr && !s.limiter->try_admit()) {
            auto admitted = co_await s.limiter->admit(until);
            if (!admitted) {
                plan.abort(not_admitted(admitted.error()));
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
