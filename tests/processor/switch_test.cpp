#include "fake_host.hpp"

using namespace lambent;
using namespace lambent::test;

TEST_CASE("switch: the first matching case takes a message, order is kept", "[processor][switch]")
{
    bench b;
    CHECK(contents(b.one(R"yaml(
switch:
  - check: this.n == 2
    processors: [ mapping: 'root = "two of %v".format(batch_size())' ]
  - check: this.n % 2 == 1
    processors: [ mapping: 'root = "odd of %v".format(batch_size())' ]
)yaml", {R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"}))
        == std::vector<std::string>{"odd of 2", "two of 1", "odd of 2", R"({"n":4})"});
}

TEST_CASE("switch: a failing check flags the message without a source and ends its way through the cases", "[processor][switch]")
{
    bench b;
    const data::batch done = b.one(R"yaml(
switch:
  - check: this.tags.index(0) == "x"
    processors: [ mutation: 'root.hit = 1' ]
  - processors: [ mutation: 'root.hit = 2' ]
)yaml", {R"({"tags":[]})", R"({"tags":["y"]})"});
    CHECK(contents(done) == std::vector<std::string>{R"({"tags":[]})", R"({"hit":2,"tags":["y"]})"});
    CHECK(failures(done)[0] == "failed assignment (line 1): field `this.tags`: index '0' was out of bounds for array size: 0");
    CHECK(done[0].failed()->source == nullptr);
    CHECK(b.host.lines.has(core::log_level::error,
        "Failed to test case 0: failed assignment (line 1): field `this.tags`: index '0' was out of bounds for array size: 0"));
}

TEST_CASE("switch: fallthrough sends results through the next case whatever its check says", "[processor][switch]")
{
    bench b;
    CHECK(contents(b.one(R"yaml(
switch:
  - check: this.n == 1
    fallthrough: true
    processors: [ mutation: 'root.first = true' ]
  - check: this.n == 5
    processors: [ mutation: 'root.second = true' ]
  - processors: [ mutation: 'root.third = true' ]
)yaml", {R"({"n":1})", R"({"n":2})"}))
        == std::vector<std::string>{R"({"first":true,"n":1,"second":true})", R"({"n":2,"third":true})"});
}

TEST_CASE("switch: continue tests results against later cases", "[processor][switch]")
{
    bench b;
    CHECK(contents(b.one(R"yaml(
switch:
  - check: this.n == 1
    continue: true
    processors: [ mutation: 'root.n = 2' ]
  - check: this.n == 2
    processors: [ mutation: 'root.second = true' ]
)yaml", {R"({"n":1})", R"({"n":3})"}))
        == std::vector<std::string>{R"({"n":2,"second":true})", R"({"n":3})"});
}

TEST_CASE("switch: fallthrough in the last case drops, and is warned of", "[processor][switch]")
{
    bench b;
    CHECK(contents(b.one("switch: [ { check: this.n == 1, fallthrough: true, processors: [ noop: {} ] } ]",
              {R"({"n":1})", R"({"n":2})"}))
        == std::vector<std::string>{R"({"n":2})"});
    CHECK(b.host.lines.at(core::log_level::warn).size() == 1);
}

TEST_CASE("switch: nested switches keep each other's order", "[processor][switch]")
{
    bench b;
    CHECK(contents(b.one(R"yaml(
switch:
  - check: this.n > 2
    processors:
      - switch:
          - check: this.n == 4
            processors: [ mutation: 'root.four = true' ]
          - processors: [ mutation: 'root.more = true' ]
  - processors: [ mutation: 'root.less = true' ]
)yaml", {R"({"n":4})", R"({"n":1})", R"({"n":3})", R"({"n":2})"}))
        == std::vector<std::string>{R"({"four":true,"n":4})", R"({"less":true,"n":1})", R"({"more":true,"n":3})",
            R"({"less":true,"n":2})"});
}

TEST_CASE("switch: both ways on at once are refused", "[processor][switch]")
{
    bench b;
    CHECK(build_error(b.host, "switch: [ { fallthrough: true, continue: true, processors: [ noop: {} ] } ]")
        == "failed to init processor <no label> path root.pipeline.processors.0: case '0' parse error: "
           "a case cannot have both 'fallthrough' and 'continue' set to true");
}
