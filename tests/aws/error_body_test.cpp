#include <lambent/aws/error_body.hpp>

#include <support/catch.hpp>

#include <string>

using namespace lambent;
using namespace lambent::aws;

namespace {

std::string refused(std::string_view text)
{
    auto read = read_error_body(text);
    REQUIRE_FALSE(read);
    return read.error().detail;
}

error_body accepted(std::string_view text)
{
    auto read = read_error_body(text);
    REQUIRE(read);
    return *read;
}

} // namespace

TEST_CASE("error body: code and message, whatever the names' case", "[aws][error_body]")
{
    CHECK(accepted(R"({"code":"A","message":"b"})").code == "A");
    CHECK(accepted(R"({"CODE":"A","Message":"b"})").message == "b");
    CHECK(accepted(R"({"__type":"T","message":"m"})").code == "T");
    CHECK(accepted(R"({"__type":"T","code":"C"})").code == "C");
    CHECK(accepted(R"({"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"})").reason == "ReservedFunctionConcurrentInvocationLimitExceeded");
    CHECK(accepted(R"({"message":"first","MESSAGE":"last"})").message == "last");
}

TEST_CASE("error body: nothing, null and unknown members are no error", "[aws][error_body]")
{
    CHECK(accepted("").message.empty());
    CHECK(accepted(" \r\n\t").message.empty());
    CHECK(accepted("null").code.empty());
    CHECK(accepted("{}").code.empty());
    CHECK(accepted(R"({"message":null,"other":[1,{"message":"inner"}],"x":{"code":"inner"}})").message.empty());
}

TEST_CASE("error body: what follows the first value is not looked at", "[aws][error_body]")
{
    CHECK(accepted(R"({"message":"m"} <html>)").message == "m");
    CHECK(accepted(R"({"message":"m"}])").message == "m");
}

TEST_CASE("error body: escapes, surrogates and bad UTF-8 are read as Go reads them", "[aws][error_body]")
{
    CHECK(accepted(R"({"message":"a\"b\\c\/d\b\f\n\r\t"})").message == "a\"b\\c/d\b\f\n\r\t");
    CHECK(accepted(R"({"message":"\u0041\u00e9\u1234\ud83d\ude00"})").message == "A\xc3\xa9\xe1\x88\xb4\xf0\x9f\x98\x80");
    CHECK(accepted(R"({"message":"\ud83d\ud83d\ude00x\udc00"})").message == "\xef\xbf\xbd\xf0\x9f\x98\x80x\xef\xbf\xbd");
    CHECK(accepted("{\"message\":\"\xc3\xa9 \xff \xe1\x88\"}").message == "\xc3\xa9 \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd");
    CHECK(accepted(R"({"m\u0065ssage":"m"})").message == "m");
}

TEST_CASE("error body: garbage is refused in Go's words", "[aws][error_body]")
{
    CHECK(refused("<html>oops</html>") == "invalid character '<' looking for beginning of value");
    CHECK(refused("oops") == "invalid character 'o' looking for beginning of value");
    CHECK(refused("'") == R"(invalid character '\'' looking for beginning of value)");
    CHECK(refused("\x01") == R"(invalid character '\x01' looking for beginning of value)");
    CHECK(refused("\xff") == "invalid character '\xc3\xbf' looking for beginning of value");
    CHECK(refused("\x80") == R"(invalid character '\u0080' looking for beginning of value)");
    CHECK(refused("{x") == "invalid character 'x' looking for beginning of object key string");
    CHECK(refused("{,") == "invalid character ',' looking for beginning of object key string");
    CHECK(refused(R"({"a":1,})") == "invalid character '}' looking for beginning of object key string");
    CHECK(refused(R"({"a" 1})") == "invalid character '1' after object key");
    CHECK(refused(R"({"a":1 2})") == "invalid character '2' after object key:value pair");
    CHECK(refused("[1 2]") == "invalid character '2' after array element");
    CHECK(refused("[1,]") == "invalid character ']' looking for beginning of value");
    CHECK(refused("[1}") == "invalid character '}' after array element");
    CHECK(refused("{\"a\":\"\n\"}") == R"(invalid character '\n' in string literal)");
    CHECK(refused(R"({"a":"\x"})") == "invalid character 'x' in string escape code");
    CHECK(refused(R"({"a":"\u12g4"})") == R"(invalid character 'g' in \u hexadecimal character escape)");
    CHECK(refused("tru ") == "invalid character ' ' in literal true (expecting 'e')");
    CHECK(refused("nil") == "invalid character 'i' in literal null (expecting 'u')");
    CHECK(refused("-x") == "invalid character 'x' in numeric literal");
    CHECK(refused("1.x") == "invalid character 'x' after decimal point in numeric literal");
    CHECK(refused("1ex") == "invalid character 'x' in exponent of numeric literal");
    CHECK(refused(R"({"a":01})") == "invalid character '1' after object key:value pair");
}

TEST_CASE("error body: cut anywhere, an object is an unexpected end", "[aws][error_body]")
{
    const std::string text = R"({"message":"m\u0041","list":[1.5e3,true,null,{}],"x":-2})";
    for (std::size_t cut = 1; cut < text.size(); ++cut)
        CHECK(refused(std::string_view(text).substr(0, cut)) == "unexpected EOF");
    CHECK(accepted(text).message == "mA");
}

TEST_CASE("error body: another type than an object, or than a text, is named", "[aws][error_body]")
{
    const std::string type = R"(Go value of type struct { Code string; Type string "json:\"__type\""; Message string })";
    CHECK(refused("[]") == "json: cannot unmarshal array into " + type);
    CHECK(refused("\"text\"") == "json: cannot unmarshal string into " + type);
    CHECK(refused("12") == "json: cannot unmarshal number into " + type);
    CHECK(refused("false") == "json: cannot unmarshal bool into " + type);
    CHECK(refused(R"({"message":5})") == "json: cannot unmarshal number into Go struct field .Message of type string");
    CHECK(refused(R"({"code":{},"message":5})") == "json: cannot unmarshal object into Go struct field .Code of type string");
    CHECK(refused(R"({"__type":[1]})") == "json: cannot unmarshal array into Go struct field .__type of type string");
}

TEST_CASE("error body: depth is bounded", "[aws][error_body]")
{
    CHECK(refused(std::string(10001, '[')) == "exceeded max depth");
    CHECK(refused(std::string(10000, '[')) == "unexpected EOF");
}

TEST_CASE("error body: what a function says of its own failure is read, and nothing else is taken for it", "[aws]")
{
    const auto said = aws::read_function_failure(R"({"errorMessage":"division by \"zero\"","errorType":"ZeroDivisionError","stackTrace":["a"],"more":{"errorType":"x"}})");
    CHECK(said.type == "ZeroDivisionError");
    CHECK(said.message == "division by \"zero\"");
    for (const std::string_view other : {"", "not json", "[1]", "\"text\"", R"({"errorType":5,"errorMessage":null})", R"({"errorMessage":"cut)"}) {
        CAPTURE(std::string(other));
        CHECK(aws::read_function_failure(other).type.empty());
        CHECK(aws::read_function_failure(other).message.empty());
    }
}
