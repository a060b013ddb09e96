#include <lambent/cli/raw_request.hpp>

#include <support/catch.hpp>

using namespace lambent::cli;
using namespace std::string_view_literals;

namespace {

std::string refused(std::string_view text)
{
    auto parsed = parse_raw_request(text);
    REQUIRE_FALSE(parsed);
    return parsed.error().text();
}

} // namespace

TEST_CASE("raw request: line, headers, body", "[cli][sign]")
{
    const auto request = parse_raw_request("POST /a?b=c HTTP/1.1\nHost: h\nX-A:  v \nX-A: w\n\nline 1\n\nline 2\n");
    REQUIRE(request);
    CHECK(request->method == "POST");
    CHECK(request->target == "/a?b=c");
    CHECK(request->path() == "/a");
    CHECK(request->query() == "b=c");
    CHECK(request->version == "HTTP/1.1");
    CHECK(request->headers == raw_request::header_list{{"Host", "h"}, {"X-A", "v"}, {"X-A", "w"}});
    CHECK(request->body == "line 1\n\nline 2\n");
    CHECK(*request->header("HOST") == "h");
    CHECK(request->header("none") == nullptr);
}

TEST_CASE("raw request: CRLF, no version, no body, blanks in the target, folded values", "[cli][sign]")
{
    const auto crlf = parse_raw_request("POST / HTTP/1.1\r\nHost: h\r\n\r\nb\r\n");
    REQUIRE(crlf);
    CHECK(crlf->line_end == "\r\n");
    CHECK(crlf->body == "b\r\n");
    const auto bare = parse_raw_request("GET /example space/\nHost:h");
    REQUIRE(bare);
    CHECK(bare->target == "/example space/");
    CHECK(bare->version.empty());
    CHECK(bare->body.empty());
    CHECK(parse_raw_request("GET /example space/ HTTP/1.1\nHost:h\n\n")->target == "/example space/");
    CHECK(parse_raw_request("GET / HTTP/1.1\nA: x\n  y\n\tz\n\n")->headers.front().second == "x\n  y\n\tz");
}

TEST_CASE("raw request: what it cannot be names the line", "[cli][sign]")
{
    CHECK(refused("").find("the request is empty") == 0);
    CHECK(refused("GET\n\n").find("line 1 of the request: ") == 0);
    CHECK(refused("GET example.com HTTP/1.1\n\n") == "line 1 of the request: the target must begin with a slash");
    CHECK(refused("GET / HTTP/1.1\nHost h\n\n").find("line 2 of the request: it must be a header") == 0);
    CHECK(refused("GET / HTTP/1.1\n: v\n\n").find("line 2 of the request: ") == 0);
    CHECK(refused("GET / HTTP/1.1\n folded\n\n").find("line 2 of the request: it continues a header") == 0);
}

TEST_CASE("raw request: written again it is as it was read", "[cli][sign]")
{
    for (const std::string text : {"POST /a?b HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\nbody\n", "GET / HTTP/1.1\nHost: h\n\n"})
        CHECK(to_text(parse_raw_request(text).value()) == text);
}

TEST_CASE("raw request: the command line for curl quotes everything", "[cli][sign]")
{
    const auto request = parse_raw_request("POST /a?b=$HOME HTTP/1.1\nHost: h\nContent-Length: 4\nX-A: it's\n\nit's");
    REQUIRE(request);
    CHECK(to_curl(*request).value()
        == "curl --path-as-is -X 'POST' 'https://h/a?b=$HOME' \\\n  -H 'X-A: it'\\''s' \\\n  -H 'Content-Type:' \\\n  --data-binary 'it'\\''s'\n");
    CHECK_FALSE(to_curl(parse_raw_request("GET / HTTP/1.1\n\n").value()));
    CHECK_FALSE(to_curl(parse_raw_request("GET / HTTP/1.1\nHost: h\n\na\0b"sv).value()));
}
