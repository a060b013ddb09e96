#include "fake_host.hpp"

using namespace lambent;
using namespace lambent::test;
using namespace std::chrono_literals;

namespace {

const std::string recorded = R"yaml(
workflow:
  meta_path: META
  order: [ [ a, b ], [ c ] ]
  branches:
    a:
      request_map: 'root.v = this.n'
      processors: [ mutation: 'root.v = this.v + 1' ]
      result_map: 'root.a = this.v'
    b:
      request_map: 'root.v = this.n'
      processors: [ mapping: 'root = if this.v == 2 { throw("bee") } else { {"v":this.v * 10} }' ]
      result_map: 'root.b = this.v'
    c:
      request_map: 'root.s = this.a + this.b'
      processors: [ noop: {} ]
      result_map: 'root.c = this.s'
)yaml";

std::string with_meta_path(const std::string& path)
{
    std::string yaml = recorded;
    return yaml.replace(yaml.find("META"), 4, path);
}

} // namespace

TEST_CASE("workflow: the recorded run, failures told in the document", "[processor][workflow]")
{
    bench b;
    const data::batch done = b.one(with_meta_path("meta.workflow"), {R"({"n":1})", R"({"n":2})"});
    CHECK(contents(done)[0]
        == R"({"a":2,"b":10,"c":12,"meta":{"workflow":{"succeeded":["a","b","c"]}},"n":1})");
    CHECK(contents(done)[1]
        == R"json({"a":3,"meta":{"workflow":{"failed":{"b":"processors failed: failed assignment (line 1): bee","c":"request mapping failed: failed assignment (line 1): cannot add types number (from field `this.a`) and null (from field `this.b`)"},"succeeded":["a"]}},"n":2})json");
    CHECK(failures(done) == std::vector<std::string>{"", ""});
}

TEST_CASE("workflow: without a meta path failures become flags", "[processor][workflow]")
{
    bench b;
    const data::batch done = b.one(with_meta_path("''"), {R"({"n":1})", R"({"n":2})"});
    CHECK(failures(done) == std::vector<std::string>{"", "workflow branches failed: [b c]"});
}

TEST_CASE("workflow: what succeeded before is left out, the former record is kept", "[processor][workflow]")
{
    bench b;
    const data::batch done = b.one(with_meta_path("w"), {R"({"n":1,"a":5,"w":{"succeeded":["a"],"failed":{"b":"x"}}})"});
    CHECK(contents(done)[0]
        == R"({"a":5,"b":10,"c":15,"n":1,"w":{"previous":{"failed":{"b":"x"},"succeeded":["a"]},"skipped":["a"],"succeeded":["b","c"]}})");
}

TEST_CASE("workflow: apply names the only branches to run", "[processor][workflow]")
{
    bench b;
    const data::batch done = b.one(with_meta_path("w"), {R"({"n":1,"w":{"apply":["b"]}})"});
    CHECK(contents(done)[0] == R"({"b":10,"n":1,"w":{"previous":{"apply":["b"]},"skipped":["a","c"],"succeeded":["b"]}})");
}

TEST_CASE("workflow: branches of a layer run at once", "[processor][workflow]")
{
    bench b;
    b.host.processors["slow"] = b.build("branch: { processors: [ sleep: { duration: 2s } ], result_map: 'root.slow = true' }",
        "processor_resources");
    const data::batch done = b.one(
        "workflow: { meta_path: '', order: [ [ mine, slow ] ], branches: { mine: { processors: [ sleep: { duration: 3s } ] } } }",
        {"{}"});
    CHECK(contents(done) == std::vector<std::string>{R"({"slow":true})"});
    CHECK(b.world.elapsed() == 3s);
}

TEST_CASE("workflow: what cannot be built", "[processor][workflow]")
{
    bench b;
    const std::string prefix = "failed to init processor <no label> path root.pipeline.processors.0: ";
    const std::string two = "branches: { a: { processors: [ noop: {} ] }, b: { processors: [ noop: {} ] } } }";
    CHECK(build_error(b.host, "workflow: { order: [ [ a ] ], " + two)
        == prefix + "the following branches were missing from order: [b]");
    CHECK(build_error(b.host, "workflow: { order: [ [ a ], [] ], " + two) == prefix + "explicit order tier '1' was empty");
    CHECK(build_error(b.host, "workflow: { order: [ [ a, b, a ] ], " + two)
        == prefix + "branch specified in order listed multiple times: a");
    CHECK(build_error(b.host, "workflow: { order: [ [ a, b, z ] ], " + two) == prefix + "processor resource 'z' was not found");
    CHECK(build_error(b.host, "workflow: { branches: { 'a b': { processors: [ noop: {} ] } } }")
        == prefix + "workflow branch name 'a b' contains invalid characters");
}
