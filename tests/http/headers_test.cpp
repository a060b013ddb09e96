#include <lambent/http/errc.hpp>
#include <lambent/http/headers.hpp>
#include <lambent/http/syntax.hpp>

#include <support/catch.hpp>

#include <cctype>
#include <cstring>
#include <string>

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

TEST_CASE("headers: eight letters at a time or one, every pair of characters compares alike at every place", "[http][headers]")
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    std::size_t wrong = 0;
    for (const std::size_t size : {1U, 7U, 8U, 9U, 16U, 22U}) {
        for (std::size_t at = 0; at < size; ++at) {
            for (int x = 0; x < 256; ++x) {
                for (const int y : {x, x ^ 0x20, x ^ 0x80, (x + 1) & 255}) {
                    std::string a(size, 'q');
                    std::string b(size, 'Q');
                    a[at] = static_cast<char>(x);
                    b[at] = static_cast<char>(y);
                    wrong += http::equal_ignoring_case(a, b) == (lower(a[at]) == lower(b[at])) ? 0 : 1;
                }
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("syntax: sixteen characters at a time or one, a prefix of token or text ends at the same place", "[http][syntax]")
{
    const auto token = [](unsigned char c) { return std::isalnum(c) != 0 || (c != 0 && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr); };
    std::size_t wrong = 0;
    for (std::size_t size = 0; size < 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (int c = 0; c < 256; ++c) {
                std::string s(size, 'x');
                s[at] = static_cast<char>(c);
                const bool is_text = c == '\t' || (c >= 0x20 && c != 0x7f);
                wrong += http::token_prefix(s) == (token(static_cast<unsigned char>(c)) ? size : at) ? 0 : 1;
                wrong += http::text_prefix(s) == (is_text ? size : at) ? 0 : 1;
                wrong += http::is_text(s) == is_text ? 0 : 1;
            }
        }
    }
    CHECK(wrong == 0);
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
