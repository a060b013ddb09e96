#include <lambent/bloblang/deflate.hpp>
#include <lambent/bloblang/meter.hpp>

#include <array>

#include <zlib.h>

namespace lambent::bloblang {
namespace {

/// Texts up to this size gain nothing in the original's default levels: it stores them.
constexpr std::size_t stored_max = 100;
/// The length of a stored block has 16 bits.
constexpr std::size_t block_max = 65'535;

void append_little_endian(std::string& out, std::uint32_t n, int bytes)
{
    for (int i = 0; i < bytes; ++i)
        out.push_back(static_cast<char>(n >> (8 * i) & 0xff));
}

void append_big_endian(std::string& out, std::uint32_t n)
{
    for (int i = 3; i >= 0; --i)
        out.push_back(static_cast<char>(n >> (8 * i) & 0xff));
}

Bytef* bytes_of(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

/// Stored blocks that are not the last, and an empty last one.
std::string stored(std::string_view text, bool flush)
{
    std::string out;
    while (!text.empty()) {
        const std::string_view block = text.substr(0, block_max);
        out.push_back('\0');
        append_little_endian(out, static_cast<std::uint32_t>(block.size()), 2);
        append_little_endian(out, ~static_cast<std::uint32_t>(block.size()), 2);
        out += block;
        text.remove_prefix(block.size());
    }
    if (flush)
        out.append("\0\0\0\xff\xff", 5);
    return out.append("\x03\0", 2);
}

std::string raw_deflate(std::string_view text, int level)
{
    z_stream stream{};
    deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 16, '\0'); // and the empty block's two bytes
    stream.next_in = bytes_of(text);
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    // As the original's writer: what is in it when it is closed is a block, and an empty one is the last.
    deflate(&stream, Z_BLOCK);
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

problem at_offset(std::size_t offset) { return failed("flate: corrupt input before offset " + std::to_string(offset)); }

/// The raw stream at the front of `text`, which is moved past it.
problem inflate_raw(std::string_view& text, std::string& out)
{
    z_stream stream{};
    inflateInit2(&stream, -MAX_WBITS);
    stream.next_in = bytes_of(text);
    stream.avail_in = static_cast<uInt>(text.size());
    std::array<char, 65536> room;
    int state = Z_OK;
    while (state == Z_OK && out.size() <= inflated_max && can_make(out.size())) {
        stream.next_out = reinterpret_cast<Bytef*>(room.data());
        stream.avail_out = room.size();
        state = inflate(&stream, Z_NO_FLUSH);
        out.append(room.data(), room.size() - stream.avail_out);
    }
    const std::size_t taken = stream.total_in;
    inflateEnd(&stream);
    text.remove_prefix(taken);
    if (state == Z_STREAM_END)
        return nullptr;
    if (state == Z_OK)
        return too_large();
    return state == Z_DATA_ERROR ? at_offset(taken) : failed("unexpected EOF");
}

/// Past a gzip header (RFC 1952); Go's words for what is wrong with it.
problem skip_gzip_header(std::string_view& text)
{
    if (text.size() < 10)
        return failed("unexpected EOF");
    if (text.substr(0, 3) != "\x1f\x8b\x08")
        return failed("gzip: invalid header");
    const auto flags = static_cast<unsigned char>(text[3]);
    text.remove_prefix(10);
    const auto cut_short = [] { return failed("unexpected EOF"); };
    if ((flags & 4) != 0) {
        if (text.size() < 2)
            return cut_short();
        const std::size_t extra = static_cast<unsigned char>(text[0]) + 256u * static_cast<unsigned char>(text[1]) + 2;
        if (text.size() < extra)
            return cut_short();
        text.remove_prefix(extra);
    }
    for (const unsigned flag : {8u, 16u}) {
        if ((flags & flag) == 0)
            continue;
        const auto end = text.find('\0');
        if (end == std::string_view::npos)
            return cut_short();
        text.remove_prefix(end + 1);
    }
    if ((flags & 2) != 0) {
        if (text.size() < 2)
            return cut_short();
        text.remove_prefix(2);
    }
    return nullptr;
}

std::uint32_t crc_of(std::string_view text) { return static_cast<std::uint32_t>(crc32(0, bytes_of(text), static_cast<uInt>(text.size()))); }
std::uint32_t adler_of(std::string_view text)
{
    return static_cast<std::uint32_t>(adler32(1, bytes_of(text), static_cast<uInt>(text.size())));
}

std::variant<std::string, problem> inflate_gzip(std::string_view text)
{
    if (text.empty())
        return failed("EOF");
    std::string all;
    while (!text.empty()) {
        std::string one;
        if (problem why = skip_gzip_header(text))
            return why;
        if (problem why = inflate_raw(text, one))
            return why;
        if (text.size() < 8)
            return failed("unexpected EOF");
        std::string wanted;
        append_little_endian(wanted, crc_of(one), 4);
        append_little_endian(wanted, static_cast<std::uint32_t>(one.size()), 4);
        if (text.substr(0, 8) != wanted)
            return failed("gzip: invalid checksum");
        text.remove_prefix(8);
        all += one;
    }
    return all;
}

std::variant<std::string, problem> inflate_zlib(std::string_view text)
{
    if (text.size() < 2)
        return failed("unexpected EOF");
    const unsigned head = static_cast<unsigned char>(text[0]) * 256u + static_cast<unsigned char>(text[1]);
    if ((text[0] & 0x0f) != 8 || (static_cast<unsigned char>(text[0]) >> 4) > 7 || head % 31 != 0)
        return failed("zlib: invalid header");
    if ((text[1] & 0x20) != 0)
        return failed("zlib: invalid dictionary");
    text.remove_prefix(2);
    std::string out;
    if (problem why = inflate_raw(text, out))
        return why;
    if (text.size() < 4)
        return failed("unexpected EOF");
    std::string wanted;
    append_big_endian(wanted, adler_of(out));
    if (text.substr(0, 4) != wanted)
        return failed("zlib: invalid checksum");
    return out;
}

} // namespace

problem too_large()
{
    if (overspent())
        return spent_too_much();
    return failed("the decompressed text is larger than " + std::to_string(inflated_max) + " bytes");
}

std::variant<std::string, problem> deflated(std::string_view text, int level, deflate_wrapping how)
{
    const bool gzip = how == deflate_wrapping::gzip || how == deflate_wrapping::pgzip;
    const int least = gzip ? -3 : -2; // -3: stateless, as the original's gzip alone knows it
    if (level < least || level > 9) {
        if (how == deflate_wrapping::none)
            return failed("flate: invalid compression level " + std::to_string(level) + ": want value in range [-2, 9]");
        const char* who = gzip ? "gzip" : "zlib";
        return failed(std::string(who) + ": invalid compression level: " + std::to_string(level));
    }
    const bool small = level == 0 || (text.size() <= stored_max && level < 7);
    const std::string body = small ? stored(text, how == deflate_wrapping::pgzip) : raw_deflate(text, level < -1 ? 1 : level);
    if (how == deflate_wrapping::none)
        return body;
    std::string out;
    if (gzip) {
        // The modification time is the original's "none": the year 1, cut to 32 bits. System: unknown.
        out.append("\x1f\x8b\x08\0\0\x09\x6e\x88", 8);
        out.push_back(level == 9 ? '\x02' : level == 1 ? '\x04' : '\0');
        out += '\xff';
        out += body;
        append_little_endian(out, crc_of(text), 4);
        append_little_endian(out, static_cast<std::uint32_t>(text.size()), 4);
        return out;
    }
    static constexpr std::string_view second = "\x01\x5e\x9c\xda";
    out += '\x78';
    out += level == -2 || level == 0 || level == 1 ? second[0] : level >= 2 && level <= 5 ? second[1] : level >= 7 ? second[3] : second[2];
    out += body;
    append_big_endian(out, adler_of(text));
    return out;
}

std::variant<std::string, problem> inflated(std::string_view text, deflate_wrapping how)
{
    switch (how) {
    case deflate_wrapping::gzip:
    case deflate_wrapping::pgzip:
        return inflate_gzip(text);
    case deflate_wrapping::zlib:
        return inflate_zlib(text);
    default: {
        std::string out;
        if (problem why = inflate_raw(text, out))
            return why;
        return out;
    }
    }
}

} // namespace lambent::bloblang
