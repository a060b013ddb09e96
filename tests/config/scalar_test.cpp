#include <support/catch.hpp>

#include <lambent/config/node.hpp>

#include <string>
#include <utility>

using namespace lambent;

TEST_CASE("scalar: untagged text is what Go's yaml.v3 takes it for", "[config]")
{
    const std::pair<const char*, const char*> samples[] = {
        {"5", "!!int"}, {"-5", "!!int"}, {"+5", "!!int"}, {"0x1F", "!!int"}, {"0o17", "!!int"}, {"017", "!!int"},
        {"0b11", "!!int"}, {"1_000", "!!int"}, {"18446744073709551615", "!!int"}, {"18446744073709551616", "!!float"},
        {"-9223372036854775808", "!!int"}, {"-9223372036854775809", "!!float"}, {"09", "!!float"}, {"0x", "!!str"},
        {"1.5", "!!float"}, {".5", "!!float"}, {"1.", "!!float"}, {"1e3", "!!float"}, {"-1.5E-3", "!!float"}, {".inf", "!!float"},
        {"-.INF", "!!float"}, {".nan", "!!float"}, {".", "!!str"}, {"1e", "!!str"}, {"1.2.3", "!!str"}, {"5s", "!!str"},
        {"true", "!!bool"}, {"TRUE", "!!bool"}, {"False", "!!bool"}, {"tRue", "!!str"}, {"yes", "!!str"}, {"on", "!!str"}, {"n", "!!str"},
        {"~", "!!null"}, {"null", "!!null"}, {"NULL", "!!null"}, {"nUll", "!!str"},
        {"2001-01-01", "!!timestamp"}, {"2001-1-1", "!!timestamp"}, {"2001-12-14t21:59:43.10-05:00", "!!timestamp"}, {"2001-12", "!!str"},
        {"2001-13-01", "!!str"}, {"2001-01-01 10:00:00", "!!timestamp"}, {"2001-01-01 10:00:00Z", "!!str"}, {"2001-01-01T10:00:00", "!!str"},
        {"2001-01-01T1:0:0.5Z", "!!timestamp"}, {"2001-01-01 10:0x", "!!str"}, {"2001-01-01T25:00:00Z", "!!str"},
        {"hello", "!!str"}, {"- 5", "!!seq"}, {"'5'", "!!str"}, {"\"true\"", "!!str"}, {"!!str 5", "!!str"}, {"! 5", "!!str"},
        {"!!float 5", "!!float"}, {"!custom 5", "!custom"},
    };
    for (const auto& [text, tag] : samples) {
        INFO(text);
        auto read = config::node::parse(text, "f");
        REQUIRE(read.has_value());
        CHECK(read->tag() == tag);
    }
}

TEST_CASE("scalar: !!binary is decoded", "[config]")
{
    CHECK(config::node::parse("!!binary aGk=", "f")->text() == "hi");
    CHECK_FALSE(config::node::parse("!!binary '*'", "f").has_value());
}
