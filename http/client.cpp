#include <lambent/http/client.hpp>

#include <lambent/core/assert.hpp>
#include <lambent/core/deadline_watch.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/core/waiter.hpp>
#include <lambent/http/call.hpp>
#include <lambent/http/chain.hpp>
#include <lambent/http/pool.hpp>
#include <lambent/http/request_text.hpp>
#include <lambent/http/tcp_dialer.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace lambent::http {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;  // of one read: four TLS records
constexpr std::size_t spares_at_once = 64;     // handshakes for nobody yet that go on together; a thousand would stall a server, and hold 20 MB
constexpr std::size_t origins_kept = 64;       // beyond, pools without connections are dropped when a new origin comes
// Awaited without a frame of its own.
constexpr auto plainly = asio::as_tuple(asio::deferred);

pool_limits limits_of(const client_options& options) noexcept
{
    pool_limits out;
    out.connections_max = options.connections_max;
    out.queue_max = options.queue_max;
    out.pipeline_depth = options.pipeline_depth == 0 ? 1 : options.pipeline_depth;
    out.idle_max = options.idle_max;
    out.age_max = options.age_max;
    out.idle_min = options.idle_min;
    return out;
}

response_limits responses_of(const client_options& options) noexcept
{
    return {options.header_bytes_max, options.body_bytes_max};
}

/// Of a dial that nobody waits for.
core::duration spare_limit(const client_options& options) noexcept
{
    const core::duration connect = options.tcp.connect_timeout;
    return connect > core::forever - options.tls_handshake_timeout ? core::forever : connect + options.tls_handshake_timeout;
}

/// Copies what `send` hands out.
class owning_sink final : public response_sink
{
public:
    explicit owning_sink(response* partial) noexcept : partial_(partial) {}
    void take(const response_view& answer) noexcept override { whole = answer.own(); }
    void cut_short(const response_view& answer) noexcept override
    {
        if (partial_ != nullptr)
            *partial_ = answer.own();
    }

    response whole;

private:
    response* partial_;
};

} // namespace

struct client::state : std::enable_shared_from_this<state>
{
    /// Those who wait for the spare connections that they asked for.
    struct warm_up;
    /// One spare connection being dialled; lives in its coroutine's frame.
    struct spare : chained<spare>
    {
        dial_attempt attempt;
        core::error late;
    };

    state(core::shard& on, const client_options& options, std::unique_ptr<dialer> over)
        : shard(on), network(std::move(over)), context{on, limits_of(options), responses_of(options)},
          dial_within(spare_limit(options)), spares(on)
    {
        context.scratch.resize(read_bytes);
    }

    pool& pool_for(const origin& to)
    {
        if (latest != nullptr && latest->to() == to)
            return *latest;
        for (const auto& one : pools) {
            if (one->to() == to)
                return *(latest = one.get());
        }
        if (pools.size() >= origins_kept)
            std::erase_if(pools, [](const auto& one) { return one->empty(); });
        return *(latest = pools.emplace_back(std::make_unique<pool>(context, to)).get());
    }

    /// Carries out the dial that `c` was allowed.
    awaitable<void> dial(call& c);
    void keep_spares(pool& home);
    void open_spares(pool& home, std::size_t count, core::deadline until, warm_up* asker);
    /// Precondition: counted as opening. `asker` may be null; else it waits until this has ended.
    static awaitable<void> open_spare(std::shared_ptr<state> of, pool& home, core::deadline until, warm_up* asker);
    /// Fails and closes all there is.
    void stop_all() noexcept;
    void call_ended() noexcept
    {
        if (--calls == 0)
            drained.wake();
    }

    core::shard& shard;
    std::shared_ptr<void> lifeline; ///< of the shard, for spares that outlive the client
    std::unique_ptr<dialer> network;
    exchange_context context;
    std::vector<std::unique_ptr<pool>> pools;
    pool* latest = nullptr;
    std::size_t calls = 0; ///< exchanges whose frames live
    core::waiter drained;
    core::duration dial_within; ///< of a spare that nobody waits for
    core::task_group spares;
};

struct client::state::warm_up
{
    chain<spare> dials;
    core::error failure; ///< the first
    core::waiter waiter;

    void failed(core::error why)
    {
        if (!failure.code)
            failure = std::move(why);
    }
    /// Ends its dials, soon.
    void stop() noexcept
    {
        failed(core::error{core::errc::cancelled, {}});
        for (spare* one = dials.first(); one != nullptr; one = chain<spare>::after(*one))
            one->attempt.stop();
    }
};

namespace {

/// Counts a frame for as long as it lives.
template <class State>
class counted
{
public:
    explicit counted(State& state) noexcept : state_(state) { ++state_.calls; }
    ~counted() { state_.call_ended(); }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;

private:
    State& state_;
};

core::error plain(core::errc code)
{
    core::error out;
    out.code = code;
    return out;
}

} // namespace

client::client(core::shard& on, client_options options)
{
    auto network = std::make_unique<tcp_dialer>(on, options);
    state_ = std::make_shared<state>(on, options, std::move(network));
}

client::client(core::shard& on, client_options options, std::unique_ptr<dialer> network)
    : state_(std::make_shared<state>(on, options, network ? std::move(network) : std::make_unique<tcp_dialer>(on, options)))
{}

client::~client()
{
    LAMBENT_ASSERT(state_->calls == 0, "an http::client outlives its exchanges");
    if (state_->spares.running() == 0)
        return;
    // Now every spare's frame is on its way to be resumed, and keeps what it needs.
    state_->stop_all();
    state_->spares.disown();
    state_->lifeline = state_->shard.lifeline();
}

const client_stats& client::stats() const noexcept { return state_->context.stats; }

std::vector<origin_stats> client::origins() const
{
    std::vector<origin_stats> out;
    for (const auto& one : state_->pools)
        out.push_back(one->gauges());
    return out;
}

awaitable<void> client::state::dial(call& c)
{
    pool& home = *c.home;
    dial_attempt attempt;
    attempt.clock = c.times.clock();
    c.times.enter(&phase_times::resolve);
    c.dialling = &attempt;
    c.where = call::stage::dialling;
    auto made = co_await network->dial(home.to(), attempt);
    c.dialling = nullptr;
    c.times.dialled(attempt);
    const bool stopped = c.failed(); // by its deadline or by `close`, which said why
    if (made && !stopped) {
        home.opened(std::move(*made), c);
        co_return;
    }
    if (made)
        (*made)->close(false);
    else if (!stopped && made.error().code != core::errc::cancelled)
        ++context.stats.connect_failed;
    c.where = call::stage::may_dial;
    core::error why = stopped ? std::move(c.failure) : std::move(made.error());
    c.stop(std::move(why));
}

void client::state::keep_spares(pool& home)
{
    if (const std::size_t missing = home.spares_to_keep(); missing > 0)
        open_spares(home, std::min(missing, spares_at_once), shard.time().in(dial_within), nullptr);
}

void client::state::open_spares(pool& home, std::size_t count, core::deadline until, warm_up* asker)
{
    for (; count > 0; --count) {
        home.opening_spare();
        spares.start(open_spare(shared_from_this(), home, until, asker));
    }
}

awaitable<void> client::state::open_spare(std::shared_ptr<state> of, pool& home, core::deadline until, warm_up* asker)
{
    exchange_context& context = of->context;
    spare one;
    if (asker != nullptr)
        asker->dials.push_back(one);
    auto expire = [&one, &home]() noexcept {
        one.late = timed_out_in(one.attempt, home.to());
        one.attempt.stop();
    };
    core::deadline_watch watch(of->shard.time(), until, expire);
    auto made = co_await of->network->dial(home.to(), one.attempt);
    if (made && !one.attempt.stopped && !context.closing) {
        home.opened_spare(std::move(*made));
    } else {
        core::error why = plain(core::errc::cancelled);
        if (made)
            (*made)->close(false);
        else if (!one.attempt.stopped)
            why = std::move(made.error());
        if (one.late.code)
            why = std::move(one.late);
        if (context.closing)
            why = plain(core::errc::shutting_down);
        else if (why.code != core::errc::cancelled) {
            ++context.stats.connect_failed;
            home.spare_failed();
        }
        if (asker != nullptr)
            asker->failed(std::move(why));
        home.not_opened();
    }
    if (asker != nullptr) {
        asker->dials.remove(one);
        asker->waiter.wake();
    }
}

awaitable<core::result<void>> client::warm_up(const origin& to, core::deadline until)
{
    state& s = *state_;
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    const counted<state> alive(s);
    state::warm_up asked;
    std::size_t left = s.pool_for(to).spares_to_warm();
    for (;;) {
        // In each round: a cancellation between a wake and the resumption that it posted finds nobody who waits.
        if (core::cancelled_before(cancellation) && asked.failure.code != core::errc::cancelled)
            asked.stop();
        if (s.context.closing)
            asked.failed(plain(core::errc::shutting_down));
        if (asked.failure.code)
            left = 0; // what one dial met, the next would meet
        if (const std::size_t more = std::min(left, spares_at_once - std::min(spares_at_once, asked.dials.size())); more > 0) {
            left -= more;
            s.open_spares(s.pool_for(to), more, until, &asked);
            continue;
        }
        if (asked.dials.empty())
            break;
        const auto [ec] = co_await asked.waiter.wait(plainly);
        if (ec)
            asked.stop();
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (asked.failure.code)
        co_return std::move(asked.failure);
    co_return core::result<void>();
}

namespace {

void begin_anew(exchange_report& report) noexcept
{
    const bool timed = report.timed;
    report = exchange_report();
    report.timed = timed;
}

} // namespace

awaitable<core::result<void>> client::exchange(
    const origin& to, request_source& request, response_sink& answer, core::deadline until, exchange_report* report)
{
    state& s = *state_;
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    const counted<state> alive(s);
    const core::instant began = s.shard.time().now();
    if (report != nullptr)
        begin_anew(*report);
    call c(request, answer, phase_watch(s.shard.time(), report, began));
    auto expire = [&c]() noexcept { c.expire(); };
    core::deadline_watch watch(s.shard.time(), until, expire);
    if (until.passed(began))
        c.expire();
    bool fresh = true; // `began` is now
    while (c.where != call::stage::done) {
        // In each round: a cancellation between a wake and the resumption that it posted finds nobody who waits.
        if (core::cancelled_before(cancellation)) {
            c.stop(plain(core::errc::cancelled));
        } else if (c.where == call::stage::unplaced) {
            c.times.enter(&phase_times::queue);
            pool& home = s.pool_for(to);
            home.place(c, std::exchange(fresh, false) ? began : s.shard.time().now());
            if (s.context.limits.idle_min > 0)
                s.keep_spares(home);
        } else if (c.where == call::stage::may_dial) {
            co_await s.dial(c);
        } else if (c.where == call::stage::granted) {
            c.on->begin(c);
        } else {
            const auto [ec] = co_await c.waiter.wait(plainly);
            if (ec)
                c.stop(plain(core::errc::cancelled));
        }
    }
    c.times.end(c.progress);
    if (c.failed())
        co_return std::move(c.failure);
    co_return core::result<void>();
}

awaitable<core::result<response>> client::send(const origin& to, const request_view& request, core::deadline until, finisher* last,
    exchange_report* report, response* partial)
{
    request_text source(to, request, last);
    if (auto sound = source.check(); !sound) {
        if (report != nullptr)
            begin_anew(*report);
        co_return std::move(sound.error());
    }
    owning_sink sink(partial);
    auto sent = co_await exchange(to, source, sink, until, report);
    if (!sent)
        co_return std::move(sent.error());
    co_return std::move(sink.whole);
}

void client::abort() noexcept { state_->stop_all(); }

void client::state::stop_all() noexcept
{
    context.closing = true;
    for (const auto& one : pools) {
        one->fail_queue(core::errc::shutting_down);
        one->abort(core::errc::shutting_down);
    }
    spares.cancel();
    network->close();
}

awaitable<void> client::close(core::deadline until)
{
    state& s = *state_;
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    s.context.closing = true;
    for (const auto& one : s.pools) {
        one->fail_queue(core::errc::shutting_down);
        one->retire_idle();
    }
    s.spares.cancel();
    auto abort = [&s]() noexcept {
        for (const auto& one : s.pools)
            one->abort(core::errc::shutting_down);
    };
    if (core::cancelled_before(cancellation))
        abort();
    {
        core::deadline_watch watch(s.shard.time(), until, abort);
        while (s.calls > 0) {
            const auto [ec] = co_await s.drained.wait(plainly);
            if (ec)
                abort();
        }
    }
    co_await s.spares.join();
    // What is left serves nobody: answers of abandoned requests.
    abort();
    s.network->close();
    co_await asio::this_coro::throw_if_cancelled(throws);
}

} // namespace lambent::http
