#include <lambent/http/pool_plan.hpp>

#include <support/catch.hpp>

using namespace lambent;
using namespace std::chrono_literals;
using http::verdict;

namespace {

http::pool_counts counts(std::size_t waiting, std::size_t idle, std::size_t roomy, std::size_t full, std::size_t opening)
{
    http::pool_counts out;
    out.waiting = waiting;
    out.idle = idle;
    out.roomy = roomy;
    out.full = full;
    out.opening = opening;
    return out;
}

} // namespace

TEST_CASE("pool_plan: idle first, then a new one, then behind others, then the queue, then no", "[http][pool]")
{
    http::pool_limits limits;
    limits.connections_max = 4;
    limits.queue_max = 2;
    struct row
    {
        http::pool_counts now;
        verdict newcomer;
        verdict first_in_queue;
    };
    const row rows[] = {
        {counts(0, 0, 0, 0, 0), verdict::open_new, verdict::open_new},
        {counts(0, 1, 1, 1, 1), verdict::lease_idle, verdict::lease_idle},
        {counts(0, 0, 1, 1, 1), verdict::open_new, verdict::open_new},
        {counts(0, 0, 1, 2, 1), verdict::share, verdict::share},
        {counts(0, 0, 0, 3, 1), verdict::wait, verdict::wait},
        {counts(0, 0, 0, 0, 4), verdict::wait, verdict::wait},
        {counts(0, 4, 0, 0, 0), verdict::lease_idle, verdict::lease_idle},
        {counts(1, 0, 0, 4, 0), verdict::wait, verdict::wait},
        {counts(1, 1, 0, 3, 0), verdict::wait, verdict::lease_idle},
        {counts(1, 0, 0, 3, 0), verdict::wait, verdict::open_new},
        {counts(1, 0, 1, 3, 0), verdict::wait, verdict::share},
        {counts(2, 0, 0, 4, 0), verdict::refuse, verdict::wait},
        {counts(2, 1, 0, 3, 0), verdict::refuse, verdict::lease_idle},
    };
    for (const row& r : rows) {
        INFO("row " << &r - rows);
        CHECK(next_for(limits, r.now) == r.newcomer);
        CHECK(next_for_first(limits, r.now) == r.first_in_queue);
    }
    limits.queue_max = 0;
    CHECK(next_for(limits, counts(0, 0, 0, 4, 0)) == verdict::refuse);
    CHECK(next_for(limits, counts(0, 0, 0, 3, 0)) == verdict::open_new);
}

TEST_CASE("pool_plan: nothing on it: any lane; some: its lane while there is room and it lasts", "[http][pool]")
{
    http::pool_limits limits;
    limits.pipeline_depth = 3;
    using http::load;
    CHECK(load_of(limits, 0, true) == load::idle);
    CHECK(load_of(limits, 0, false) == load::idle);
    CHECK(load_of(limits, 2, true) == load::roomy);
    CHECK(load_of(limits, 2, false) == load::full);
    CHECK(load_of(limits, 3, true) == load::full);
    limits.pipeline_depth = 1;
    CHECK(load_of(limits, 1, true) == load::full);
}

TEST_CASE("pool_plan: a connection that is busy with another lane is of no use to a caller, who waits", "[http][pool]")
{
    // One caller's view: 2 connections carry its lane with room, or carry another's.
    http::pool_limits limits;
    limits.connections_max = 2;
    limits.pipeline_depth = 4;
    CHECK(next_for(limits, counts(0, 0, 2, 0, 0)) == verdict::share);
    CHECK(next_for(limits, counts(0, 0, 0, 2, 0)) == verdict::wait);
    CHECK(next_for_first(limits, counts(3, 0, 0, 2, 0)) == verdict::wait);
    // Nor does one who could share overtake.
    CHECK(next_for(limits, counts(1, 0, 2, 0, 0)) == verdict::wait);
    CHECK(next_for_first(limits, counts(1, 1, 0, 1, 0)) == verdict::lease_idle);
}

TEST_CASE("pool_plan: spares are dialled for those missing, never beyond connections_max", "[http][pool]")
{
    http::pool_limits limits;
    limits.connections_max = 5;
    CHECK(spares_missing(limits, counts(0, 0, 0, 0, 0), 0, 0) == 0);
    CHECK(spares_missing(limits, counts(0, 0, 0, 0, 0), 3, 0) == 3);
    CHECK(spares_missing(limits, counts(0, 1, 0, 1, 1), 3, 1) == 1);
    CHECK(spares_missing(limits, counts(0, 1, 0, 1, 1), 3, 0) == 2);
    CHECK(spares_missing(limits, counts(0, 1, 1, 2, 0), 3, 0) == 1);
    CHECK(spares_missing(limits, counts(9, 0, 1, 3, 1), 3, 0) == 0);
    CHECK(spares_missing(limits, counts(0, 4, 0, 0, 0), 3, 0) == 0);
    CHECK(spares_missing(limits, counts(0, 0, 0, 0, 0), 99, 0) == 5);
}

TEST_CASE("pool_plan: the pause after failed spares is doubled, and bounded", "[http][pool]")
{
    CHECK(http::spare_pause(0) == 0s);
    CHECK(http::spare_pause(1) == 1s);
    CHECK(http::spare_pause(2) == 2s);
    CHECK(http::spare_pause(5) == 16s);
    CHECK(http::spare_pause(6) == 30s);
    CHECK(http::spare_pause(4'000'000'000) == 30s);
}

TEST_CASE("pool_plan: an idle connection is retired by idleness and by age", "[http][pool]")
{
    http::pool_limits limits;
    limits.idle_max = 45s;
    using http::retirement;
    CHECK(retire(limits, 8min, 0s, 1min) == retirement::keep);
    CHECK(retire(limits, 8min, 44s, 1min) == retirement::keep);
    CHECK(retire(limits, 8min, 45s, 1min) == retirement::idle_too_long);
    CHECK(retire(limits, 8min, 1s, 8min) == retirement::too_old);
    CHECK(retire(limits, core::forever, 1s, 24h) == retirement::keep);
}

TEST_CASE("pool_plan: ages are spread over the last fifth of the maximum", "[http][pool]")
{
    http::pool_limits limits;
    limits.age_max = 10min;
    CHECK(jittered_age(limits, 0.0) == 10min);
    CHECK(jittered_age(limits, 0.5) == 9min);
    CHECK(jittered_age(limits, 0.999) > 8min);
    CHECK(jittered_age(limits, 0.999) < 8min + 1s);
    limits.age_max = core::forever;
    CHECK(jittered_age(limits, 0.7) == core::forever);
}
