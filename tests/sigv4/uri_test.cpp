#include <lambent/sigv4/uri.hpp>

#include <support/catch.hpp>

using namespace lambent::sigv4;

namespace {

std::string encoded(std::string_view text, char keep = '\0')
{
    std::string out;
    append_encoded(out, text, keep);
    return out;
}

std::string decoded(std::string_view text)
{
    std::string out;
    append_decoded(out, text);
    return out;
}

std::string normalized(std::string_view path)
{
    std::string out = "kept";
    append_normalized_path(out, path);
    return out.substr(4);
}

} // namespace

TEST_CASE("uri: everything but the unreserved characters is encoded, in upper case", "[sigv4][uri]")
{
    CHECK(encoded("AZaz09-._~") == "AZaz09-._~");
    CHECK(encoded("a b/c:$%+") == "a%20b%2Fc%3A%24%25%2B");
    CHECK(encoded("a b/c", '/') == "a%20b/c");
    CHECK(encoded("\xe1\x88\xb4") == "%E1%88%B4");
    CHECK(encoded(std::string_view("\0\xff", 2)) == "%00%FF");
}

TEST_CASE("uri: decoding undoes encoding for every byte", "[sigv4][uri]")
{
    std::string all;
    for (int c = 0; c < 256; ++c)
        all.push_back(static_cast<char>(c));
    CHECK(decoded(encoded(all)) == all);
    CHECK(decoded("%e1%88%b4") == "\xe1\x88\xb4");
}

TEST_CASE("uri: a percent sign that encodes nothing stands for itself", "[sigv4][uri]")
{
    CHECK(decoded("%") == "%");
    CHECK(decoded("%4") == "%4");
    CHECK(decoded("%zz%41+") == "%zzA+");
    CHECK(decoded("%g1%1g") == "%g1%1g");
}

TEST_CASE("uri: dot segments and empty segments collapse, a final slash stays", "[sigv4][uri]")
{
    CHECK(normalized("") == "/");
    CHECK(normalized("/") == "/");
    CHECK(normalized("//") == "/");
    CHECK(normalized("/./") == "/");
    CHECK(normalized("/a/..") == "/");
    CHECK(normalized("/a/b/../..") == "/");
    CHECK(normalized("/../../a") == "/a");
    CHECK(normalized("//a//") == "/a/");
    CHECK(normalized("/./a") == "/a");
    CHECK(normalized("/a/./b/../c/") == "/a/c/");
    CHECK(normalized("/...") == "/...");
    CHECK(normalized("a") == "/a");
}

TEST_CASE("uri: normalising twice changes nothing more", "[sigv4][uri]")
{
    for (const std::string_view path : {"/a//b/../c/./d/", "//..//..", "/.a/..b/c.", "/a/../../b//"})
        CHECK(normalized(normalized(path)) == normalized(path));
}
