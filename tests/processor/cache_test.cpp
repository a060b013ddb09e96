#include "fake_host.hpp"

using namespace lambent;
using namespace lambent::test;
using namespace std::chrono_literals;

namespace {

struct cache_bench : bench
{
    map_cache& store = *(host.caches["c"] = std::make_unique<map_cache>());
};

} // namespace

TEST_CASE("cache: every operator", "[processor][cache]")
{
    cache_bench b;
    CHECK(contents(b.one("cache: { resource: c, operator: set, key: '${! json(\"k\") }', value: '${! json(\"v\") }', ttl: 1m }",
              {R"({"k":"a","v":"1"})"}))
        == std::vector<std::string>{R"({"k":"a","v":"1"})"});
    CHECK(b.store.entries.at("a") == "1");
    CHECK(b.store.ttls.at("a") == core::duration(1min));
    CHECK(contents(b.one("cache: { resource: c, operator: get, key: a }", {"x"})) == std::vector<std::string>{"1"});
    CHECK(contents(b.one("cache: { resource: c, operator: exists, key: a }", {"x"})) == std::vector<std::string>{"true"});
    CHECK(contents(b.one("cache: { resource: c, operator: exists, key: b }", {"x"})) == std::vector<std::string>{"false"});
    b.one("cache: { resource: c, operator: delete, key: a }", {"x"});
    CHECK(b.store.entries.empty());
}

TEST_CASE("cache: failures keep the contents and have a source", "[processor][cache]")
{
    cache_bench b;
    data::batch done = b.one("cache: { resource: c, operator: get, key: nope }", {"x"});
    CHECK(contents(done) == std::vector<std::string>{"x"});
    CHECK(failures(done) == std::vector<std::string>{"operator failed for key 'nope': key does not exist"});
    CHECK(done[0].failed()->source->name == "cache");
    b.store.entries["a"] = "1";
    done = b.one("cache: { resource: c, operator: add, key: a, value: 2 }", {"x"});
    CHECK(failures(done) == std::vector<std::string>{"key already exists: a"});
    done = b.one("cache: { resource: c, operator: set, key: a, value: 2, ttl: soon }", {"x"});
    CHECK(failures(done) == std::vector<std::string>{"ttl must be a duration: time: invalid duration \"soon\""});
    b.store.broken = true;
    done = b.one("cache: { resource: c, operator: get, key: a }", {"x"});
    CHECK(failures(done) == std::vector<std::string>{"operator failed for key 'a': the cache is broken"});
    CHECK(build_error(b.host, "cache: { resource: c, operator: shout, key: a }")
        == "failed to init processor <no label> path root.pipeline.processors.0: operator not recognised: shout");
    CHECK(build_error(b.host, "cache: { resource: '', operator: get, key: a }")
        == "failed to init processor <no label> path root.pipeline.processors.0: cache name must be specified");
}

TEST_CASE("dedupe: the second of a key is dropped, also within a batch", "[processor][dedupe]")
{
    cache_bench b;
    auto stage = b.build("dedupe: { cache: c, key: '${! json(\"id\") }' }");
    auto done = b.process(*stage, messages({R"({"id":1})", R"({"id":2})", R"({"id":1})"}));
    REQUIRE(done);
    CHECK(contents(*done) == std::vector<std::vector<std::string>>{{R"({"id":1})", R"({"id":2})"}});
    done = b.process(*stage, messages({R"({"id":2})"}));
    REQUIRE(done);
    CHECK(done->empty());
}

TEST_CASE("dedupe: a key that cannot be made drops the message; a broken cache as drop_on_err says", "[processor][dedupe]")
{
    cache_bench b;
    CHECK(b.one("dedupe: { cache: c, key: '${! json(\"id\").not_null() }' }", {"{}"}).empty());
    b.store.broken = true;
    CHECK(b.one("dedupe: { cache: c, key: a }", {"x"}).empty());
    CHECK(b.host.lines.has(core::log_level::error, "Cache error: the cache is broken"));
    const data::batch kept = b.one("dedupe: { cache: c, key: a, drop_on_err: false }", {"x"});
    CHECK(failures(kept) == std::vector<std::string>{"the cache is broken"});
    CHECK(build_error(b.host, "dedupe: { cache: c, key: '' }")
        == "failed to init processor <no label> path root.pipeline.processors.0: dedupe key must not be empty");
}

TEST_CASE("cached: the second message of a key gets the first one's result", "[processor][cached]")
{
    cache_bench b;
    const data::batch done = b.one(
        "cached: { cache: c, key: '${! json(\"k\") }', processors: [ mutation: 'root.calls = counter()' ] }",
        {R"({"k":"a","v":1})", R"({"k":"b","v":2})", R"({"k":"a","v":3})"});
    CHECK(contents(done)
        == std::vector<std::string>{R"({"calls":1,"k":"a","v":1})", R"({"calls":2,"k":"b","v":2})", R"({"calls":1,"k":"a","v":1})"});
    CHECK(b.store.entries.at("a") == std::string("\0\0\0\1\0\0\0\1\0\0\0\x19{\"calls\":1,\"k\":\"a\",\"v\":1}", 37));
}

TEST_CASE("cached: skip_on keeps results out, and foreign entries are an error", "[processor][cached]")
{
    cache_bench b;
    b.one("cached: { cache: c, key: k, skip_on: 'errored()', processors: [ mapping: 'root = throw(\"x\")' ] }", {"{}"});
    CHECK(b.store.entries.empty());
    b.store.entries["k"] = "abc";
    const data::batch done = b.one("cached: { cache: c, key: k, processors: [ noop: {} ] }", {"{}"});
    CHECK(failures(done)
        == std::vector<std::string>{"failed to parse cached result, this indicates the data was not set by this processor: "
                                    "failed to extract serialization format version: message is too small to extract number"});
}
