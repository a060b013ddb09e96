#include "fake_host.hpp"

using namespace lambent;
using namespace lambent::test;

namespace {

const std::string document =
    R"({"a":{"b":[1,2.50,1e3],"c":"x"},"l":[3,1,2],"n":3,"o":[{"k":"b","v":1},{"k":"a","v":2}],"s":"str","t":true,"z":null})";

/// What `processor` makes of the document: its contents, or "error: " and the failure.
std::string answer(const std::string& processor, const std::string& query, const std::string& more = {})
{
    bench b;
    std::string quoted;
    for (const char c : query)
        quoted += c == '\'' ? "''" : std::string(1, c);
    const auto found = b.all(processor + ": {query: '" + quoted + "'" + more + "}", messages({document}));
    if (found.empty() || found.front().empty())
        return "nothing";
    const data::message& m = found.front().front();
    return m.failed() ? "error: " + m.failed()->text : std::string(m.bytes());
}

std::string jq(const std::string& query) { return answer("jq", query); }
std::string jmespath(const std::string& query) { return answer("jmespath", query); }

std::string refused(const std::string& processor, const std::string& query)
{
    bench b;
    const std::string text = build_error(b.host, processor + ": {query: '" + query + "'}");
    const std::string before = "failed to init processor <no label> path root.pipeline.processors.0: ";
    return text.starts_with(before) ? text.substr(before.size()) : text;
}

} // namespace

TEST_CASE("jq: one result is the message, several are a list, none filters it", "[processor][jq]")
{
    CHECK(jq(".s") == R"("str")");
    CHECK(jq(".l[]") == "[3,1,2]");
    CHECK(jq("empty") == "nothing");
}

TEST_CASE("jq: numbers that pass through keep their text", "[processor][jq]")
{
    CHECK(jq(".a.b") == "[1,2.50,1e3]");
    CHECK(jq("3.0, .n / 2, (.l | add)") == "[3,1.5,6]");
}

TEST_CASE("jq: errors are worded as the original's", "[processor][jq]")
{
    CHECK(jq(".s.x") == R"(error: expected an object but got: string ("str"))");
    CHECK(jq(".n | .[0]") == "error: expected an array but got: number (3)");
    CHECK(jq(".n[]") == "error: cannot iterate over: number (3)");
    CHECK(jq(".l | sort_by(.x)") == "error: expected an object but got: number (3)");
    CHECK(jq(".n + .s") == R"(error: cannot add: number (3) and string ("str"))");
    CHECK(jq(".n / 0") == "error: cannot divide number (3) by: number (0)");
    CHECK(jq(".n | keys") == "error: keys cannot be applied to: number (3)");
    CHECK(jq(".s | tonumber") == R"(error: tonumber cannot be applied to "str": invalid number)");
    CHECK(jq(". as [$x] | $x") == R"(error: expected an array but got: object ({"a":{"b":[1,2.50,1e3],"c ...}))");
    CHECK(jq(R"(error("boom"))") == "error: error: boom");
    CHECK(jq(R"(try error("boom") catch .)") == R"("boom")");
    CHECK(jq(R"(try (.n + "a") catch .)") == R"x("cannot add: number (3) and string (\"a\")")x");
}

TEST_CASE("jq: newer syntax than the library's is understood", "[processor][jq]")
{
    CHECK(jq("if .z then 1 end") == document);
    CHECK(jq("{a: 1 + 2, b: {c: .l | length}}") == R"({"a":3,"b":{"c":3}})");
    CHECK(jq(". as {a: {c: $x}} | [$x | ascii_upcase, trim]") == R"(["X","x"])");
    CHECK(jq(R"(.o | map({(.k): .v}) | add | pick(.a))") == R"({"a":2})");
}

TEST_CASE("jq: what cannot be parsed or compiled", "[processor][jq]")
{
    CHECK(refused("jq", ".foo |") == "error parsing jq query: unexpected EOF");
    CHECK(refused("jq", ".foo }") == R"(error parsing jq query: unexpected token "}")");
    CHECK(refused("jq", ".a) | (.b") == R"x(error parsing jq query: unexpected token ")")x");
    CHECK(refused("jq", "\"x") == "error parsing jq query: unterminated string literal");
    CHECK(refused("jq", "foo(1)") == "error compiling jq query: function not defined: foo/1");
    CHECK(refused("jq", "$x") == "error compiling jq query: variable not defined: $x");
    CHECK(refused("jq", "input") == "error compiling jq query: input(s)/0 is not allowed");
}

TEST_CASE("jq: raw contents in and raw strings out", "[processor][jq]")
{
    CHECK(answer("jq", "length", ", raw: true") == std::to_string(document.size()));
    CHECK(answer("jq", ".s, .n, [\"<\"]", ", output_raw: true") == R"(str3["\u003c"])");
    CHECK(answer("jq", R"("")", ", output_raw: true").empty());
}

TEST_CASE("jq: metadata is a variable, and the environment is empty", "[processor][jq]")
{
    bench b;
    data::batch batch = messages({"{}"});
    batch[0].set_meta("k", data::value("v"));
    CHECK(contents(b.one("jq: {query: '[$metadata.k, env, $ENV]'}", std::move(batch)))
        == std::vector<std::string>{R"(["v",{},{}])"});
}

TEST_CASE("jq and jmespath: a message that is no JSON fails and stays", "[processor][jq][jmespath]")
{
    bench b;
    for (const std::string config : {"jq: {query: .a}", "jmespath: {query: a}"}) {
        const data::batch done = b.one(config, {"nope"});
        CHECK(contents(done) == std::vector<std::string>{"nope"});
        CHECK(failures(done) == std::vector<std::string>{"invalid character 'o' in literal null (expecting 'u')"});
    }
}

TEST_CASE("jmespath: paths, projections, filters and slices", "[processor][jmespath]")
{
    CHECK(jmespath("a.b[1]") == "2.5");
    CHECK(jmespath("o[*].k") == R"(["b","a"])");
    CHECK(jmespath("o[?v > `1`].k | [0]") == R"("a")");
    CHECK(jmespath("a.b[::-1]") == "[1000,2.5,1]");
    CHECK(jmespath("l[-2:]") == "[1,2]");
    CHECK(jmespath("{x: a.c, \"y z\": [n, t]}") == R"({"x":"x","y z":[3,true]})");
    CHECK(jmespath("z || s && !t") == "false");
    CHECK(jmespath("foo.bar") == "null");
    CHECK(jmespath("&a") == "{}");
    CHECK(jmespath("'it\\'s'") == R"("it's")");
}

TEST_CASE("jmespath: functions check their arguments in the original's words", "[processor][jmespath]")
{
    CHECK(jmespath("sort_by(o, &k)[0].v") == "2");
    CHECK(jmespath("join(', ', o[*].k)") == R"("b, a")");
    CHECK(jmespath("length(n)") == R"(error: Invalid type for: 3, expected: []jmespath.jpType{"string", "array", "object"})");
    CHECK(jmespath("length()") == "error: incorrect number of args");
    CHECK(jmespath("not_null()") == "error: Invalid arity.");
    CHECK(jmespath("foo(s)") == "error: unknown function: foo");
    CHECK(jmespath("l[::0]") == "error: Invalid slice, step cannot be 0");
    CHECK(jmespath("*.length(@)").starts_with("error: Invalid type for: <nil>"));
}

TEST_CASE("jmespath: what cannot be compiled", "[processor][jmespath]")
{
    const std::string before = "failed to compile JMESPath query: ";
    CHECK(refused("jmespath", "a.[") == before + "SyntaxError: Incomplete expression");
    CHECK(refused("jmespath", "a..b") == before + "SyntaxError: Expected identifier, lbracket, or lbrace");
    CHECK(refused("jmespath", "a b") == before + "SyntaxError: Unexpected token at the end of the expression: tUnquotedIdentifier");
    CHECK(refused("jmespath", "~") == before + "SyntaxError: Unknown char: '~'");
    CHECK(refused("jmespath", "`{\"x\":1`") == before + "unexpected end of JSON input");
    CHECK(refused("jmespath", "l[99999999999999999999]")
        == before + "strconv.Atoi: parsing \"99999999999999999999\": value out of range");
    CHECK(refused("jmespath", std::string(5000, '(')).starts_with(before + "SyntaxError: The expression is"));
}
