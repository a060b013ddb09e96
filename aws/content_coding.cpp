#include <lambent/aws/content_coding.hpp>

#include <lambent/aws/errc.hpp>

#include <zlib.h>

#include <algorithm>
#include <memory>

namespace lambent::aws {
namespace {

struct ender
{
    void operator()(z_stream* stream) const noexcept { inflateEnd(stream); }
};

core::error broken(std::string_view why)
{
    return {errc::malformed_response, "gzip: " + std::string(why)};
}

} // namespace

core::result<std::string> inflate_gzip(std::string_view bytes, std::size_t bytes_max)
{
    z_stream stream{};
    // 15 window bits, + 16: a gzip header and trailer (zlib.h, inflateInit2).
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        return broken("out of memory");
    const std::unique_ptr<z_stream, ender> open(&stream);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    char piece[16384];
    for (;;) {
        stream.next_out = reinterpret_cast<Bytef*>(piece);
        stream.avail_out = sizeof piece;
        const int state = inflate(&stream, Z_NO_FLUSH);
        out.append(piece, sizeof piece - stream.avail_out);
        if (out.size() > bytes_max)
            return broken("the body is larger than " + std::to_string(bytes_max) + " bytes once inflated");
        if (state == Z_STREAM_END) {
            if (stream.avail_in == 0)
                return out;
            if (inflateReset(&stream) != Z_OK)
                return broken("invalid header");
        } else if (state == Z_BUF_ERROR || (state == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)) {
            return broken("unexpected EOF");
        } else if (state != Z_OK) {
            return broken(stream.msg != nullptr ? stream.msg : "invalid header");
        }
    }
}

} // namespace lambent::aws
