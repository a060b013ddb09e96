#include <lambent/emulator/json_text.hpp>

#include <support/catch.hpp>

#include <string>
#include <vector>

using namespace lambent::emulator;

TEST_CASE("json: whatever is one document is accepted", "[emulator][json]")
{
    const std::vector<std::string> good{"null", "true", " false ", "0", "-0", "12.5e-3", "1E+400", "\"\"", "\"\\u00e9\\n\\\"\"", "\"é漢🦊\"", "[]",
        "[ ]", "{}", "{ }", "[1,[2,[]],{\"a\":{}}]", "{\"a\":1,\"b\":[null,true],\"a\":2}", "\r\n\t{\"x\" : 1 }\n", "\"\\ud800\""};
    for (const auto& text : good) {
        INFO(text);
        CHECK_FALSE(find_json_flaw(text));
    }
}

TEST_CASE("json: whatever is not one document is refused, and every proper beginning of one", "[emulator][json]")
{
    const std::vector<std::string> bad{"", " ", "hello", "{", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{\"a\":}", "[1 2]", "01", "-", "1.", ".5", "1e",
        "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", "{} {}", "nul", "True", "[}", "{]", "'a'", "]", "1 x"};
    for (const auto& text : bad) {
        INFO(text);
        CHECK(find_json_flaw(text));
    }
    const std::string whole = R"({"a":[1,2.5,{"b":"\u00e9x"},null,true],"c":{}})";
    for (std::size_t length = 0; length < whole.size(); ++length) {
        INFO(whole.substr(0, length));
        CHECK(find_json_flaw(std::string_view(whole).substr(0, length)));
    }
}

TEST_CASE("json: the flaw says what and where, as the service's parser does", "[emulator][json]")
{
    const auto token = find_json_flaw("test data");
    REQUIRE(token);
    CHECK(token->message == "Unrecognized token 'test': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')");
    CHECK(token->offset == 0);
    const auto character = find_json_flaw("{\"a\": <}");
    REQUIRE(character);
    CHECK(character->message == "Unexpected character ('<' (code 60)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')");
    CHECK(character->offset == 6);
    CHECK(find_json_flaw("[1, 2")->message == "Unexpected end-of-input");
    CHECK(find_json_flaw("\"\x97\"")->message == "Invalid UTF-8 byte 151");
}

TEST_CASE("json: nesting has a limit, and reaching it uses no stack", "[emulator][json]")
{
    CHECK_FALSE(find_json_flaw(std::string(json_depth_max, '[') + std::string(json_depth_max, ']')));
    CHECK(find_json_flaw(std::string(json_depth_max + 1, '[') + std::string(json_depth_max + 1, ']')));
    CHECK(find_json_flaw(std::string(5'000'000, '[')));
}

TEST_CASE("json: what is quoted is a document again, whatever bytes it had", "[emulator][json]")
{
    std::string every;
    for (int byte = 0; byte < 256; ++byte)
        every += static_cast<char>(byte);
    for (const std::string& text : {every, std::string("a\"b\\c\n\r\t\x01"), std::string("é漢🦊"), std::string("\xe6\xbc"), std::string()}) {
        std::string quoted;
        append_quoted(quoted, text);
        CHECK_FALSE(find_json_flaw(quoted));
    }
    std::string quoted;
    append_quoted(quoted, "a\"b\\\n\x01\xffé");
    CHECK(quoted == "\"a\\\"b\\\\\\n\\u0001\xEF\xBF\xBDé\"");
}
