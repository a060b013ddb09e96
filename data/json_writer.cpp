#include <lambent/data/detail/block_pool.hpp>
#include <lambent/data/detail/document.hpp>
#include <lambent/data/json.hpp>
#include <lambent/data/number_text.hpp>
#include <lambent/data/time_text.hpp>
#include <lambent/data/utf8.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>

namespace lambent::data {
namespace {

constexpr std::string_view too_long = "json: the text would be longer than ";
constexpr std::string_view too_deep = "json: the value is nested deeper than ";

/// Depth-first with an explicit stack, so that depth costs no thread stack.
class writer
{
public:
    writer(std::string& out, const json_write_options& options) : out_(out), options_(options) {}

    core::result<void> write(const value& root);

private:
    /// An open container and how far it was written: one of both ranges.
    struct level
    {
        std::span<const value> items;
        std::span<const member> members;
        bool object = false;
        bool begun = false;
    };

    void line_break(std::size_t depth)
    {
        if (options_.indent.empty())
            return;
        out_.push_back('\n');
        for (std::size_t i = 0; i < depth; ++i)
            out_.append(options_.indent);
    }
    /// Scalars and empty containers at once; others are opened.
    bool begin(const value& v);
    bool write_unread(const value& v);
    bool open(const value& v);
    bool write_float(double f, bool narrow);
    bool write_time(const timestamp& t);

    std::string& out_;
    const json_write_options& options_;
    std::vector<level, detail::pool_allocator<level>> open_;
    std::string error_;
};

/// Go writes a []byte in standard base64 with padding (RFC 4648 §4).
std::string base64(std::string_view bytes)
{
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < left ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k)
            out.push_back(k <= left ? alphabet[group >> (18 - 6 * k) & 63] : '=');
    }
    return out;
}

bool writer::write_float(double f, bool narrow)
{
    if (!std::isfinite(f)) {
        error_ = "json: unsupported value: " + shortest_float(f);
        return false;
    }
    out_ += json_float(f, narrow);
    return true;
}

bool writer::write_time(const timestamp& t)
{
    // RFC 3339 has four digits for a year.
    if (const auto year = calendar_of(t).year; year < 0 || year > 9999) {
        error_ = "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: year outside of range [0,9999]";
        return false;
    }
    write_json_string(out_, rfc3339_nano(t));
    return true;
}

bool writer::begin(const value& v)
{
    switch (v.kind()) {
    case kind::boolean:
        out_ += v.as_bool() ? "true" : "false";
        return true;
    case kind::int64:
        out_ += std::to_string(v.as_int64());
        return true;
    case kind::uint64:
        out_ += std::to_string(v.as_uint64());
        return true;
    case kind::float64:
        return write_float(v.as_float64(), v.width() == 32);
    case kind::number:
        out_ += v.text();
        return true;
    case kind::string:
        write_json_string(out_, v.text(), options_.escape_html);
        return true;
    case kind::bytes:
        out_ += '"' + base64(v.text()) + '"';
        return true;
    case kind::timestamp:
        return write_time(v.as_timestamp());
    case kind::array:
    case kind::object:
        if (write_unread(v))
            return true;
        return open(v);
    default:
        out_ += "null";
        return true;
    }
}

bool writer::open(const value& v)
{
    const bool object = v.is_object();
    const std::span<const value> items = object ? std::span<const value>() : v.items();
    const std::span<const member> members = object ? v.members() : std::span<const member>();
    if (members.empty() && items.empty()) {
        const bool null = !object && options_.null_list != nullptr && items.data() == options_.null_list->items().data();
        out_ += null ? "null" : object ? "{}" : "[]";
        return true;
    }
    if (open_.size() >= options_.depth_max) {
        error_ = std::string(too_deep) + std::to_string(options_.depth_max) + " levels";
        return false;
    }
    out_.push_back(object ? '{' : '[');
    level& opened = open_.emplace_back();
    opened.items = items;
    opened.members = members;
    opened.object = object;
    return true;
}

/// A part of a document that nobody changed is copied from its text.
bool writer::write_unread(const value& v)
{
    const detail::document* from = detail::document::of(v);
    if (from == nullptr || !options_.indent.empty() || open_.size() + detail::document::depth_written_max > options_.depth_max)
        return false;
    return from->write(out_, detail::document::token_of(v), options_.escape_html);
}

core::result<void> writer::write(const value& root)
{
    const std::size_t before = out_.size();
    bool good = begin(root);
    while (good && !open_.empty()) {
        if (out_.size() - before > options_.bytes_max) {
            error_ = std::string(too_long) + std::to_string(options_.bytes_max) + " bytes";
            good = false;
            break;
        }
        level& top = open_.back();
        if (top.object ? top.members.empty() : top.items.empty()) {
            const char end = top.object ? '}' : ']';
            open_.pop_back();
            line_break(open_.size());
            out_.push_back(end);
            continue;
        }
        if (top.begun)
            out_.push_back(',');
        top.begun = true;
        line_break(open_.size());
        if (!top.object) {
            const value& item = top.items.front();
            top.items = top.items.subspan(1);
            good = begin(item);
            continue;
        }
        const member& m = top.members.front();
        top.members = top.members.subspan(1);
        write_json_string(out_, m.name(), options_.escape_html);
        out_ += options_.indent.empty() ? ":" : ": ";
        good = begin(m.item);
    }
    if (good)
        return {};
    out_.resize(before);
    return core::error{core::errc::limit_exceeded, error_};
}

void write_escape(std::string& out, char32_t code)
{
    static constexpr char hex[] = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4)
        out.push_back(hex[(code >> shift) & 0xf]);
}

} // namespace

namespace {

constexpr std::uint64_t ones = 0x0101010101010101;

template <class Word>
Word loaded(const char* at) noexcept
{
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// Eight bytes, none of which has to be escaped or is more than ASCII.
bool is_plain(std::uint64_t word, bool escape_html) noexcept
{
    constexpr std::uint64_t tops = 0x80 * ones;
    // The top bit of a byte is set where that byte of `x` is zero, and above such a byte perhaps.
    const auto zero = [](std::uint64_t x) { return x - ones; };
    std::uint64_t odd = word | (word - 0x20 * ones) | zero(word ^ ('"' * ones)) | zero(word ^ ('\\' * ones));
    if (escape_html)
        odd |= zero(word ^ ('<' * ones)) | zero(word ^ ('>' * ones)) | zero(word ^ ('&' * ones));
    return (odd & tops) == 0;
}

bool is_plain(std::string_view text, bool escape_html) noexcept
{
    const char* at = text.data();
    const std::size_t size = text.size();
    if (size < 8) {
        std::uint64_t word = ' ' * ones;
        if (size >= 4)
            word = loaded<std::uint32_t>(at) | std::uint64_t{loaded<std::uint32_t>(at + size - 4)} << 32;
        else
            for (std::size_t i = 0; i < size; ++i)
                word = word << 8 | static_cast<unsigned char>(at[i]);
        return is_plain(word, escape_html);
    }
    for (const char* const last = at + size - 8; at < last; at += 8) {
        if (!is_plain(loaded<std::uint64_t>(at), escape_html))
            return false;
    }
    return is_plain(loaded<std::uint64_t>(text.data() + size - 8), escape_html);
}

} // namespace

void write_json_string(std::string& out, std::string_view text, bool escape_html)
{
    if (is_plain(text, escape_html)) {
        const std::size_t before = out.size();
        out.append(text.size() + 2, '"');
        if (!text.empty())
            std::memcpy(out.data() + before + 1, text.data(), text.size());
        return;
    }
    out.push_back('"');
    std::size_t plain = 0;
    std::size_t at = 0;
    const auto flush = [&] { out.append(text, plain, at - plain); };
    while (at < text.size()) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c >= 0x80) {
            const decoded_rune r = decode_utf8(text.substr(at));
            if (!r.valid || r.code == 0x2028 || r.code == 0x2029) {
                flush();
                write_escape(out, r.code);
                plain = at + r.size;
            }
            at += r.size;
            continue;
        }
        const bool html = escape_html && (c == '<' || c == '>' || c == '&');
        if (c >= 0x20 && c != '"' && c != '\\' && !html) {
            ++at;
            continue;
        }
        flush();
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default: write_escape(out, c);
        }
        plain = ++at;
    }
    flush();
    out.push_back('"');
}

core::result<void> write_json(std::string& out, const value& v, const json_write_options& options)
{
    return writer(out, options).write(v);
}

bool too_long_to_write(const core::error& e) noexcept { return e.detail.starts_with(too_long); }
bool beyond_limits(const core::error& e) noexcept { return too_long_to_write(e) || e.detail.starts_with(too_deep); }

namespace {

/// What a glance may take. All is counted too high rather than exactly.
struct glance
{
    std::int64_t bytes;
    std::int64_t values = 4096;
    unsigned levels = 64;

    /// A byte is written as six at most; what is no text is shorter than 64.
    void leaf(const value& v) noexcept { bytes -= v.is_text() || v.kind() == kind::number ? 6 * static_cast<std::int64_t>(v.text().size()) : 64; }

    bool sees(const value& v, std::size_t depth) noexcept
    {
        if (const detail::document* from = detail::document::of(v)) {
            bytes -= 2 * static_cast<std::int64_t>(from->bytes_below(detail::document::token_of(v)));
            return from->depth_at_most() <= depth && bytes >= 0;
        }
        const bool object = v.is_object();
        const std::span<const value> items = object ? std::span<const value>() : v.items();
        const std::span<const member> members = object ? v.members() : std::span<const member>();
        const auto count = static_cast<std::int64_t>(items.size() + members.size());
        values -= count + 1;
        bytes -= 8 * count;
        if (values < 0 || levels == 0 || depth == 0)
            return false;
        --levels;
        const auto one = [&](const value& item) {
            if (item.is_array() || item.is_object())
                return sees(item, depth - 1);
            leaf(item);
            return true;
        };
        for (const value& item : items) {
            if (!one(item))
                return false;
        }
        for (const member& m : members) {
            leaf(m.key);
            if (!one(m.item))
                return false;
        }
        ++levels;
        return bytes >= 0;
    }
};

} // namespace

bool surely_within_limits(const value& v, std::size_t bytes_max) noexcept
{
    glance one{.bytes = static_cast<std::int64_t>(bytes_max)};
    if (v.is_array() || v.is_object())
        return one.sees(v, json_write_options().depth_max);
    one.leaf(v);
    return one.bytes >= 0;
}

core::result<std::string> write_json(const value& v, const json_write_options& options)
{
    std::string out;
    const core::result<void> done = write_json(out, v, options);
    if (!done)
        return done.error();
    return out;
}

} // namespace lambent::data
