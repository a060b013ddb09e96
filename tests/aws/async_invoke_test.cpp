#include "simulated_lambda.hpp"

#include <lambent/core/task_group.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>

using namespace lambent;
using namespace lambent::aws;
using namespace std::chrono_literals;

namespace {

/// Counts what a handler was called with.
struct heard
{
    int times = 0;
    std::optional<core::result<invocation_reply>> outcome;

    auto handler()
    {
        return [this](core::result<invocation_reply> got) {
            ++times;
            outcome.emplace(std::move(got));
        };
    }
    core::error_code code() const { return outcome && !*outcome ? outcome->error().code : core::error_code(); }
};

awaitable<void> pause(core::shard& on, core::duration d)
{
    static_cast<void>(co_await on.time().sleep(d));
}

/// Emits from a handler of the world's, as Asio wants it.
void emit(bench& b, asio::cancellation_signal& stop, asio::cancellation_type type)
{
    asio::post(b.world.shard().executor(), [&stop, type] { stop.emit(type); });
    b.world.settle();
}

class hanging_source final : public credentials_source
{
public:
    explicit hanging_source(core::shard& on) : shard_(on) {}
    awaitable<core::result<std::shared_ptr<const credentials>>> fetch(core::deadline until) override
    {
        auto slept = co_await shard_.time().sleep_until(until);
        if (!slept)
            co_return std::move(slept.error());
        co_return core::error{core::errc::deadline_exceeded, "no keys in time"};
    }

private:
    core::shard& shard_;
};

class endless_limiter final : public core::limiter
{
public:
    explicit endless_limiter(core::shard& on) : shard_(on) {}
    bool try_admit() override { return false; }
    awaitable<core::result<void>> admit(core::deadline until) override
    {
        auto slept = co_await shard_.time().sleep_until(until);
        if (!slept)
            co_return std::move(slept.error());
        co_return core::error{core::errc::deadline_exceeded, {}};
    }

private:
    core::shard& shard_;
};

enum class stage { keys, limiter, dial, answer, back_off };
constexpr stage stages[] = {stage::keys, stage::limiter, stage::dial, stage::answer, stage::back_off};

/// A call that stays at one of its waits for ever.
struct stuck : bench
{
    explicit stuck(stage at) : endless(world.shard())
    {
        switch (at) {
        case stage::keys:
            source = std::make_shared<hanging_source>(world.shard());
            break;
        case stage::limiter:
            limiter = &endless;
            break;
        case stage::dial:
            network.faults.dial_hang = 1;
            break;
        case stage::answer:
            network.faults.hang = 1;
            break;
        case stage::back_off:
            answers = {refusal_of(429, "TooManyRequestsException")};
            options.retry.throttle_base = 100h;
            options.retry.cap = 100h;
            break;
        }
    }
    endless_limiter endless;
};

} // namespace

TEST_CASE("async invoke: a callback is called once, and never inside the initiating call", "[aws][async]")
{
    bench b;
    heard answered;
    heard refused;
    b.get().async_invoke(b.call, 1s, answered.handler());
    b.call.function = "..";
    b.get().async_invoke(b.call, 1s, refused.handler());
    CHECK(answered.times == 0);
    CHECK(refused.times == 0);
    b.world.run(pause(b.world.shard(), 1s));
    CHECK(answered.times == 1);
    REQUIRE(answered.outcome->has_value());
    CHECK((*answered.outcome)->payload == "{}");
    CHECK(refused.times == 1);
    CHECK(refused.code() == errc::invalid_call);
}

namespace {

awaitable<void> call_from_inside(bench& b, heard& out, int& times_inside)
{
    b.call.function = "..";
    b.get().async_invoke(b.call, 1s, out.handler());
    times_inside = out.times;
    static_cast<void>(co_await b.world.shard().time().sleep(1ms));
}

awaitable<core::result<invocation_reply>> by_token(bench& b, bool deferred)
{
    if (deferred) {
        auto operation = b.get().async_invoke(b.call, 1s, asio::deferred);
        auto got = co_await std::move(operation)(asio::use_awaitable);
        co_return got;
    }
    const core::deadline until = b.world.time().in(1s);
    auto got = co_await b.get().async_invoke(b.call, until, asio::use_awaitable);
    co_return got;
}

} // namespace

TEST_CASE("async invoke: on the shard's own thread too the handler waits for its turn", "[aws][async]")
{
    bench b;
    heard out;
    int times_inside = -1;
    b.world.run(call_from_inside(b, out, times_inside));
    CHECK(times_inside == 0);
    CHECK(out.times == 1);
}

TEST_CASE("async invoke: deferred and awaitable tokens, duration and deadline", "[aws][async]")
{
    for (const bool deferred : {true, false}) {
        bench b;
        const auto got = b.world.run(by_token(b, deferred));
        REQUIRE(got);
        CHECK(got->payload == "{}");
    }
    bench late;
    late.network.faults.hang = 1;
    const auto got = late.world.run(by_token(late, false));
    REQUIRE_FALSE(got);
    CHECK(got.error().code == core::errc::deadline_exceeded);
    CHECK(got.error().certainty == certainty::maybe_executed);
    CHECK(late.world.elapsed() == 1s);
}

TEST_CASE("async invoke: a signal ends the call wherever it waits; total only what left no trace", "[aws][async]")
{
    using asio::cancellation_type;
    for (const stage at : stages) {
        for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
            INFO("stage " << static_cast<int>(at) << ", type " << static_cast<unsigned>(type));
            stuck b(at);
            heard out;
            asio::cancellation_signal stop;
            b.get().async_invoke(b.call, core::forever, asio::bind_cancellation_slot(stop.slot(), out.handler()));
            b.world.settle();
            b.world.run(pause(b.world.shard(), 1s));
            REQUIRE(out.times == 0);
            emit(b, stop, type);
            b.world.run(pause(b.world.shard(), 1s));
            if (type == cancellation_type::total && at == stage::answer) {
                CHECK(out.times == 0);
                emit(b, stop, cancellation_type::partial);
                b.world.run(pause(b.world.shard(), 1s));
            }
            CHECK(out.times == 1);
            CHECK(out.code() == core::errc::cancelled);
            CHECK(out.outcome->error().certainty
                == (at == stage::answer ? certainty::maybe_executed : at == stage::back_off ? certainty::refused : certainty::not_sent));
            CHECK_FALSE(stop.slot().has_handler());
            CHECK(b.get().stats().in_flight == 0);
            CHECK(b.network.open_connections() == (at == stage::back_off ? 1 : 0));
        }
    }
}

TEST_CASE("async invoke: cancelled before it has begun, nothing is tried", "[aws][async]")
{
    bench b;
    heard out;
    asio::cancellation_signal stop;
    b.get().async_invoke(b.call, core::forever, asio::bind_cancellation_slot(stop.slot(), out.handler()));
    stop.emit(asio::cancellation_type::terminal); // both are only on their way to the shard: the call comes first there
    b.world.settle();
    b.world.run(pause(b.world.shard(), 1s));
    CHECK(out.times == 1);
    CHECK(out.code() == core::errc::cancelled);
    CHECK(b.requests.empty());
}

TEST_CASE("async invoke: cancelled at any step, the handler is called exactly once and nothing leaks", "[aws][async]")
{
    for (std::size_t step = 0; step < 40; ++step) {
        INFO("step " << step);
        bench b;
        b.answers = {refusal_of(429, "TooManyRequestsException", "Retry-After: 1\r\n"), answer_of(200, "{}")};
        heard out;
        asio::cancellation_signal stop;
        b.get().async_invoke(b.call, 60s, asio::bind_cancellation_slot(stop.slot(), out.handler()));
        b.world.run(pause(b.world.shard(), step * 200us));
        if (step % 2 == 1)
            b.world.settle();
        emit(b, stop, asio::cancellation_type::terminal);
        b.world.run(pause(b.world.shard(), 60s));
        CHECK(out.times == 1);
        CHECK((out.outcome->has_value() || out.code() == core::errc::cancelled));
    }
}

namespace {

awaitable<void> await_with_slot(bench& b, core::result<invocation_reply>& out)
{
    co_await asio::this_coro::throw_if_cancelled(false);
    out = co_await b.get().async_invoke(b.call, core::forever, asio::use_awaitable);
}

} // namespace

TEST_CASE("async invoke: the slot of an awaiting coroutine reaches the call", "[aws][async]")
{
    stuck b(stage::answer);
    b.get();
    core::result<invocation_reply> out = core::error{};
    bool ended = false;
    asio::cancellation_signal stop;
    asio::co_spawn(b.world.shard().executor(), await_with_slot(b, out),
        asio::bind_cancellation_slot(stop.slot(), [&ended](const std::exception_ptr&) { ended = true; }));
    b.world.run(pause(b.world.shard(), 1s));
    CHECK_FALSE(ended);
    emit(b, stop, asio::cancellation_type::terminal);
    b.world.run(pause(b.world.shard(), 1s));
    CHECK(ended);
    REQUIRE_FALSE(out);
    CHECK(out.error().code == core::errc::cancelled);
    CHECK(out.error().certainty == certainty::maybe_executed);
}

namespace {

/// Counts the bytes it has given out and not got back.
template <class T>
struct counting_allocator
{
    using value_type = T;
    explicit counting_allocator(std::ptrdiff_t& bytes) : out(&bytes) {}
    template <class U>
    counting_allocator(const counting_allocator<U>& other) : out(other.out)
    {}
    T* allocate(std::size_t n)
    {
        *out += static_cast<std::ptrdiff_t>(n * sizeof(T));
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* at, std::size_t n)
    {
        *out -= static_cast<std::ptrdiff_t>(n * sizeof(T));
        std::allocator<T>().deallocate(at, n);
    }
    template <class U>
    bool operator==(const counting_allocator<U>& other) const
    {
        return out == other.out;
    }
    std::ptrdiff_t* out;
};

} // namespace

TEST_CASE("async invoke: the handler's memory is its allocator's, given back before the call", "[aws][async]")
{
    bench b;
    std::ptrdiff_t bytes = 0;
    std::ptrdiff_t when_called = -1;
    b.get().async_invoke(b.call, 1s, asio::bind_allocator(counting_allocator<char>(bytes), [&](const core::result<invocation_reply>&) { when_called = bytes; }));
    CHECK(bytes > 0);
    b.world.run(pause(b.world.shard(), 1s));
    CHECK(when_called == 0);
}

TEST_CASE("close: calls under way end in their own time, retries included, new ones are refused", "[aws][async]")
{
    bench b;
    b.options.retry.throttle_base = 1h;
    b.options.retry.cap = 1h;
    b.answers = {refusal_of(429, "TooManyRequestsException"), answer_of(200, "late")};
    heard first;
    heard second;
    b.get().async_invoke(b.call, core::forever, first.handler());
    b.world.run(pause(b.world.shard(), 1s));
    CHECK(b.requests.size() == 1);
    b.world.run(b.get().close(b.world.time().in(2h)));
    CHECK(first.times == 1);
    REQUIRE(first.outcome->has_value());
    CHECK((*first.outcome)->payload == "late");
    CHECK(b.world.elapsed() < 1h + 2s);
    CHECK(b.network.open_connections() == 0);
    b.get().async_invoke(b.call, core::forever, second.handler());
    b.world.settle();
    CHECK(second.code() == core::errc::shutting_down);
    CHECK(b.error() == "operation error Lambda: Invoke, the client is shutting down and takes no new calls");
    CHECK(b.requests.size() == 2);
}

TEST_CASE("close: what still runs at its deadline is stopped wherever it waits", "[aws][async]")
{
    for (const stage at : stages) {
        INFO("stage " << static_cast<int>(at));
        stuck b(at);
        heard by_handler;
        std::optional<core::result<invocation_reply>> awaited;
        b.get().async_invoke(b.call, core::forever, by_handler.handler());
        asio::co_spawn(b.world.shard().executor(), b.get().invoke(b.call, core::forever),
            [&awaited](const std::exception_ptr&, core::result<invocation_reply> got) { awaited.emplace(std::move(got)); });
        b.world.run(pause(b.world.shard(), 1s));
        b.world.run(b.get().close(b.world.time().in(5s)));
        CHECK(b.world.elapsed() == 6s);
        CHECK(by_handler.times == 1);
        CHECK(by_handler.code() == core::errc::shutting_down);
        b.world.settle();
        REQUIRE(awaited);
        REQUIRE_FALSE(*awaited);
        CHECK(awaited->error().code == core::errc::shutting_down);
        CHECK(b.get().stats().in_flight == 0);
        CHECK(b.network.open_connections() == 0);
        CHECK(b.world.time().waiting() == 0);
    }
}

TEST_CASE("close: cancelled, it stops all at once and still completes only behind it", "[aws][async]")
{
    for (const std::size_t step : {0, 1}) {
        stuck b(stage::answer);
        heard out;
        b.get().async_invoke(b.call, core::forever, out.handler());
        b.world.run(pause(b.world.shard(), 1s));
        b.world.cancel_at(step);
        b.world.run(b.get().close(core::deadline::never()));
        CHECK(out.times == 1);
        CHECK(out.code() == core::errc::shutting_down);
        CHECK(b.network.open_connections() == 0);
        CHECK(b.world.was_cancelled());
    }
}

TEST_CASE("close: a handler of another executor has been given to it, and outlives the client", "[aws][async]")
{
    asio::io_context elsewhere;
    heard out;
    {
        bench b;
        b.get().async_invoke(b.call, 1s, asio::bind_executor(elsewhere, out.handler()));
        b.world.run(b.get().close(b.world.time().in(1s)));
        CHECK(out.times == 0);
    }
    CHECK(elsewhere.run() > 0); // it had work, and the handler is it
    CHECK(out.times == 1);
    REQUIRE(out.outcome->has_value());
}

TEST_CASE("close: until a handler has been handed over, its executor has work", "[aws][async]")
{
    asio::io_context elsewhere;
    heard out;
    bench b;
    b.get().async_invoke(b.call, 1s, asio::bind_executor(elsewhere, out.handler()));
    CHECK(elsewhere.poll() == 0);
    CHECK_FALSE(elsewhere.stopped());
    b.world.run(pause(b.world.shard(), 1s));
    CHECK(elsewhere.poll() == 1);
    CHECK(elsewhere.stopped());
    CHECK(out.times == 1);
}

namespace {

awaitable<void> call_for_ever(lambda_client& client, invocation call, std::shared_ptr<int> alive)
{
    static_cast<void>(co_await client.invoke(call, core::forever));
    *alive = 1;
}

} // namespace

TEST_CASE("client: destroyed with its calls under way, before the loop, nothing leaks and nobody is called", "[aws][async]")
{
    const auto alive = std::make_shared<int>(0);
    for (const stage at : stages) {
        stuck b(at);
        asio::cancellation_signal stop;
        b.get().async_invoke(b.call, core::forever,
            asio::bind_cancellation_slot(stop.slot(), [alive](const core::result<invocation_reply>&) { *alive = 2; }));
        asio::co_spawn(b.world.shard().executor(), call_for_ever(b.get(), b.call, alive), [](const std::exception_ptr&) {});
        b.world.run(pause(b.world.shard(), 1s));
        CHECK(alive.use_count() == 3);
        b.drop_client(); // and then the network, the shard, the loop
    }
    CHECK(alive.use_count() == 1);
    CHECK(*alive == 0);
}

TEST_CASE("client: destroyed with its calls under way while the loop runs on, they end as by close", "[aws][async]")
{
    for (const stage at : stages) {
        stuck b(at);
        heard out;
        b.get().async_invoke(b.call, core::forever, out.handler());
        b.world.run(pause(b.world.shard(), 1s));
        b.drop_client();
        b.world.settle();
        CHECK(out.times == 1);
        CHECK(out.code() == core::errc::shutting_down);
        CHECK(b.network.open_connections() == 0);
    }
}
