#include <lambent/core/retry.hpp>

#include <support/catch.hpp>

using namespace lambent::core;
using namespace std::chrono_literals;

namespace {

const instant start{1000s};

duration wait_of(const retry_verdict& v)
{
    REQUIRE(std::holds_alternative<retry_after>(v));
    return std::get<retry_after>(v).wait;
}

give_up::reason reason_of(const retry_verdict& v)
{
    REQUIRE(std::holds_alternative<give_up>(v));
    return std::get<give_up>(v).why;
}

} // namespace

TEST_CASE("backoff: doubles from the base to the cap, and does not overflow", "[core][retry]")
{
    constexpr backoff pace{50ms, 20s};
    CHECK(pace.ceiling(0) == 50ms);
    CHECK(pace.ceiling(1) == 100ms);
    CHECK(pace.ceiling(8) == 12800ms);
    CHECK(pace.ceiling(9) == 20s);
    CHECK(pace.ceiling(4'000'000'000U) == 20s);
    CHECK(backoff{30s, 20s}.ceiling(0) == 20s);
    CHECK(backoff{0s, 20s}.ceiling(4'000'000'000U) == 0s);
    CHECK(backoff{1s, forever}.ceiling(1000) == forever);
}

TEST_CASE("backoff: jitter is full: from zero to the ceiling, evenly", "[core][retry]")
{
    entropy chance(3);
    const backoff pace{50ms, 20s};
    double sum = 0;
    duration least = forever;
    duration most{};
    for (int i = 0; i < 20000; ++i) {
        const duration wait = pace.wait(2, chance);
        REQUIRE(wait >= 0s);
        REQUIRE(wait < 200ms);
        least = std::min(least, wait);
        most = std::max(most, wait);
        sum += std::chrono::duration<double, std::milli>(wait).count();
    }
    CHECK(least < 1ms);
    CHECK(most > 199ms);
    CHECK(sum / 20000 == Approx(100).margin(2));
}

TEST_CASE("retry: as many attempts as allowed, no more", "[core][retry]")
{
    entropy chance(1);
    retry call({.attempts_max = 3});
    CHECK(wait_of(call.failed(failure::transient, 0s, deadline::never(), start, chance)) < 50ms);
    CHECK(wait_of(call.failed(failure::transient, 0s, deadline::never(), start, chance)) < 100ms);
    CHECK(reason_of(call.failed(failure::transient, 0s, deadline::never(), start, chance)) == give_up::reason::attempts);
    CHECK(call.attempts() == 3);
    retry once({.attempts_max = 1});
    CHECK(reason_of(once.failed(failure::throttled, 0s, deadline::never(), start, chance)) == give_up::reason::attempts);
}

TEST_CASE("retry: no wait that leaves no time for another attempt", "[core][retry]")
{
    entropy chance(1);
    retry_budget budget;
    retry call({.attempts_max = 9}, &budget);
    CHECK(reason_of(call.failed(failure::transient, 3s, deadline(start + 3s), start, chance)) == give_up::reason::deadline);
    CHECK(budget.tokens() == 500);
    CHECK(wait_of(call.failed(failure::transient, 3s, deadline(start + 3001ms), start, chance)) == 3s);
}

TEST_CASE("retry: a server's hint lengthens the wait by five seconds at most and never shortens it", "[core][retry]")
{
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        entropy plain(seed);
        entropy hinted(seed);
        const duration own = retry({}).failed(failure::throttled, 0s, deadline::never(), start, plain).index() == 0
            ? backoff{1s, 20s}.wait(0, *std::make_unique<entropy>(seed))
            : 0s;
        retry shorter({});
        CHECK(wait_of(shorter.failed(failure::throttled, 1ns, deadline::never(), start, hinted)) == std::max(own, duration(1ns)));
        entropy again(seed);
        retry longer({});
        CHECK(wait_of(longer.failed(failure::throttled, 1h, deadline::never(), start, again)) == own + 5s);
        entropy third(seed);
        retry between({});
        CHECK(wait_of(between.failed(failure::throttled, own + 2s, deadline::never(), start, third)) == own + 2s);
    }
}

TEST_CASE("retry budget: a transient retry costs 14, a throttled one 5; success returns the last, or one", "[core][retry]")
{
    entropy chance(1);
    retry_budget budget;
    retry a({.attempts_max = 9}, &budget);
    wait_of(a.failed(failure::transient, 0s, deadline::never(), start, chance));
    CHECK(budget.tokens() == 486);
    wait_of(a.failed(failure::throttled, 0s, deadline::never(), start, chance));
    CHECK(budget.tokens() == 481);
    a.succeeded();
    CHECK(budget.tokens() == 486);
    retry b({}, &budget);
    b.succeeded();
    CHECK(budget.tokens() == 487);
    for (int i = 0; i < 100; ++i) {
        retry c({}, &budget);
        c.succeeded();
    }
    CHECK(budget.tokens() == 500);
}

TEST_CASE("retry budget: spent, nobody retries until calls succeed again", "[core][retry]")
{
    entropy chance(1);
    retry_budget budget(20);
    retry a({.attempts_max = 9}, &budget);
    wait_of(a.failed(failure::transient, 0s, deadline::never(), start, chance));
    CHECK(reason_of(a.failed(failure::transient, 0s, deadline::never(), start, chance)) == give_up::reason::budget);
    CHECK(budget.tokens() == 6);
    retry throttled({.attempts_max = 9}, &budget);
    wait_of(throttled.failed(failure::throttled, 0s, deadline::never(), start, chance));
    CHECK(budget.tokens() == 1);
    for (int i = 0; i < 13; ++i) {
        retry good({}, &budget);
        good.succeeded();
    }
    retry b({.attempts_max = 9}, &budget);
    wait_of(b.failed(failure::transient, 0s, deadline::never(), start, chance));
}
