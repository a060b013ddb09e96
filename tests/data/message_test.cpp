#include <lambent/data/message.hpp>

#include <support/catch.hpp>

using namespace lambent::data;

TEST_CASE("message: bytes and value follow each other", "[data][message]")
{
    message m(R"({"b":1.0,"a":2})");
    CHECK(m.structured().value().peek("b")->text() == "1.0");
    CHECK(m.bytes() == R"({"b":1.0,"a":2})");
    m.set_structured(value::object({{value("x"), value(1)}}));
    CHECK(m.bytes() == R"({"x":1})");
    m.set_bytes("no json");
    CHECK(m.structured().error().text() == "invalid character 'o' in literal null (expecting 'u')");
    CHECK(message().structured().error().text() == "message is empty");
}

TEST_CASE("message: a copy does not see later changes", "[data][message]")
{
    message a("1");
    a.set_meta("k", value("v"));
    message b = a;
    b.set_meta("k", value("w"));
    b.set_bytes("2");
    b.fail("oops");
    CHECK(a.meta("k")->text() == "v");
    CHECK(a.bytes() == "1");
    CHECK_FALSE(a.failed().has_value());
    b.erase_meta("k");
    CHECK(b.metadata().empty());
    CHECK(a.metadata().size() == 1);
}
