#include <support/catch.hpp>

#include <lambent/config/errc.hpp>
#include <lambent/config/node.hpp>

using namespace lambent;
using config::node;

namespace {

node parsed(std::string_view text)
{
    auto read = node::parse(text, "f.yaml");
    INFO(text);
    REQUIRE(read.has_value());
    return *read;
}

std::string flaw_of(std::string_view text)
{
    auto read = node::parse(text, "f.yaml");
    INFO(text);
    REQUIRE(!read.has_value());
    return read.error().detail;
}

std::string at(const config::place& p) { return p.file + ":" + std::to_string(p.line) + ":" + std::to_string(p.column); }

} // namespace

TEST_CASE("node: reads chain through what is missing", "[config]")
{
    const node root = parsed("a:\n  b: 5\n");
    CHECK(root.get("a").get("b").text() == "5");
    const node none = root.get("x").get("y").at(3).get("z");
    CHECK_FALSE(none.exists());
    CHECK(none.text().empty());
    CHECK(none.size() == 0);
    CHECK(none.items().empty());
    CHECK(none.tag().empty());
    CHECK(node().where().line == 1);
}

TEST_CASE("node: places of values and keys are those of the first character", "[config]")
{
    const node root = parsed("a: 1\nb:\n  - x\n  -   y\nc: {d: 'e', ü: f}\nn:\nk: |\n  text\n");
    CHECK(at(root.where()) == "f.yaml:1:1");
    CHECK(at(root.get("a").where()) == "f.yaml:1:4");
    CHECK(at(root.get("a").key_place()) == "f.yaml:1:1");
    CHECK(at(root.get("b").where()) == "f.yaml:3:3");
    CHECK(at(root.get("b").key_place()) == "f.yaml:2:1");
    CHECK(at(root.get("b").at(1).where()) == "f.yaml:4:7");
    CHECK(at(root.get("c").get("d").where()) == "f.yaml:5:8");
    CHECK(at(root.get("c").get("ü").where()) == "f.yaml:5:16"); // characters, not bytes
    CHECK(root.get("n").where().line == 6);
    CHECK(at(root.get("k").where()) == "f.yaml:7:4");
    CHECK(root.get("k").is_block_scalar());
    CHECK_FALSE(root.get("a").is_block_scalar());
}

TEST_CASE("node: JSON is read as YAML", "[config]")
{
    const node root = parsed(R"({"a": [1, 2.5, true, null, "x\u0041"], "b": {}})");
    CHECK(root.get("a").at(4).text() == "xA");
    CHECK(root.to_json() == R"({"a":[1,2.5,true,null,"xA"],"b":{}})");
}

TEST_CASE("node: to_json follows YAML's types", "[config]")
{
    CHECK(parsed("[0x10, 010, 1_000, '5', .5, 1e3, yes, ~, .inf, \"a\\tb\\x01\"]").to_json()
        == R"([16,8,1000,"5",0.5,1e3,"yes",null,".inf","a\tb\u0001"])");
    CHECK(parsed("a: !!str 5\nb: !!int '7'").to_json() == R"({"a":"5","b":7})");
    CHECK(node().to_json() == "null");
}

TEST_CASE("node: aliases stand for their anchor's value, at its place", "[config]")
{
    const node root = parsed("a: &x\n  b: 1\nc: *x\n");
    CHECK(root.get("c").get("b").text() == "1");
    CHECK(root.get("c").where().line == 1); // of the anchor itself, as in the original
    CHECK(root.get("c").key_place().line == 3);
    CHECK(root.get("c").is_alias());
    CHECK_FALSE(root.get("a").is_alias());
}

TEST_CASE("node: a merged alias gives what is not written beside it", "[config]")
{
    const node root = parsed("d: &d\n  a: 1\n  b: 2\ne:\n  <<: *d\n  b: 3\nf:\n  <<: {a: 1}\n");
    const node e = root.get("e");
    CHECK(e.get("a").text() == "1");
    CHECK(e.get("b").text() == "3");
    CHECK(e.size() == 2);
    CHECK(e.items_as_written().front().first == "<<");
    // The original merges aliases only.
    CHECK(root.get("f").get("<<").is_map());
    CHECK_FALSE(root.get("f").get("a").exists());
}

TEST_CASE("node: of a key written twice the last counts", "[config]")
{
    const node root = parsed("a: 1\nb: 2\na: 3\n");
    CHECK(root.get("a").text() == "3");
    CHECK(root.size() == 2);
    CHECK(root.items().front().second.text() == "3");
    CHECK(root.items_as_written().size() == 3);
}

TEST_CASE("node: only the first document of a stream is read", "[config]")
{
    CHECK(parsed("--- \na: 1\n---\nb: [\n").get("a").text() == "1");
}

TEST_CASE("node: an empty document is null at line 0", "[config]")
{
    CHECK(parsed("").is_null());
    CHECK(parsed("# only words\n").where().line == 0);
    CHECK(parsed("null\n").where().line == 1);
}

TEST_CASE("node: what is no YAML is told in the words and with the line of Go's parser", "[config]")
{
    struct sample { const char* text; const char* flaw; };
    const sample samples[] = {
        {"input: [unclosed\n", "yaml: line 1: did not find expected ',' or ']'"},
        {"input:\n\tstdin: {}\n", "yaml: line 2: found character that cannot start any token"},
        {"a: b: c\n", "yaml: mapping values are not allowed in this context"},
        {"a:\n  - b\n c: d\n", "yaml: line 2: did not find expected key"},
        {"a: 'x\nb: c\n", "yaml: line 3: found unexpected end of stream"},
        {"a: \"\\q\"\n", "yaml: found unknown escape character"},
        {"a: @x\n", "yaml: found character that cannot start any token"},
        {"a: *nope\n", "yaml: unknown anchor 'nope' referenced"},
        {"a: &a [*a]\n", "yaml: anchor 'a' value contains itself"},
        {"a: |\n\tx\n", "yaml: line 2: found a tab character where an indentation space is expected"},
        {"- a\nb: c\n", "yaml: line 1: did not find expected '-' indicator"},
        {"a: [1,,2]\n", "yaml: did not find expected node content"},
        {"a: \x01\n", "yaml: control characters are not allowed"},
        {"a: !<x\n", "yaml: did not find the expected '>'"},
        // Go has two more tokens read when it meets an error, and reports what is wrong there.
        {"a: {}b:\n c: d\n", "yaml: mapping values are not allowed in this context"},
        {"key\nother: 1\n", "yaml: line 2: mapping values are not allowed in this context"},
    };
    for (const sample& s : samples)
        CHECK(flaw_of(s.text) == std::string("f.yaml(1,1) ") + s.flaw);
}

TEST_CASE("node: depth, size and the expansion of aliases are bounded", "[config]")
{
    CHECK(flaw_of(std::string(300, '[')).find("nested deeper than 200 levels") != std::string::npos);
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int n = 0; n < 10; ++n)
            laughs += (n ? ", " : "") + before;
        laughs += "]\n";
    }
    CHECK(flaw_of(laughs) == "f.yaml(1,1) yaml: document contains excessive aliasing");
    auto big = node::parse(std::string(17 * 1024 * 1024, ' '), "f.yaml");
    REQUIRE(!big.has_value());
    CHECK(big.error().code == config::errc::too_large);
}

TEST_CASE("node: every prefix of a document is read or refused, nothing else", "[config]")
{
    const std::string text = "a: &x {b: [1, 'two', \"th\\u0041ree\"]}\nc:\n  - *x\n  - <<: *x\n    d: |\n      e\n? f\n: !!binary aGk=\n";
    for (std::size_t n = 0; n <= text.size(); ++n) {
        auto read = node::parse(std::string_view(text).substr(0, n), "f");
        if (read)
            CHECK_FALSE(read->to_json().empty());
        else
            CHECK_FALSE(read.error().detail.empty());
    }
}

TEST_CASE("node: with replaces one value and leaves the original and other aliases alone", "[config]")
{
    const node root = parsed("a: &x\n  b: 1\nc: *x\nl: [{m: 1}, {m: 2}]\n");
    const node five = parsed("5");
    auto changed = root.with("c.b", five);
    REQUIRE(changed.has_value());
    CHECK(changed->get("c").get("b").text() == "5");
    CHECK(changed->get("a").get("b").text() == "1");
    CHECK(root.get("c").get("b").text() == "1");
    auto second = changed->with("l.1.m", five);
    REQUIRE(second.has_value());
    CHECK(second->to_json() == R"({"a":{"b":1},"c":{"b":5},"l":[{"m":1},{"m":5}]})");
    auto made = second->with("new.deep.er", parsed("{x: [y]}"));
    REQUIRE(made.has_value());
    CHECK(made->get("new").to_json() == R"({"deep":{"er":{"x":["y"]}}})");
    auto appended = root.with("l.-", five);
    REQUIRE(appended.has_value());
    CHECK(appended->get("l").to_json() == R"([{"m":1},{"m":2},5])");
    CHECK(root.with("l.7", five).error().detail == "l.7: 7: the list has 2 elements");
    CHECK(root.with("l.x.m", five).error().detail == "l.x.m: x: not an index of the list");
    CHECK(node().with("a.b", five)->to_json() == R"({"a":{"b":5}})");
}
