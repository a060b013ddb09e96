#include <lambent/http/errc.hpp>
#include <lambent/http/headers.hpp>

#include <support/catch.hpp>

using namespace lambent;
using http::headers;

TEST_CASE("headers: names compare without case, in ASCII only", "[http][headers]")
{
    CHECK(http::equal_ignoring_case("Content-Type", "content-TYPE"));
    CHECK_FALSE(http::equal_ignoring_case("Content-Type", "content-typ"));
    // '@' and '`' differ by the same bit as letters of different case do.
    CHECK_FALSE(http::equal_ignoring_case("@", "`"));
    CHECK_FALSE(http::equal_ignoring_case("\xc3\x84", "\xc3\xa4"));
}

TEST_CASE("headers: get finds the first, set leaves one, erase leaves none", "[http][headers]")
{
    headers list{{"A", "1"}, {"b", "2"}, {"a", "3"}};
    CHECK(list.get("a") == "1");
    list.set("A", "4");
    CHECK(list == headers{{"A", "4"}, {"b", "2"}});
    list.set("c", "5");
    CHECK(list.get("C") == "5");
    list.erase("B");
    CHECK_FALSE(list.contains("b"));
    CHECK(list.size() == 2);
}

TEST_CASE("errc: every time-out of a phase is timed_out and transient, a refused certificate is neither", "[http][errc]")
{
    for (const auto e : {http::errc::resolve_timeout, http::errc::connect_timeout, http::errc::tls_handshake_timeout,
             http::errc::queue_timeout, http::errc::write_timeout, http::errc::response_timeout, http::errc::body_timeout}) {
        CHECK(make_error_code(e) == core::condition::timed_out);
        CHECK(make_error_code(e) == core::condition::transient);
    }
    CHECK(make_error_code(http::errc::connect_failed) == core::condition::transient);
    CHECK(make_error_code(http::errc::connect_failed) != core::condition::timed_out);
    CHECK(make_error_code(http::errc::certificate_refused) != core::condition::transient);
    CHECK(make_error_code(http::errc::malformed_response) != core::condition::transient);
}

TEST_CASE("errc: every value has advice", "[http][errc]")
{
    for (int value = 1; value <= static_cast<int>(http::errc::unsolicited_response); ++value)
        CHECK(http::category().message(value).find("unknown") == std::string::npos);
    CHECK(http::category().message(999).find("unknown") == 0);
}
