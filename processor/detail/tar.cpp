#include <lambent/processor/detail/tar.hpp>

#include <lambent/processor/errc.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace lambent::processor {
namespace {

constexpr std::size_t block = 512;

// Offsets and lengths of a ustar header's fields.
struct span_of
{
    std::size_t at;
    std::size_t length;
};
constexpr span_of name_field{0, 100};
constexpr span_of mode_field{100, 8};
constexpr span_of size_field{124, 12};
constexpr span_of time_field{136, 12};
constexpr span_of checksum_field{148, 8};
constexpr std::size_t type_at = 156;
constexpr span_of magic_field{257, 8}; // with the version
constexpr span_of prefix_field{345, 155};

core::error unreadable(std::string why) { return core::error{errc::invalid_message, std::move(why)}; }

void put(std::string& header, span_of where, std::string_view text)
{
    header.replace(where.at, std::min(where.length, text.size()), text.substr(0, where.length));
}

/// Octal digits and a NUL, zero-filled; what is too large for them in base 256, as GNU does.
void put_number(std::string& header, span_of where, std::uint64_t n)
{
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, n, 8).ptr;
    const std::string_view text(digits, static_cast<std::size_t>(end - digits));
    if (text.size() < where.length) {
        put(header, where, std::string(where.length - 1 - text.size(), '0') + std::string(text));
        return;
    }
    for (std::size_t i = 0; i < where.length; ++i) {
        header[where.at + where.length - 1 - i] = static_cast<char>(n & 0xff);
        n = i < 7 ? n >> 8 : 0;
    }
    header[where.at] = static_cast<char>(0x80);
}

std::uint64_t checksum(std::string_view header)
{
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < block; ++i) {
        const bool own = i >= checksum_field.at && i < checksum_field.at + checksum_field.length;
        sum += own ? ' ' : static_cast<unsigned char>(header[i]);
    }
    return sum;
}

void append_padded(std::string& out, std::string_view contents)
{
    out += contents;
    out.append((block - contents.size() % block) % block, '\0');
}

void append_entry(std::string& out, std::string_view name, std::string_view contents, char type, core::wall_time modified)
{
    std::string header(block, '\0');
    put(header, name_field, name);
    put(header, mode_field, "0000666");
    put_number(header, {108, 8}, 0);
    put_number(header, {116, 8}, 0);
    put_number(header, size_field, contents.size());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(modified).time_since_epoch().count();
    put_number(header, time_field, static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)));
    header[type_at] = type;
    put(header, magic_field, std::string_view("ustar\00000", 8));
    char digits[8];
    const auto end = std::to_chars(digits, digits + sizeof digits, checksum(header), 8).ptr;
    const std::string_view sum(digits, static_cast<std::size_t>(end - digits));
    put(header, checksum_field, std::string(6 - sum.size(), '0') + std::string(sum) + std::string("\0 ", 2));
    out += header;
    append_padded(out, contents);
}

/// "<length> path=<name>\n", where the length counts its own digits too.
std::string pax_path(std::string_view name)
{
    const std::size_t rest = std::string_view(" path=\n").size() + name.size();
    std::size_t length = rest + std::to_string(rest).size();
    if (std::to_string(length).size() != std::to_string(rest).size())
        ++length;
    return std::to_string(length) + " path=" + std::string(name) + "\n";
}

bool plain(std::string_view name)
{
    const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\0'; };
    return name.size() <= name_field.length && std::all_of(name.begin(), name.end(), ascii);
}

/// Reads entry by entry; meta entries change the one that follows them.
class tar_reader
{
public:
    explicit tar_reader(std::string_view bytes) : rest_(bytes) {}

    core::result<std::vector<archived_file>> read()
    {
        std::vector<archived_file> files;
        for (;;) {
            if (rest_.empty() || is_zero(rest_.substr(0, block)))
                return files;
            if (rest_.size() < block)
                return unreadable("unexpected EOF");
            const std::string_view header = rest_.substr(0, block);
            const auto size = number(header, size_field);
            if (!size || number(header, checksum_field) != checksum(header))
                return unreadable("archive/tar: invalid tar header");
            rest_.remove_prefix(block);
            const char type = header[type_at];
            const bool has_contents = type != '1' && type != '2' && type != '3' && type != '4' && type != '5' && type != '6';
            const std::uint64_t length = has_contents ? *size : 0;
            if (length > rest_.size())
                return unreadable("unexpected EOF");
            const std::string_view contents = rest_.substr(0, length);
            rest_.remove_prefix(std::min<std::uint64_t>(rest_.size(), (length + block - 1) / block * block));
            if (type == 'x' || type == 'g') {
                if (type == 'x')
                    take_pax(contents);
            } else if (type == 'L') {
                next_name_ = std::string(contents.substr(0, contents.find('\0')));
            } else if (type != 'K') {
                archived_file f{name_of(header), std::string(contents)};
                files.push_back(std::move(f));
            }
        }
    }

private:
    static bool is_zero(std::string_view bytes)
    {
        return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
    }
    static std::string text(std::string_view header, span_of where)
    {
        const std::string_view field = header.substr(where.at, where.length);
        return std::string(field.substr(0, field.find('\0')));
    }
    static std::optional<std::uint64_t> number(std::string_view header, span_of where)
    {
        std::string_view field = header.substr(where.at, where.length);
        std::uint64_t n = 0;
        if (static_cast<unsigned char>(field[0]) & 0x80U) {
            if (field[0] != static_cast<char>(0x80))
                return std::nullopt; // negative, or larger than anything
            for (const char c : field.substr(field.size() - 8))
                n = n << 8U | static_cast<unsigned char>(c);
            return n;
        }
        const auto filler = [](char c) { return c == ' ' || c == '\0'; };
        while (!field.empty() && filler(field.front()))
            field.remove_prefix(1);
        while (!field.empty() && filler(field.back()))
            field.remove_suffix(1);
        if (field.empty())
            return 0;
        const auto [at, ec] = std::from_chars(field.data(), field.data() + field.size(), n, 8);
        if (ec != std::errc() || at != field.data() + field.size())
            return std::nullopt;
        return n;
    }
    std::string name_of(std::string_view header)
    {
        if (next_name_)
            return *std::exchange(next_name_, std::nullopt);
        const std::string name = text(header, name_field);
        const std::string prefix = header.substr(magic_field.at, 6) == std::string_view("ustar\0", 6) ? text(header, prefix_field) : "";
        return prefix.empty() ? name : prefix + "/" + name;
    }
    void take_pax(std::string_view records)
    {
        while (!records.empty()) {
            std::size_t length = 0;
            const auto [at, ec] = std::from_chars(records.data(), records.data() + records.size(), length);
            const auto digits = static_cast<std::size_t>(at - records.data());
            if (ec != std::errc() || length > records.size() || length < digits + 2)
                return;
            const std::string_view record = records.substr(digits + 1, length - digits - 2);
            if (record.starts_with("path="))
                next_name_ = std::string(record.substr(5));
            records.remove_prefix(length);
        }
    }

    std::string_view rest_;
    std::optional<std::string> next_name_;
};

} // namespace

std::string write_tar(const std::vector<archived_file>& files, core::wall_time modified)
{
    std::string out;
    for (const archived_file& f : files) {
        if (!plain(f.name))
            append_entry(out, "PaxHeaders.0/entry", pax_path(f.name), 'x', modified);
        append_entry(out, f.name, f.contents, '0', modified);
    }
    out.append(2 * block, '\0');
    return out;
}

core::result<std::vector<archived_file>> read_tar(std::string_view bytes)
{
    tar_reader reader(bytes);
    return reader.read();
}

} // namespace lambent::processor
