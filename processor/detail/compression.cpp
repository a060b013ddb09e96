#include <lambent/processor/detail/compression.hpp>

#include <lambent/processor/errc.hpp>

#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace lambent::processor {
namespace {

core::error unreadable(std::string why) { return core::error{errc::invalid_message, std::move(why)}; }

constexpr std::size_t piece = 64 * 1024;

/// zlib's code for the format: negative is bare deflate, 16 more is gzip.
int window_of(codec how) noexcept { return how == codec::flate ? -MAX_WBITS : how == codec::gzip ? MAX_WBITS + 16 : MAX_WBITS; }

std::string name_of(codec how) { return how == codec::flate ? "flate" : how == codec::gzip ? "gzip" : "zlib"; }

Bytef* unconst(std::string_view bytes) noexcept
{
    // zlib's interface is older than const; it does not write here.
    return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

core::result<std::string> deflated(codec how, int level, std::string_view bytes)
{
    // -2: Huffman codes only, as in Go.
    if (level < -2 || level > 9 || bytes.size() > std::numeric_limits<uInt>::max())
        return unreadable(name_of(how) + ": invalid compression level: " + std::to_string(level));
    z_stream z{};
    const int strategy = level == -2 ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY;
    if (deflateInit2(&z, std::max(level, -1), Z_DEFLATED, window_of(how), 8, strategy) != Z_OK)
        return unreadable(name_of(how) + ": out of memory");
    std::string out(deflateBound(&z, static_cast<uLong>(bytes.size())), '\0');
    z.next_in = unconst(bytes);
    z.avail_in = static_cast<uInt>(bytes.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    const int ended = ::deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    if (ended != Z_STREAM_END)
        return unreadable(name_of(how) + ": the message is too large");
    return out;
}

core::result<std::string> inflated(codec how, std::string_view bytes)
{
    z_stream z{};
    if (inflateInit2(&z, window_of(how)) != Z_OK)
        return unreadable(name_of(how) + ": out of memory");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&z, &inflateEnd);
    std::string out;
    z.next_in = unconst(bytes);
    z.avail_in = static_cast<uInt>(bytes.size());
    for (;;) {
        const std::size_t had = out.size();
        if (had >= decompressed_bytes_max)
            return unreadable(name_of(how) + ": the message grows beyond " + std::to_string(decompressed_bytes_max) + " bytes");
        out.resize(had + piece);
        z.next_out = reinterpret_cast<Bytef*>(out.data() + had);
        z.avail_out = piece;
        const int state = ::inflate(&z, Z_NO_FLUSH);
        out.resize(had + piece - z.avail_out);
        if (state == Z_STREAM_END) {
            // A gzip file may have several members.
            if (how != codec::gzip || z.avail_in == 0)
                return out;
            inflateReset(&z);
        } else if (state == Z_DATA_ERROR || state == Z_NEED_DICT) {
            if (out.empty() && how != codec::flate)
                return unreadable(name_of(how) + ": invalid header");
            return unreadable("flate: corrupt input before offset " + std::to_string(bytes.size() - z.avail_in));
        } else if (state == Z_BUF_ERROR || (z.avail_in == 0 && z.avail_out != 0)) {
            return unreadable(bytes.empty() ? "EOF" : "unexpected EOF");
        }
    }
}

core::result<std::string> lz4_framed(int level, std::string_view bytes)
{
    LZ4F_preferences_t wanted{};
    wanted.compressionLevel = std::max(level, 0);
    wanted.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    std::string out(LZ4F_compressFrameBound(bytes.size(), &wanted), '\0');
    const std::size_t made = LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), &wanted);
    if (LZ4F_isError(made))
        return unreadable(std::string("lz4: ") + LZ4F_getErrorName(made));
    out.resize(made);
    return out;
}

core::result<std::string> lz4_unframed(std::string_view bytes)
{
    LZ4F_dctx* raw = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)))
        return unreadable("lz4: out of memory");
    const std::unique_ptr<LZ4F_dctx, std::size_t (*)(LZ4F_dctx*)> context(raw, &LZ4F_freeDecompressionContext);
    std::string out;
    for (std::size_t at = 0;;) {
        const std::size_t had = out.size();
        if (had >= decompressed_bytes_max)
            return unreadable("lz4: the message grows beyond " + std::to_string(decompressed_bytes_max) + " bytes");
        out.resize(had + piece);
        std::size_t room = piece;
        std::size_t taken = bytes.size() - at;
        const std::size_t hint = LZ4F_decompress(raw, out.data() + had, &room, bytes.data() + at, &taken, nullptr);
        out.resize(had + room);
        at += taken;
        if (LZ4F_isError(hint))
            return unreadable(at == 0 ? "lz4: bad magic number" : std::string("lz4: ") + LZ4F_getErrorName(hint));
        if (hint == 0)
            return out;
        if (room == 0 && taken == 0)
            return unreadable("unexpected EOF");
    }
}

core::result<std::string> unsnapped(std::string_view bytes)
{
    std::size_t length = 0;
    std::string out;
    if (!snappy::GetUncompressedLength(bytes.data(), bytes.size(), &length))
        return unreadable("snappy: corrupt input");
    if (length > decompressed_bytes_max)
        return unreadable("snappy: decoded block is too large");
    if (!snappy::Uncompress(bytes.data(), bytes.size(), &out))
        return unreadable("snappy: corrupt input");
    return out;
}

core::result<std::string> zstd_packed(int level, std::string_view bytes)
{
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    const int wanted = level < 0 ? ZSTD_CLEVEL_DEFAULT : level;
    const std::size_t made = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), wanted);
    if (ZSTD_isError(made))
        return unreadable(std::string("zstd: ") + ZSTD_getErrorName(made));
    out.resize(made);
    return out;
}

core::result<std::string> zstd_unpacked(std::string_view bytes)
{
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    if (!context)
        return unreadable("zstd: out of memory");
    std::string out;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
        const std::size_t had = out.size();
        if (had >= decompressed_bytes_max)
            return unreadable("zstd: the message grows beyond " + std::to_string(decompressed_bytes_max) + " bytes");
        out.resize(had + piece);
        ZSTD_outBuffer room{out.data() + had, piece, 0};
        const std::size_t hint = ZSTD_decompressStream(context.get(), &room, &in);
        out.resize(had + room.pos);
        if (ZSTD_isError(hint))
            return unreadable("magic number mismatch");
        if (hint == 0 && in.pos == in.size)
            return out;
        if (in.pos == in.size && room.pos < piece)
            return unreadable(bytes.empty() ? "EOF" : "unexpected EOF");
    }
}

} // namespace

std::optional<codec> codec_named(std::string_view name) noexcept
{
    if (name == "flate")
        return codec::flate;
    if (name == "gzip" || name == "pgzip")
        return codec::gzip;
    if (name == "zlib")
        return codec::zlib;
    if (name == "lz4")
        return codec::lz4;
    if (name == "snappy")
        return codec::snappy;
    if (name == "zstd")
        return codec::zstd;
    return std::nullopt;
}

core::result<std::string> compress(codec how, int level, std::string_view bytes)
{
    switch (how) {
    case codec::flate:
    case codec::gzip:
    case codec::zlib:
        return deflated(how, level, bytes);
    case codec::lz4:
        return lz4_framed(level, bytes);
    case codec::snappy: {
        std::string out;
        snappy::Compress(bytes.data(), bytes.size(), &out);
        return out;
    }
    case codec::zstd:
        return zstd_packed(level, bytes);
    }
    return unreadable("unknown codec");
}

core::result<std::string> decompress(codec how, std::string_view bytes)
{
    switch (how) {
    case codec::flate:
    case codec::gzip:
    case codec::zlib:
        return inflated(how, bytes);
    case codec::lz4:
        return lz4_unframed(bytes);
    case codec::snappy:
        return unsnapped(bytes);
    case codec::zstd:
        return zstd_unpacked(bytes);
    }
    return unreadable("unknown codec");
}

} // namespace lambent::processor
