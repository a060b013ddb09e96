#include <lambent/emulator/function_name.hpp>

#include <support/catch.hpp>

#include <vector>

using namespace lambent::emulator;

namespace {

function_name named(std::string region, std::string account, std::string name, std::string qualifier)
{
    return {std::move(region), std::move(account), std::move(name), std::move(qualifier)};
}

} // namespace

TEST_CASE("function name: each of Lambda's forms is read", "[emulator][name]")
{
    const std::string account = "123456789012";
    CHECK(read_function_name("foo") == named("", "", "foo", ""));
    CHECK(read_function_name("foo:prod") == named("", "", "foo", "prod"));
    CHECK(read_function_name("foo:$LATEST") == named("", "", "foo", "$LATEST"));
    CHECK(read_function_name("my.fn-1_x:7") == named("", "", "my.fn-1_x", "7"));
    CHECK(read_function_name("function:foo") == named("", "", "foo", ""));
    CHECK(read_function_name("123456789012:function:foo") == named("", account, "foo", ""));
    CHECK(read_function_name("123456789012:function:foo:1") == named("", account, "foo", "1"));
    CHECK(read_function_name("arn:aws:lambda:eu-west-1:123456789012:function:foo") == named("eu-west-1", account, "foo", ""));
    CHECK(read_function_name("arn:aws-us-gov:lambda:us-gov-east-1:123456789012:function:foo:$LATEST")
        == named("us-gov-east-1", account, "foo", "$LATEST"));
    CHECK(read_function_name("function") == named("", "", "function", ""));
    CHECK(read_function_name("123456789012") == named("", "", account, ""));
}

TEST_CASE("function name: what is none of them is refused", "[emulator][name]")
{
    for (const std::string text : {"", ":", "foo:", ":foo", "foo:a:b", "fo o", "foo/bar", "foo:pr od", "foo:$latest", "foo:$LATEST:1",
             "arn:aws:lambda:eu-west-1:123456789012:foo", "arn:aws:s3:eu-west-1:123456789012:function:foo", "arn:aws:lambda:nowhere:123456789012:function:foo",
             "arn:aws:lambda:eu-west-1:12345:function:foo", "arn:aws:lambda:eu-west-1:123456789012:function:foo:1:2", "${! json() }", "fö"}) {
        INFO(text);
        CHECK_FALSE(read_function_name(text));
    }
    CHECK_FALSE(read_function_name(std::string(100'000, ':')));
}

TEST_CASE("version: undeclared ones are all accepted, declared ones exclude the rest", "[emulator][name]")
{
    const function_versions open;
    CHECK(executed_version(open, "") == "$LATEST");
    CHECK(executed_version(open, "$LATEST") == "$LATEST");
    CHECK(executed_version(open, "12") == "12");
    CHECK(executed_version(open, "prod") == "$LATEST");
    function_versions declared;
    declared.versions = {"1", "2"};
    declared.aliases = {{"prod", "2"}};
    CHECK(executed_version(declared, "") == "$LATEST");
    CHECK(executed_version(declared, "2") == "2");
    CHECK(executed_version(declared, "prod") == "2");
    CHECK_FALSE(executed_version(declared, "3"));
    CHECK_FALSE(executed_version(declared, "test"));
}
