#include <lambent/data/json.hpp>
#include <lambent/data/number_text.hpp>

#include <support/catch.hpp>

#include <limits>

using namespace lambent::data;

namespace {

std::string error_of(std::string_view text)
{
    const auto read = read_json(text);
    return read ? "no error" : read.error().text();
}

std::string rewritten(std::string_view text) { return write_json(read_json(text).value()).value(); }

} // namespace

TEST_CASE("json: refusals have Go's words", "[data][json]")
{
    CHECK(error_of("nope") == "invalid character 'o' in literal null (expecting 'u')");
    CHECK(error_of("x") == "invalid character 'x' looking for beginning of value");
    CHECK(error_of("{\"a\"}") == "invalid character '}' after object key");
    CHECK(error_of("{\"a\":1") == "unexpected EOF");
    CHECK(error_of("{\"a\":1]") == "invalid character ']' after object key:value pair");
    CHECK(error_of("[1 2]") == "invalid character '2' after array element");
    CHECK(error_of("{a:1}") == "invalid character 'a' looking for beginning of object key string");
    CHECK(error_of("{} {}") == "message contains multiple valid documents");
    CHECK(error_of("{} true x") == "invalid character 'x' looking for beginning of value");
    CHECK(error_of("{} 1 2") == "message contains multiple valid documents");
    CHECK(error_of("{} x") == "invalid character 'x' looking for beginning of value");
    CHECK(error_of("\"a\nb\"") == "invalid character '\\n' in string literal");
    CHECK(error_of("\"\\q\"") == "invalid character 'q' in string escape code");
    CHECK(error_of("\"\\u00g0\"") == "invalid character 'g' in \\u hexadecimal character escape");
    CHECK(error_of("-x") == "invalid character 'x' in numeric literal");
    CHECK(error_of("1.x") == "invalid character 'x' after decimal point in numeric literal");
    CHECK(error_of("1ex") == "invalid character 'x' in exponent of numeric literal");
    CHECK(error_of("\xc3\xa9") == "invalid character '\xc3\x83' looking for beginning of value");
    CHECK(error_of("[1,]") == "invalid character ']' looking for beginning of value");
    CHECK(error_of(std::string(10'001, '[')) == "exceeded max depth");
    CHECK(error_of("  ") == "EOF");
}

TEST_CASE("json: an untouched document keeps its numbers' text, its keys are sorted", "[data][json]")
{
    CHECK(rewritten(R"( {"b": 1.0, "a": [1e3, 12345678901234567890123, -0.0], "a2":null} )") ==
        R"({"a":[1e3,12345678901234567890123,-0.0],"a2":null,"b":1.0})");
    CHECK(rewritten(R"({"a":1,"a":{"b":2}})") == R"({"a":{"b":2}})");
}

TEST_CASE("json: texts are escaped as Go does without HTML", "[data][json]")
{
    CHECK(rewritten("\"<&>\\u2028\\u0001\\n\\/\\ud83d\\ude00\"") == "\"<&>\\u2028\\u0001\\n/\xf0\x9f\x98\x80\"");
    CHECK(rewritten("\"\xff\"") == "\"\xef\xbf\xbd\"");
    CHECK(rewritten(R"("\ud800x")") == "\"\xef\xbf\xbdx\"");
    std::string out;
    write_json_string(out, "<\xff>", true);
    CHECK(out == "\"\\u003c\\ufffd\\u003e\"");
}

TEST_CASE("json: floats are written by Go's thresholds", "[data][json]")
{
    CHECK(json_float(1e21) == "1e+21");
    CHECK(json_float(1e20) == "100000000000000000000");
    CHECK(json_float(1e-7) == "1e-7");
    CHECK(json_float(0.000001) == "0.000001");
    CHECK(json_float(-2.50) == "-2.5");
    CHECK(json_float(0.1 + 0.2) == "0.30000000000000004");
    CHECK(shortest_float(1e6) == "1e+06");
    CHECK(shortest_float(123456.0) == "123456");
    CHECK(shortest_float(0.00001) == "1e-05");
    const auto bad = write_json(value(std::numeric_limits<double>::quiet_NaN()));
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().text() == "json: unsupported value: NaN");
}

TEST_CASE("json: indented output", "[data][json]")
{
    const value v = read_json(R"({"a":[1,{}],"b":[]})").value();
    CHECK(write_json(v, {.indent = "  "}).value() == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}
