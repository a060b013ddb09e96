#include <lambent/bloblang/deflate.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <array>
#include <cstdint>
#include <limits>

#include <bzlib.h>
#include <lz4frame.h>
#include <snappy.h>

namespace lambent::bloblang {
namespace {

using data::value;
using changed = std::variant<std::string, problem>;

changed to_snappy(std::string_view text, int)
{
    std::string out;
    snappy::Compress(text.data(), text.size(), &out);
    return out;
}

changed from_snappy(std::string_view text)
{
    std::size_t size = 0;
    std::string out;
    if (!snappy::GetUncompressedLength(text.data(), text.size(), &size) || size > inflated_max || !can_make(size) ||
        !snappy::Uncompress(text.data(), text.size(), &out))
        return overspent() ? spent_too_much() : failed("s2: corrupt input");
    return out;
}

/// Blocks of up to 4 MiB, independent, with a content checksum: what Go's pierrec/lz4 writes.
changed to_lz4(std::string_view text, int level)
{
    // pierrec/lz4 counts its levels 1 to 9 as powers of two from 2^9 on, in 32 bits: from 24 on they are 0 again.
    if (level > 9 && level < 24)
        return failed("lz4: invalid compression level: " + std::to_string(std::uint64_t{1} << (8 + level)));
    LZ4F_preferences_t how{};
    how.frameInfo.blockSizeID = LZ4F_max4MB;
    how.frameInfo.blockMode = LZ4F_blockIndependent;
    how.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    LZ4F_cctx* context = nullptr;
    if (LZ4F_isError(LZ4F_createCompressionContext(&context, LZ4F_VERSION)) != 0)
        return failed("lz4: out of memory");
    std::string out(LZ4F_compressBound(text.size(), &how) + LZ4F_HEADER_SIZE_MAX, '\0');
    std::size_t size = LZ4F_compressBegin(context, out.data(), out.size(), &how);
    size += LZ4F_compressUpdate(context, out.data() + size, out.size() - size, text.data(), text.size(), nullptr);
    size += LZ4F_compressEnd(context, out.data() + size, out.size() - size, nullptr);
    LZ4F_freeCompressionContext(context);
    out.resize(size);
    return out;
}

changed from_lz4(std::string_view text)
{
    if (text.size() < 4)
        return text.empty() ? changed(std::string()) : failed("unexpected EOF");
    if (text.size() < 4 || text.substr(0, 4) != "\x04\x22\x4d\x18")
        return failed("lz4: bad magic number");
    LZ4F_dctx* context = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0)
        return failed("lz4: out of memory");
    std::string out;
    std::array<char, 65536> room;
    std::size_t left = 1;
    bool bad = false;
    while (left != 0 && !text.empty() && !bad && out.size() <= inflated_max && can_make(out.size())) {
        std::size_t made = room.size();
        std::size_t taken = text.size();
        left = LZ4F_decompress(context, room.data(), &made, text.data(), &taken, nullptr);
        bad = LZ4F_isError(left) != 0;
        if (!bad) {
            out.append(room.data(), made);
            text.remove_prefix(taken);
        }
    }
    LZ4F_freeDecompressionContext(context);
    if (bad)
        return failed("lz4: invalid source or destination buffer too short");
    if (out.size() > inflated_max || overspent())
        return too_large();
    if (left != 0)
        return failed("unexpected EOF");
    return out;
}

changed from_bzip2(std::string_view text)
{
    bz_stream stream{};
    if (text.size() < 3 || text.substr(0, 3) != "BZh")
        return failed(text.size() < 2 ? "unexpected EOF" : "bzip2 data invalid: bad magic value");
    if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK)
        return failed("bzip2: out of memory");
    std::string input(text);
    stream.next_in = input.data();
    stream.avail_in = static_cast<unsigned>(input.size());
    std::string out;
    std::array<char, 65536> room;
    int state = BZ_OK;
    while (state == BZ_OK && out.size() <= inflated_max && can_make(out.size())) {
        stream.next_out = room.data();
        stream.avail_out = room.size();
        state = BZ2_bzDecompress(&stream);
        out.append(room.data(), room.size() - stream.avail_out);
        if (state == BZ_OK && stream.avail_in == 0 && stream.avail_out == room.size())
            state = BZ_UNEXPECTED_EOF;
    }
    BZ2_bzDecompressEnd(&stream);
    if (state == BZ_STREAM_END)
        return out;
    if (state == BZ_OK)
        return too_large();
    return failed(state == BZ_UNEXPECTED_EOF ? "unexpected EOF" : "bzip2 data invalid: bad block");
}

changed compress_gzip(std::string_view text, int level) { return deflated(text, level, deflate_wrapping::gzip); }
changed compress_pgzip(std::string_view text, int level)
{
    if (level < -2)
        return failed("gzip: invalid compression level: " + std::to_string(level));
    return deflated(text, level, deflate_wrapping::pgzip);
}
changed compress_zlib(std::string_view text, int level) { return deflated(text, level, deflate_wrapping::zlib); }
changed compress_flate(std::string_view text, int level) { return deflated(text, level, deflate_wrapping::none); }
changed inflate_gzip(std::string_view text) { return inflated(text, deflate_wrapping::gzip); }
changed inflate_zlib(std::string_view text) { return inflated(text, deflate_wrapping::zlib); }
changed inflate_flate(std::string_view text) { return inflated(text, deflate_wrapping::none); }

struct algorithm
{
    std::string_view name;
    changed (*compress)(std::string_view text, int level);
    changed (*decompress)(std::string_view text);
};

constexpr algorithm algorithms[] = {
    {"gzip", compress_gzip, inflate_gzip},
    {"pgzip", compress_pgzip, inflate_gzip},
    {"zlib", compress_zlib, inflate_zlib},
    {"flate", compress_flate, inflate_flate},
    {"bzip2", nullptr, from_bzip2},
    {"snappy", to_snappy, from_snappy},
    {"lz4", to_lz4, from_lz4},
};

preparation found(const arguments& args, bool to_compress)
{
    for (const algorithm& a : algorithms) {
        if (a.name == args.text(0) && (!to_compress || a.compress != nullptr))
            return {std::make_shared<algorithm>(a), nullptr};
    }
    return {nullptr, failed("compression type not recognised: " + std::string(args.text(0)))};
}

preparation find_compressor(const arguments& args, const environment&) { return found(args, true); }
preparation find_decompressor(const arguments& args, const environment&) { return found(args, false); }

answer as_bytes(changed made)
{
    if (auto* why = std::get_if<problem>(&made))
        return std::move(*why);
    return value::bytes(std::get<std::string>(made));
}

answer compress(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("bytes", c.target);
    const std::int64_t level = c.args.integer(1);
    const int bounded = level > 1000 ? 1000 : level < -1000 ? -1000 : static_cast<int>(level);
    return as_bytes(c.args.prepared<algorithm>().compress(*text, bounded));
}

answer decompress(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("bytes", c.target);
    return as_bytes(c.args.prepared<algorithm>().decompress(*text));
}

} // namespace

const definitions& compression_methods()
{
    using enum parameter_type;
    static const definitions all = {
        {.name = "compress",
            .parameters = {{"algorithm", string}, {"level", integer, value(-1)}},
            .run = compress,
            .prepare = find_compressor,
            .unsourced = true},
        {.name = "decompress",
            .parameters = {{"algorithm", string}},
            .run = decompress,
            .prepare = find_decompressor,
            .unsourced = true},
    };
    return all;
}

} // namespace lambent::bloblang
