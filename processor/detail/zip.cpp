#include <lambent/processor/detail/zip.hpp>

#include <lambent/processor/detail/compression.hpp>
#include <lambent/processor/errc.hpp>

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace lambent::processor {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t central_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::size_t local_size = 30;
constexpr std::size_t central_size = 46;
constexpr std::size_t end_size = 22;
constexpr std::size_t comment_max = 65535;
constexpr std::uint32_t utf8_names = 1U << 11U;
constexpr std::uint32_t stored = 0;
constexpr std::uint32_t deflated = 8;

core::error unreadable(std::string why) { return core::error{errc::invalid_message, std::move(why)}; }

void put16(std::string& out, std::uint32_t n)
{
    out.push_back(static_cast<char>(n & 0xffU));
    out.push_back(static_cast<char>(n >> 8U & 0xffU));
}
void put32(std::string& out, std::uint32_t n)
{
    put16(out, n & 0xffffU);
    put16(out, n >> 16U);
}
/// Precondition: the bytes are there.
std::uint32_t get16(std::string_view from, std::size_t at)
{
    return static_cast<unsigned char>(from[at]) | static_cast<std::uint32_t>(static_cast<unsigned char>(from[at + 1])) << 8U;
}
std::uint32_t get32(std::string_view from, std::size_t at) { return get16(from, at) | get16(from, at + 2) << 16U; }

std::uint32_t crc_of(std::string_view bytes)
{
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

/// Date and time as MS-DOS had them: two seconds' precision, years from 1980.
struct dos_time
{
    explicit dos_time(core::wall_time when)
    {
        const auto day = std::chrono::floor<std::chrono::days>(when);
        const std::chrono::year_month_day ymd(day);
        const std::chrono::hh_mm_ss<core::duration> clock(when - day);
        const int year = std::clamp(static_cast<int>(ymd.year()) - 1980, 0, 127);
        date = static_cast<std::uint32_t>(year) << 9U | static_cast<unsigned>(ymd.month()) << 5U | static_cast<unsigned>(ymd.day());
        time = static_cast<std::uint32_t>(clock.hours().count()) << 11U | static_cast<std::uint32_t>(clock.minutes().count()) << 5U
            | static_cast<std::uint32_t>(clock.seconds().count()) / 2;
    }
    std::uint32_t date;
    std::uint32_t time;
};

/// What the local header and the central directory say alike, from "version needed" to the length of the extra field.
std::string common_fields(const archived_file& f, std::string_view packed, const dos_time& when)
{
    std::string out;
    put16(out, 20);
    put16(out, utf8_names);
    put16(out, deflated);
    put16(out, when.time);
    put16(out, when.date);
    put32(out, crc_of(f.contents));
    put32(out, static_cast<std::uint32_t>(packed.size()));
    put32(out, static_cast<std::uint32_t>(f.contents.size()));
    put16(out, static_cast<std::uint32_t>(f.name.size()));
    put16(out, 0);
    return out;
}

std::optional<std::size_t> find_end(std::string_view bytes)
{
    if (bytes.size() < end_size)
        return std::nullopt;
    const std::size_t first = bytes.size() - std::min(bytes.size(), end_size + comment_max);
    for (std::size_t at = bytes.size() - end_size + 1; at-- > first;)
        if (get32(bytes, at) == end_signature && at + end_size + get16(bytes, at + 20) == bytes.size())
            return at;
    return std::nullopt;
}

/// The entry whose central record is at the front of `record`.
core::result<archived_file> read_entry(std::string_view bytes, std::string_view record)
{
    archived_file f;
    f.name = std::string(record.substr(central_size, get16(record, 28)));
    const std::uint64_t packed_size = get32(record, 20);
    const std::uint64_t header = get32(record, 42);
    if (header + local_size > bytes.size() || get32(bytes, header) != local_signature)
        return unreadable("zip: not a valid zip file");
    const std::uint64_t start = header + local_size + get16(bytes, header + 26) + get16(bytes, header + 28);
    if (start + packed_size > bytes.size())
        return unreadable("unexpected EOF");
    const std::string_view packed = bytes.substr(start, packed_size);
    if (get16(record, 10) == stored) {
        f.contents = std::string(packed);
    } else if (get16(record, 10) == deflated) {
        auto contents = decompress(codec::flate, packed);
        if (!contents)
            return contents.error();
        f.contents = std::move(*contents);
    } else {
        return unreadable("zip: unsupported compression algorithm");
    }
    if (crc_of(f.contents) != get32(record, 16))
        return unreadable("zip: checksum error");
    return f;
}

} // namespace

core::result<std::string> write_zip(const std::vector<archived_file>& files, core::wall_time modified)
{
    const dos_time when(modified);
    std::string out;
    std::string directory;
    for (const archived_file& f : files) {
        auto packed = compress(codec::flate, -1, f.contents);
        if (!packed)
            return packed.error();
        if (f.name.size() > 0xffff || out.size() + packed->size() > std::numeric_limits<std::uint32_t>::max())
            return unreadable("zip: the archive is too large");
        const std::string fields = common_fields(f, *packed, when);
        put32(directory, central_signature);
        put16(directory, 20);
        directory += fields;
        directory.append(2 + 2 + 2, '\0');          // comment, disk, internal attributes
        put32(directory, 0100666U << 16U);          // a regular file of mode 0666
        put32(directory, static_cast<std::uint32_t>(out.size()));
        directory += f.name;
        put32(out, local_signature);
        out += fields;
        out += f.name;
        out += *packed;
    }
    if (files.size() > 0xffff || out.size() + directory.size() > std::numeric_limits<std::uint32_t>::max())
        return unreadable("zip: the archive is too large");
    const auto directory_at = static_cast<std::uint32_t>(out.size());
    out += directory;
    put32(out, end_signature);
    put32(out, 0); // disks
    put16(out, static_cast<std::uint32_t>(files.size()));
    put16(out, static_cast<std::uint32_t>(files.size()));
    put32(out, static_cast<std::uint32_t>(directory.size()));
    put32(out, directory_at);
    put16(out, 0);
    return out;
}

core::result<std::vector<archived_file>> read_zip(std::string_view bytes)
{
    const auto end = find_end(bytes);
    if (!end)
        return unreadable("zip: not a valid zip file");
    const std::size_t count = get16(bytes, *end + 10);
    const std::uint64_t start = get32(bytes, *end + 16);
    if (start > *end)
        return unreadable("zip: not a valid zip file");
    std::string_view directory = bytes.substr(start, *end - start);
    std::vector<archived_file> files;
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (directory.size() < central_size || get32(directory, 0) != central_signature)
            return unreadable("zip: not a valid zip file");
        const std::size_t length = central_size + get16(directory, 28) + get16(directory, 30) + get16(directory, 32);
        if (length > directory.size())
            return unreadable("zip: not a valid zip file");
        auto f = read_entry(bytes, directory.substr(0, length));
        if (!f)
            return f.error();
        total += f->contents.size();
        if (total > decompressed_bytes_max)
            return unreadable("zip: the entries grow beyond " + std::to_string(decompressed_bytes_max) + " bytes");
        files.push_back(std::move(*f));
        directory.remove_prefix(length);
    }
    return files;
}

} // namespace lambent::processor
