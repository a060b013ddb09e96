#include "fake_host.hpp"

using namespace lambent;
using namespace lambent::test;

TEST_CASE("log: a line per message with fields, messages unchanged", "[processor][log]")
{
    bench b;
    const data::batch done = b.one(
        "label: l\nlog:\n  level: warn\n  message: 'hi ${! content() }'\n  fields_mapping: |\n    root.a = this.n\n    root.o = {\"x\":1}\n",
        {R"({"n":1})", R"({"n":"two"})"});
    CHECK(contents(done) == std::vector<std::string>{R"({"n":1})", R"({"n":"two"})"});
    REQUIRE(b.host.lines.lines.size() == 2);
    CHECK(b.host.lines.lines[0].level == core::log_level::warn);
    CHECK(b.host.lines.lines[0].message == R"(hi {"n":1})");
    CHECK(b.host.lines.lines[0].fields
        == std::map<std::string, std::string>{
            {"a", "1"}, {"o", R"({"x":1})"}, {"custom_source", "true"}, {"label", "l"}, {"path", "root.pipeline.processors.0"}});
    CHECK(b.host.lines.lines[1].fields.at("a") == "two");
}

TEST_CASE("log: what cannot be printed costs the line, not the message", "[processor][log]")
{
    bench b;
    const data::batch done = b.one("log: { message: '${! json(\"a\").uppercase() }' }", {"{}"});
    CHECK(failures(done) == std::vector<std::string>{""});
    REQUIRE(b.host.lines.lines.size() == 1);
    CHECK(b.host.lines.lines[0].level == core::log_level::error);
    CHECK(b.host.lines.lines[0].message.starts_with("Message interpolation error: "));
    b.host.lines.lines.clear();
    b.one("log: { message: m, fields_mapping: 'root = 5' }", {"{}"});
    CHECK(b.host.lines.lines[0].message == "Fields mapping yielded a non-object result: int64");
}

TEST_CASE("metric: each type, with labels", "[processor][metric]")
{
    bench b;
    b.one("metric: { type: counter, name: c, labels: { a: '${! json(\"n\") }' } }", {R"({"n":1})", R"({"n":1})", R"({"n":2})"});
    b.one("metric: { type: counter_by, name: by, value: '${! json(\"n\") }' }", {R"({"n":1.5})", R"({"n":2})"});
    b.one("metric: { type: gauge, name: g, value: '${! json(\"n\") }' }", {R"({"n":7})"});
    b.one("metric: { type: timing, name: t, value: '100' }", {"{}"});
    CHECK(b.host.counted.values
        == std::map<std::string, double>{{"c{a=1;}", 2}, {"c{a=2;}", 1}, {"by{}", 3.5}, {"g{}", 7}, {"t{}", 100}});
}

TEST_CASE("metric: what cannot be counted is only logged", "[processor][metric]")
{
    bench b;
    const auto said = [&](const std::string& type, const std::string& value) {
        b.host.lines.lines.clear();
        const data::batch done = b.one("metric: { type: " + type + ", name: c, value: '" + value + "' }", {"{}"});
        CHECK(failures(done) == std::vector<std::string>{""});
        return b.host.lines.at(core::log_level::error);
    };
    using texts = std::vector<std::string>;
    CHECK(said("counter_by", "-1") == texts{"Handler error: value -1 is negative"});
    CHECK(said("gauge", "-1.5") == texts{"Handler error: value -1.500000 is negative"});
    CHECK(said("gauge", "many") == texts{"Handler error: strconv.ParseFloat: parsing \"many\": invalid syntax"});
    CHECK(said("timing", "1.5") == texts{"Handler error: strconv.ParseInt: parsing \"1.5\": invalid syntax"});
    CHECK(build_error(b.host, "metric: { type: pile, name: c }")
        == "failed to init processor <no label> path root.pipeline.processors.0: metric type unrecognised: pile");
}

TEST_CASE("sync_response: passes the batch on where nobody waits for it", "[processor][sync_response]")
{
    bench b;
    CHECK(contents(b.one("sync_response: {}", {"a"})) == std::vector<std::string>{"a"});
}
