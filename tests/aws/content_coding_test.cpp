#include <lambent/aws/content_coding.hpp>
#include <lambent/aws/errc.hpp>

#include <support/catch.hpp>

#include <zlib.h>

#include <string>

using namespace lambent;
using namespace lambent::aws;

namespace {

std::string gzip(std::string_view text)
{
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(text.size() + 1000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

} // namespace

TEST_CASE("gzip: what was deflated comes back, in one member or several", "[aws][gzip]")
{
    const std::string text = std::string(100000, 'x') + "end";
    CHECK(inflate_gzip(gzip(text), 1 << 20).value() == text);
    CHECK(inflate_gzip(gzip("a") + gzip("") + gzip("b"), 10).value() == "ab");
    CHECK(inflate_gzip(gzip(""), 10).value().empty());
}

TEST_CASE("gzip: cut anywhere or altered, it is malformed", "[aws][gzip]")
{
    const std::string whole = gzip("some text that is long enough to be packed, packed, packed");
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        CHECK(inflate_gzip(std::string_view(whole).substr(0, cut), 1000).error().code == errc::malformed_response);
    std::string altered = whole;
    altered[altered.size() - 6] ^= 1; // the check sum
    CHECK(inflate_gzip(altered, 1000).error().code == errc::malformed_response);
    CHECK(inflate_gzip("{\"not\":\"gzip\"}", 1000).error().code == errc::malformed_response);
}

TEST_CASE("gzip: a bomb ends at the limit", "[aws][gzip]")
{
    const std::string bomb = gzip(std::string(10 << 20, '\0'));
    CHECK(bomb.size() < 100000);
    auto result = inflate_gzip(bomb, 1 << 20);
    REQUIRE_FALSE(result);
    CHECK(result.error().detail == "gzip: the body is larger than 1048576 bytes once inflated");
}
