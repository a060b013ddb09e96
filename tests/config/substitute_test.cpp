#include <support/catch.hpp>

#include <lambent/config/substitute.hpp>

using namespace lambent;

namespace {

std::optional<std::string> variable(std::string_view name)
{
    if (name == "A")
        return "1";
    if (name == "E")
        return "";
    if (name == "NL")
        return "x\ny";
    if (name == "B64")
        return "YWJj";
    if (name == "B64NL")
        return "eApweQ==";
    return {};
}

} // namespace

TEST_CASE("substitute: as recorded from the original", "[config]")
{
    const std::pair<const char*, const char*> samples[] = {
        {"${A}", "1"}, {"${B:def}", "def"}, {"${E:empty_default}", "empty_default"}, {"${A:x}", "1"}, {"${C:}", ""},
        {"${A.B:dot}", "dot"}, {"${{A}}", "${A}"}, {"${{A:x}}", "${A:x}"}, {"${B:${A}}", "${A}"},
        {"${QQ:YWJj|base64decode}", "abc"}, {"${!json()}", "${!json()}"}, {"$A", "$A"}, {"${B:a|}", "a"}, {"${B:|}", ""},
        {"${B64|base64decode}", "abc"}, {"${UNSET|base64decode}", ""}, {"${B:a:b}", "a:b"}, {"${B:${A}x${E}y}", "${A}x${E}y"},
        {"${B:$}", "$"}, {"${B:{}}", "{}"}, {"${B:a}b}", "ab}"}, {"${}", "${}"}, {"${:x}", "${:x}"}, {"${A", "${A"},
        {"${{B:${A}}}", "${B:1}"}, {"${{{A}}}", "${{{A}}}"}, {"${{A}", "${{A}"}, {"x${A}y${{A}}z", "x1y${A}z"}, {"${NL}", "x\\ny"},
        {"${B:a\nb}", "a\\nb"}, {"${A-B}", "${A-B}"}, {"${E}", ""}, {"${B:${{A}}}", "${A}"}, {"${{A}} ${A}", "${A} 1"},
        {"${{ A }}", "${{ A }}"}, {"${B64:zz|base64decode}", "abc"}, {"${A|}", "${A|}"}, {"${B:${}}", "${}"},
        {"${{A|base64decode}}", "${{A|base64decode}}"}, {"${{A:${B:c}}}", "${A:c}"}, {"${B:${A}", "${A"}, {"${B:${A}}}", "${A}}"},
        {"${{}}", "${{}}"}, {"${B64NL|base64decode}", "x\\npy"}, {"# ${A}", "# 1"}, {"${{A:${!x}}}", "${A:${!x}}"},
        {"${{A:${!x}}", "${A:${!x}"}, {"", ""}, {"$", "$"}, {"${", "${"},
    };
    for (const auto& [text, expected] : samples) {
        INFO(text);
        auto done = config::substitute(text, variable);
        REQUIRE(done.has_value());
        CHECK(done->text == expected);
    }
}

TEST_CASE("substitute: missing variables are listed in order, repeats kept", "[config]")
{
    auto done = config::substitute("${U}${T}${E}${U:x}${U} # ${C:} ${V|base64decode}", variable);
    REQUIRE(done.has_value());
    CHECK(done->missing == std::vector<std::string>{"U", "T", "U", "V"});
}

TEST_CASE("substitute: a decoding that cannot be done is an error", "[config]")
{
    const std::pair<const char*, const char*> samples[] = {
        {"${A|base64decode}", "failed to decode base64-encoded env var: illegal base64 data at input byte 0"},
        {"${B:x|base64decode|base64decode}", "failed to decode base64-encoded env var: illegal base64 data at input byte 1"},
        {"${B:a|b c}", "unknown env var decode function: b c"},
        {"${A|nope}", "unknown env var decode function: nope"},
        {"${B:${A|base64decode}}", "unknown env var decode function: base64decode}"},
    };
    for (const auto& [text, words] : samples) {
        INFO(text);
        auto done = config::substitute(text, variable);
        REQUIRE(!done.has_value());
        CHECK(done.error().detail == words);
    }
}
