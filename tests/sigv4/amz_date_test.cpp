#include <lambent/sigv4/amz_date.hpp>

#include <support/catch.hpp>

#include <chrono>

using namespace lambent;
using namespace lambent::sigv4;
using namespace std::chrono_literals;

namespace {

std::string written(core::wall_time at)
{
    std::string text;
    CHECK(append_amz_date(text, at));
    return text;
}

core::wall_time at_second(std::int64_t unix_seconds)
{
    return core::wall_time(std::chrono::seconds(unix_seconds));
}

} // namespace

TEST_CASE("date: the suite's moment, both ways", "[sigv4][date]")
{
    CHECK(written(at_second(1440938160)) == "20150830T123600Z");
    CHECK(parse_amz_date("20150830T123600Z") == at_second(1440938160));
}

TEST_CASE("date: fractions of a second are cut off, before 1970 too", "[sigv4][date]")
{
    CHECK(written(at_second(1440938160) + 999ms) == "20150830T123600Z");
    CHECK(written(at_second(0) - 1ns) == "19691231T235959Z");
}

TEST_CASE("date: leap days and year ends", "[sigv4][date]")
{
    for (const std::string_view text : {"20240229T235959Z", "19991231T235959Z", "20000101T000000Z", "21000228T000001Z"}) {
        REQUIRE(parse_amz_date(text));
        CHECK(written(*parse_amz_date(text)) == text);
    }
}

TEST_CASE("date: what is not a date is none", "[sigv4][date]")
{
    for (const std::string_view text : {"", "20150830", "20150830T123600", "20150830T123600z", "2015083aT123600Z", "20150230T000000Z",
             "20151330T000000Z", "20150830T240000Z", "20150830T126000Z", "20150830T123661Z", "00000830T123600Z", "20150830T123600ZZ",
             "-0150830T123600Z", "99990830T123600Z"})
        CHECK_FALSE(parse_amz_date(text));
}

TEST_CASE("date: the Date header of HTTP", "[sigv4][date]")
{
    CHECK(parse_http_date("Sun, 30 Aug 2015 12:36:00 GMT") == at_second(1440938160));
    CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == at_second(784111777));
    for (const std::string_view text : {"", "Sun, 30 Aug 2015 12:36:00 CET", "Sun, 30 AUG 2015 12:36:00 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
             "Sun Nov  6 08:49:37 1994", "Sun, 31 Feb 2015 12:36:00 GMT", "Sun, 3x Aug 2015 12:36:00 GMT"})
        CHECK_FALSE(parse_http_date(text));
}
