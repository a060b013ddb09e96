#include "fake_host.hpp"

using namespace lambent;
using namespace lambent::test;

TEST_CASE("catalogue: every processor is listed once, in order, under the name of its spec", "[processor]")
{
    std::string last;
    for (const auto& [name, entry] : processor::catalogue()) {
        INFO(name);
        CHECK(last < name);
        CHECK(entry.spec().name() == name);
        CHECK_FALSE(entry.spec().about().empty());
        CHECK(processor::find(name) != nullptr);
        last = name;
    }
    CHECK(processor::find("nothing_of_the_kind") == nullptr);
}

TEST_CASE("build: the error names label and path", "[processor]")
{
    bench b;
    CHECK(build_error(b.host, "{ label: mine, log: { level: LOUD } }")
        == "failed to init processor 'mine' path root.pipeline.processors.0: log level not recognised: LOUD");
}

TEST_CASE("build: of nested processors the innermost that failed is named", "[processor]")
{
    bench b;
    CHECK(build_error(b.host, "try: [ noop: {}, branch: { processors: [ { label: deep, log: { level: LOUD } } ] } ]")
        == "failed to init processor 'deep' path root.pipeline.processors.0.try.1.branch.processors.0: "
           "log level not recognised: LOUD");
}

TEST_CASE("build: a case of a switch is named by its number", "[processor]")
{
    bench b;
    CHECK(build_error(b.host, "switch: [ { check: this.a == 1, processors: [ noop: {} ] }, { processors: [] } ]")
        == "failed to init processor <no label> path root.pipeline.processors.0: case '1' parse error: "
           "case has no processors, in order to have a no-op case use a `noop` processor");
    CHECK(build_error(b.host, "switch: [ { processors: [ log: { level: LOUD } ] } ]")
        == "case '0' parse error: failed to init processor <no label> path "
           "root.pipeline.processors.0.switch.0.processors.0: log level not recognised: LOUD");
    CHECK(build_error(b.host, "switch:\n  - check: this.a\n    fallthrough: 5\n    processors: []\n")
        == "failed to init processor <no label> path root.pipeline.processors.0: field 'fallthrough': yaml: unmarshal "
           "errors:\n  line 3: cannot unmarshal !!int `5` into bool");
}

TEST_CASE("build: resources that are not there", "[processor]")
{
    bench b;
    const std::string prefix = "failed to init processor <no label> path root.pipeline.processors.0: ";
    CHECK(build_error(b.host, "resource: zz") == prefix + "processor resource 'zz' was not found");
    CHECK(build_error(b.host, "rate_limit: { resource: zz }") == prefix + "rate limit resource 'zz' was not found");
    CHECK(build_error(b.host, "dedupe: { cache: zz, key: a }") == prefix + "cache resource 'zz' was not found");
    CHECK(build_error(b.host, "cache: { resource: zz, operator: get, key: a }") == prefix + "cache resource 'zz' was not found");
    CHECK(build_error(b.host, "cached: { cache: zz, key: a, processors: [] }") == prefix + "cache named zz not found");
}
