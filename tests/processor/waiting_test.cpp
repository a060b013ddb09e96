#include "fake_host.hpp"

#include <lambent/core/limiter.hpp>

using namespace lambent;
using namespace lambent::test;
using namespace std::chrono_literals;

TEST_CASE("sleep: once per message, and what is no duration is only logged", "[processor][sleep]")
{
    bench b;
    const data::batch done = b.one("sleep: { duration: '${! json(\"ms\") }ms' }",
        {R"({"ms":30})", R"({"ms":"x"})", R"({"ms":20})"});
    CHECK(b.world.elapsed() == 50ms);
    CHECK(failures(done) == std::vector<std::string>{"", "", ""});
    CHECK(b.host.lines.has(core::log_level::error, "Failed to parse duration: time: invalid duration \"xms\""));
}

TEST_CASE("sleep: cancellation ends it", "[processor][sleep]")
{
    bench b;
    auto stage = b.build("sleep: { duration: 1h }");
    b.world.cancel_at(1);
    auto done = b.process(*stage, messages({"{}"}));
    REQUIRE_FALSE(done);
    CHECK(done.error().code == core::condition::cancelled);
}

TEST_CASE("rate_limit: every message is admitted, two each 50 ms", "[processor][rate_limit]")
{
    bench b;
    b.host.limiters["rl"] = core::make_local_limiter(b.world.shard(), 2, 50ms);
    CHECK(contents(b.one("rate_limit: { resource: rl }", {"1", "2", "3", "4", "5"}))
        == std::vector<std::string>{"1", "2", "3", "4", "5"});
    CHECK(b.world.elapsed() == 100ms);
}

TEST_CASE("rate_limit: a resource that went away is looked for each second", "[processor][rate_limit]")
{
    bench b;
    b.host.limiters["rl"] = core::make_local_limiter(b.world.shard(), 2, 50ms);
    auto stage = b.build("rate_limit: { resource: rl }");
    b.host.limiters.clear();
    b.world.cancel_at(3);
    auto done = b.process(*stage, messages({"1"}));
    CHECK_FALSE(done);
    CHECK(b.host.lines.has(core::log_level::error, "Failed to access rate limit: unable to locate resource: rl"));
}

TEST_CASE("retry: until success, on a fresh copy each time", "[processor][retry]")
{
    bench b;
    b.host.caches["c"] = std::make_unique<map_cache>();
    // The first attempt adds the key and fails, the second finds it there.
    const data::batch done = b.one(R"yaml(
retry:
  backoff: { initial_interval: 1s, max_interval: 1s, max_elapsed_time: 0s }
  processors:
    - mutation: 'meta tried = "yes"'
    - cache: { resource: c, operator: exists, key: k }
    - switch:
        - check: content().string() == "false"
          processors:
            - cache: { resource: c, operator: set, key: k, value: v }
            - mapping: 'root = throw("not yet")'
)yaml", {R"({"n":1})"});
    CHECK(contents(done) == std::vector<std::string>{"true"});
    CHECK(failures(done) == std::vector<std::string>{""});
    CHECK(done[0].meta("retry_count")->as_int64() == 1);
    CHECK(core::duration(done[0].meta("backoff_duration")->as_int64()) == b.world.elapsed());
    CHECK(b.world.elapsed() >= 500ms);
    CHECK(b.world.elapsed() <= 1500ms);
}

TEST_CASE("retry: gives up after max_retries and keeps the failure", "[processor][retry]")
{
    bench b;
    const data::batch done = b.one(R"yaml(
retry:
  backoff: { initial_interval: 1ms, max_interval: 2ms, max_elapsed_time: 0s }
  max_retries: 3
  processors: [ mapping: 'root = throw("always")' ]
)yaml", {R"({"n":1})"});
    CHECK(failures(done) == std::vector<std::string>{"failed assignment (line 1): always"});
    CHECK(done[0].meta("retry_count")->as_int64() == 3);
}

TEST_CASE("retry: gives up before max_elapsed_time would be over", "[processor][retry]")
{
    bench b;
    const data::batch done = b.one(R"yaml(
retry:
  backoff: { initial_interval: 100ms, max_interval: 1s, max_elapsed_time: 5s }
  processors: [ mapping: 'root = throw("always")' ]
)yaml", {"{}"});
    CHECK_FALSE(failures(done)[0].empty());
    CHECK(b.world.elapsed() <= 5s);
    CHECK(b.world.elapsed() >= 3s);
}

TEST_CASE("retry: an earlier failure is cleared, success on the first try is told too", "[processor][retry]")
{
    bench b;
    data::batch batch = messages({"{}"});
    batch[0].fail("before");
    const data::batch done = b.one("retry: { processors: [ noop: {} ] }", std::move(batch));
    CHECK(failures(done) == std::vector<std::string>{""});
    CHECK(done[0].meta("retry_count")->as_int64() == 0);
    CHECK(done[0].meta("backoff_duration")->as_int64() == 0);
}

TEST_CASE("retry: parallel messages wait at the same time", "[processor][retry]")
{
    bench b;
    const data::batch done = b.one(
        "retry: { parallel: true, processors: [ sleep: { duration: 1s } ] }", {"1", "2", "3"});
    CHECK(contents(done) == std::vector<std::string>{"1", "2", "3"});
    CHECK(b.world.elapsed() == 1s);
}

TEST_CASE("retry: cancellation ends the pause", "[processor][retry]")
{
    bench b;
    auto stage = b.build("retry: { processors: [ mapping: 'root = throw(\"always\")' ] }");
    b.world.cancel_at(1);
    auto done = b.process(*stage, messages({"{}"}));
    REQUIRE_FALSE(done);
    CHECK(done.error().code == core::condition::cancelled);
    CHECK(b.world.time().waiting() == 0);
}
