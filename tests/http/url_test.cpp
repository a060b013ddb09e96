#include <lambent/http/errc.hpp>
#include <lambent/http/url.hpp>

#include <support/catch.hpp>

using namespace lambent;
using http::url;

TEST_CASE("url: scheme, host, port, path and query come apart and together again", "[http][url]")
{
    struct row
    {
        std::string text;
        http::origin origin;
        std::string path;
        std::string query;
        std::string authority;
    };
    const std::vector<row> rows = {
        {"http://a", {false, "a", 80}, "", "", "a"},
        {"https://a.b-c_d.example/", {true, "a.b-c_d.example", 443}, "/", "", "a.b-c_d.example"},
        {"https://a:8443/x/y?q=1&r=%20", {true, "a", 8443}, "/x/y", "q=1&r=%20", "a:8443"},
        {"http://127.0.0.1:9001?x", {false, "127.0.0.1", 9001}, "", "x", "127.0.0.1:9001"},
        {"https://[::1]:9443/p", {true, "::1", 9443}, "/p", "", "[::1]:9443"},
        {"http://[2001:db8::1]/p", {false, "2001:db8::1", 80}, "/p", "", "[2001:db8::1]"},
    };
    for (const row& r : rows) {
        INFO(r.text);
        const auto parsed = url::parse(r.text);
        REQUIRE(parsed.has_value());
        CHECK(parsed->origin == r.origin);
        CHECK(parsed->path == r.path);
        CHECK(parsed->query == r.query);
        CHECK(parsed->origin.authority() == r.authority);
        CHECK(parsed->to_string() == r.text);
    }
}

TEST_CASE("url: the default port is not written, an empty port means it", "[http][url]")
{
    CHECK(url::parse("HTTPS://a:443/x")->to_string() == "https://a/x");
    CHECK(url::parse("http://a:/x")->origin.port == 80);
}

TEST_CASE("url: what cannot be sent safely is refused with a reason", "[http][url]")
{
    for (const std::string text : {"", "a", "a:80", "ftp://a", "http://", "http:///x", "http://a b", "http://a\r\nHost: b",
             "http://a:0", "http://a:65536", "http://a:+5", "http://a:8x", "http://[::1", "http://[]", "http://[::1]x",
             "http://[g::1]", "http://a#f", "http://a%41", "http://a,b", "http://a\x7f"}) {
        INFO(text);
        const auto parsed = url::parse(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().code == http::errc::invalid_url);
        CHECK(parsed.error().detail.find("invalid URL") == 0);
    }
    CHECK_FALSE(url::parse("http://" + std::string(256, 'a')).has_value());
}

TEST_CASE("url: a password in the URL is refused and not repeated", "[http][url]")
{
    const auto parsed = url::parse("https://user:secret@host/");
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().detail.find("secret") == std::string::npos);
}
