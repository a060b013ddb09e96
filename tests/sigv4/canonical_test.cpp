#include <lambent/sigv4/canonical.hpp>
#include <lambent/sigv4/errc.hpp>

#include <support/catch.hpp>

#include <vector>

using namespace lambent;
using namespace lambent::sigv4;

namespace {

std::string lines_of(const std::vector<field_view>& list)
{
    canonical_headers headers;
    for (const field_view& header : list)
        REQUIRE(headers.add(header));
    headers.sort();
    std::string out;
    headers.append_lines(out);
    out += "|";
    headers.append_names(out);
    return out;
}

std::string query_of(std::string_view wire)
{
    canonical_query query;
    REQUIRE(query.add_wire(wire));
    query.sort();
    std::string out;
    query.append(out);
    return out;
}

std::string path_of(std::string_view path, bool normalize, bool twice)
{
    signing_options options;
    options.normalize_path = normalize;
    options.double_encode = twice;
    std::string out;
    append_canonical_path(out, path, options);
    return out;
}

} // namespace

TEST_CASE("canonical: headers are lower-cased, sorted, trimmed, and joined in the order given", "[sigv4][canonical]")
{
    CHECK(lines_of({{"My-B", " x   y "}, {"Host", "h"}, {"my-b", "a"}, {"MY-A", ""}}) == "host:h\nmy-a:\nmy-b:x y,a\n|host;my-a;my-b");
}

TEST_CASE("canonical: a folded value is one line", "[sigv4][canonical]")
{
    CHECK(lines_of({{"A", "v1\r\n  v2\n\tv3"}}) == "a:v1 v2 v3\n|a");
}

TEST_CASE("canonical: a prefix sorts before its extension", "[sigv4][canonical]")
{
    CHECK(lines_of({{"ab-c", "1"}, {"ab", "2"}, {"AB-", "3"}}) == "ab:2\nab-:3\nab-c:1\n|ab;ab-;ab-c");
}

TEST_CASE("canonical: what could begin another header is refused", "[sigv4][canonical]")
{
    canonical_headers headers;
    using namespace std::string_view_literals;
    for (const std::string_view value : {"a\nb"sv, "a\r\nB: c"sv, "a\r"sv, "a\n"sv, "a\0b"sv, "a\x7f"sv, "\x01"sv})
        CHECK(headers.add({"x", value}).error().code == errc::invalid_header_value);
    for (const std::string_view name : {"", "a b", "a:", "a\n", "h\xc3\xa9"})
        CHECK(headers.add({name, "v"}).error().code == errc::invalid_header_name);
    CHECK(headers.add({"x", "h\xc3\xa9\tz"}));
}

TEST_CASE("canonical: the number of headers is bounded", "[sigv4][canonical]")
{
    canonical_headers headers;
    for (std::size_t i = 0; i < headers_max; ++i)
        REQUIRE(headers.add({"a", "b"}));
    CHECK(headers.add({"a", "b"}).error().code == errc::too_many_fields);
}

TEST_CASE("canonical: query parameters are sorted by encoded name, then value", "[sigv4][canonical]")
{
    CHECK(query_of("b=2&a=1&a=0&c") == "a=0&a=1&b=2&c=");
    CHECK(query_of("Param-3=Value3&Param=Value2&%E1%88%B4=Value1") == "%E1%88%B4=Value1&Param=Value2&Param-3=Value3");
    CHECK(query_of("") == "");
    CHECK(query_of("&&a=b&") == "a=b");
    CHECK(query_of("a=b=c") == "a=b%3Dc");
}

TEST_CASE("canonical: a parameter has one spelling however it came", "[sigv4][canonical]")
{
    CHECK(query_of("q=%24LATEST") == "q=%24LATEST");
    CHECK(query_of("q=$LATEST") == "q=%24LATEST");
    CHECK(query_of("q=%7e%2d") == "q=~-");
    CHECK(query_of("q=a+b") == "q=a%2Bb");
}

TEST_CASE("canonical: the number of query parameters is bounded", "[sigv4][canonical]")
{
    std::string wire;
    for (std::size_t i = 0; i <= query_parameters_max; ++i)
        wire += "a=1&";
    canonical_query query;
    CHECK(query.add_wire(wire).error().code == errc::too_many_fields);
}

TEST_CASE("canonical: the path is encoded once more, or once only", "[sigv4][canonical]")
{
    CHECK(path_of("/functions/my-function%3Aprod/invocations", true, true) == "/functions/my-function%253Aprod/invocations");
    CHECK(path_of("/bucket/a%3Ab c", true, false) == "/bucket/a%3Ab%20c");
    CHECK(path_of("", true, true) == "/");
    CHECK(path_of("", false, true) == "/");
    CHECK(path_of("/a//../b", true, true) == "/b");
    CHECK(path_of("/a//../b", false, true) == "/a//../b");
}
