#include <support/catch.hpp>

#include <lambent/config/node.hpp>

#include <limits>

using namespace lambent;
using namespace std::chrono_literals;

TEST_CASE("duration: Go's forms are read exactly", "[config]")
{
    const std::pair<const char*, core::duration> samples[] = {
        {"0", 0s}, {"-0", 0s}, {"5s", 5s}, {"1h2m3s", 3723s}, {"100ms", 100ms}, {"1.5h", 90min}, {"+5s", 5s}, {"-5s", -5s},
        {".5s", 500ms}, {"5.s", 5s}, {"1us", 1us}, {"1µs", 1us}, {"1μs", 1us}, {"10ns", 10ns}, {"0s", 0s},
        {"9223372036854775807ns", core::duration::max()}, {"-9223372036854775808ns", core::duration::min()},
        {"0.3333333333333333333h", core::duration(1'200'000'000'000)}, {"0.100000000000000000000h", 6min},
        {"2562047h47m16.854775807s", core::duration::max()}, {"1m1m", 2min},
    };
    for (const auto& [text, value] : samples) {
        INFO(text);
        auto read = config::parse_duration(text);
        REQUIRE(read.has_value());
        CHECK(*read == value);
    }
}

TEST_CASE("duration: what is wrong is told in Go's words", "[config]")
{
    const std::pair<const char*, const char*> samples[] = {
        {"", "time: invalid duration \"\""},
        {"x", "time: invalid duration \"x\""},
        {"-", "time: invalid duration \"-\""},
        {".s", "time: invalid duration \".s\""},
        {"5", "time: missing unit in duration \"5\""},
        {"5.5", "time: missing unit in duration \"5.5\""},
        {"5d", "time: unknown unit \"d\" in duration \"5d\""},
        {"5 s", "time: unknown unit \" s\" in duration \"5 s\""},
        {"1h5", "time: missing unit in duration \"1h5\""},
        {"9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""},
        {"3000000h", "time: invalid duration \"3000000h\""},
        {"99999999999999999999s", "time: invalid duration \"99999999999999999999s\""},
        {"\"\\", "time: invalid duration \"\\\"\\\\\""},
        {"1é", "time: unknown unit \"\\xc3\\xa9\" in duration \"1\\xc3\\xa9\""},
    };
    for (const auto& [text, words] : samples) {
        auto read = config::parse_duration(text);
        REQUIRE(!read.has_value());
        CHECK(read.error().detail == words);
    }
}
