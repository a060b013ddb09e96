#include "fake_host.hpp"

using namespace lambent;
using namespace lambent::test;

TEST_CASE("mapping: a failure leaves its message as it was, sourced and logged", "[processor][mapping]")
{
    bench b;
    auto stage = b.build("label: my_map\nmapping: |\n  root.a = this.n.number()\n  meta touched = true\n  root.b = throw(\"x\")\n",
        "pipeline.processors.3");
    auto done = b.process(*stage, messages({R"({"n":1})"}));
    REQUIRE(done);
    const data::message& m = done->at(0).at(0);
    CHECK(m.bytes() == R"({"n":1})");
    CHECK(m.metadata().empty());
    REQUIRE(m.failed());
    CHECK(m.failed()->text == "failed assignment (line 3): x");
    REQUIRE(m.failed()->source);
    CHECK(*m.failed()->source == data::component_ref{"mapping", "my_map", "pipeline.processors.3"});
    CHECK(b.host.lines.has(core::log_level::error, "failed assignment (line 3): x"));
    CHECK(b.host.lines.has(core::log_level::debug, "Processor failed: failed assignment (line 3): x"));
    CHECK(b.host.lines.lines.front().fields
        == std::map<std::string, std::string>{{"label", "my_map"}, {"path", "root.pipeline.processors.3"}});
}

TEST_CASE("mapping: deleted messages leave the batch, and an empty batch is none", "[processor][mapping]")
{
    bench b;
    CHECK(contents(b.one("mapping: 'root = if this.n == 2 { deleted() } else { this }'", {R"({"n":1})", R"({"n":2})"}))
        == std::vector<std::string>{R"({"n":1})"});
    CHECK(b.all("mapping: 'root = deleted()'", messages({"{}", "{}"})).empty());
}

TEST_CASE("mapping: the whole batch is the reference while it is mapped", "[processor][mapping]")
{
    bench b;
    CHECK(contents(b.one("mapping: 'root = json(\"n\").from_all()'", {R"({"n":1})", R"({"n":2})"}))
        == std::vector<std::string>{"[1,2]", "[1,2]"});
}

TEST_CASE("mapping: an earlier failure stays on a message that is mapped well", "[processor][mapping]")
{
    bench b;
    data::batch batch = messages({"{}"});
    batch[0].fail("before");
    CHECK(failures(b.one("mapping: 'root.ok = true'", std::move(batch))) == std::vector<std::string>{"before"});
}

TEST_CASE("mutation: keeps what earlier statements did when a later one fails", "[processor][mutation]")
{
    bench b;
    const data::batch done = b.one("mutation: |\n  root.a = 1\n  root.b = throw(\"x\")\n", {R"({"n":1})"});
    CHECK(contents(done) == std::vector<std::string>{R"({"a":1,"n":1})"});
    CHECK(failures(done) == std::vector<std::string>{"failed assignment (line 2): x"});
}

TEST_CASE("mutation: this sees earlier assignments", "[processor][mutation]")
{
    bench b;
    CHECK(contents(b.one("mutation: |\n  root.n = this.n + 1\n  root.m = this.n\n", {R"({"n":1})"}))
        == std::vector<std::string>{R"({"m":2,"n":2})"});
}

TEST_CASE("mutation: deleted messages leave the batch only after all were looked at", "[processor][mutation]")
{
    bench b;
    CHECK(contents(b.one("mutation: |\n  root.i = batch_index()\n  root = if this.n == 1 { deleted() }\n",
              {R"({"n":1})", R"({"n":2})"}))
        == std::vector<std::string>{R"({"i":1,"n":2})"});
}

TEST_CASE("mapping: what cannot be parsed", "[processor][mapping]")
{
    bench b;
    const std::string prefix = "failed to init processor <no label> path root.pipeline.processors.0: ";
    CHECK(build_error(b.host, "mapping: ''")
        == prefix + "failed to parse bloblang mapping '': expected import, map, or assignment, but reached end of input");
    CHECK(build_error(b.host, "bloblang: 'root = nope()'") == prefix + "line 1 char 14: unrecognised function 'nope'");
}
