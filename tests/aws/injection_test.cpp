#include "simulated_lambda.hpp"

#include <lambent/aws/lambda_protocol.hpp>

using namespace lambent;
using namespace lambent::aws;
using namespace std::chrono_literals;

namespace {

const std::string_view hostile[] = {"a\r\nX-Evil: 1", "a\nb", "a\rb", std::string_view("a\0b", 3), "a b", " a", "a/b", "/", "..", ".", "a/../b", "a..b", "../../x",
    "%2f", "a%2Fb", "a%00", "a@b", "a#b", "a?b=c", "a&b", "a\\b", "a\"b", "a'b", "a<b>", "a;b", "a,b", "a=b", "a+b", "a~b", "\xc3\xa9", "a\x7f" "b", "\xff", "\t"};

} // namespace

TEST_CASE("injection: a function's name that could break out is refused, and no connection is touched", "[aws][injection]")
{
    for (const std::string_view text : hostile) {
        INFO(text);
        bench b;
        b.call.function = text;
        const auto reply = b.invoke();
        REQUIRE_FALSE(reply);
        CHECK(reply.error().code == errc::invalid_call);
        CHECK(reply.error().certainty == certainty::not_sent);
        CHECK(b.report.attempts == 0);
        CHECK(b.network.dialled() == 0);
    }
}

TEST_CASE("injection: so is a qualifier", "[aws][injection]")
{
    for (const std::string_view text : hostile) {
        INFO(text);
        if (text == "a..b")
            continue; // in a query it is two dots
        bench b;
        b.call.qualifier = text;
        CHECK(b.invoke().error().code == errc::invalid_call);
        CHECK(b.network.dialled() == 0);
    }
}

TEST_CASE("injection: what functions, versions and aliases are called goes through as it is", "[aws][injection]")
{
    for (const std::string_view name : {"f", "my-function_2", "name:prod", "name:$LATEST", "123456789012:function:f",
             "arn:aws:lambda:eu-west-1:123456789012:function:f:7", "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:a.b"}) {
        bench b;
        b.call.function = name;
        b.call.qualifier = "$LATEST.PUBLISHED";
        CHECK(b.invoke());
    }
}

TEST_CASE("injection: sent on request, a strange name stays one segment of the path", "[aws][injection]")
{
    for (const std::string_view text : hostile) {
        if (text == ".." || text == ".")
            continue; // refused even then
        INFO(text);
        bench b;
        b.options.any_function_name = true;
        b.call.function = text;
        b.call.qualifier = text;
        REQUIRE(b.invoke());
        REQUIRE(b.requests.size() == 1);
        const std::string& path = b.requests[0].path;
        const std::string name = path.substr(22, path.size() - 22 - 12);
        CHECK(path.substr(0, 22) == "/2015-03-31/functions/");
        CHECK(path.substr(path.size() - 12) == "/invocations");
        CHECK(name.find_first_of("/?#@ \r\n") == std::string::npos);
        CHECK(b.requests[0].query.find_first_of("&?#@ \r\n") == std::string::npos);
        CHECK(b.requests[0].header("x-evil") == "(none)");
        CHECK(b.verified(b.requests[0]));
    }
}

TEST_CASE("injection: a region or an endpoint that is no host is refused, and no connection is touched", "[aws][injection]")
{
    for (const std::string_view region : {"eu-west-1.evil.com", "eu-west-1/", "a@b", "a#", "a?", "a:80", "a b", "a\r\nb", "%2f", "\xc3\xa9", "..", "-a"}) {
        INFO(region);
        bench b;
        b.options.region = region;
        CHECK(b.invoke().error().code == errc::invalid_configuration);
        CHECK(b.network.dialled() == 0);
    }
    for (const std::string_view url : {"http://h\r\nX: 1/", "http://a b/", "http://user@h/", "http://h/a b", "http://h/?q=1", "http://h/#f", "ftp://h/", "h", "http://",
             "http://h:0x50/", "http://h:99999/"}) {
        INFO(url);
        bench b;
        b.options.endpoint = url;
        const auto reply = b.invoke();
        REQUIRE_FALSE(reply);
        CHECK(reply.error().code == errc::invalid_configuration);
        CHECK(b.network.dialled() == 0);
    }
}

TEST_CASE("injection: a client context goes as base64, without controls", "[aws][injection]")
{
    bench fine;
    fine.call.client_context = R"({"a":"\r\nX-Evil: 1"})";
    REQUIRE(fine.invoke());
    CHECK(fine.requests[0].header("x-evil") == "(none)");
    for (const std::string_view text : {std::string_view("{}\r\nX: 1"), std::string_view("{\0}", 3), std::string_view("\x7f")}) {
        bench b;
        b.call.client_context = text;
        CHECK(b.invoke().error().code == errc::invalid_call);
        CHECK(b.network.dialled() == 0);
    }
}

TEST_CASE("injection: a trace id is encoded where it could break out", "[aws][injection]")
{
    bench b;
    b.options.trace_id = "Root=1\r\nX-Evil: 1";
    REQUIRE(b.invoke());
    CHECK(b.requests[0].header("x-evil") == "(none)");
    CHECK(b.requests[0].header("x-amzn-trace-id") == "Root=1%0D%0AX-Evil: 1");
}

TEST_CASE("injection: keys that could break out of a header are refused, and nothing is sent", "[aws][injection]")
{
    for (const std::string_view text : {"QX\r\nX-Evil: 1", "QX\nb", "QX b", "QX\x7f", "QX\xc3\xa9"}) {
        for (const bool in_id : {true, false}) {
            INFO(text << (in_id ? " as id" : " as token"));
            bench b;
            credentials bad = keys(in_id ? std::string(text) : "AKID");
            if (!in_id)
                bad.token = secret_string(std::string(text));
            b.source = make_static_source(std::move(bad));
            const auto reply = b.invoke();
            REQUIRE_FALSE(reply);
            CHECK(reply.error().code == errc::no_credentials);
            CHECK(reply.error().detail.find("QX") == std::string::npos);
            CHECK(b.network.dialled() == 0);
        }
    }
}
