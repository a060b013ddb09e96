#include <lambent/sigv4/canonical.hpp>

#include <lambent/sigv4/errc.hpp>
#include <lambent/sigv4/uri.hpp>

#include <algorithm>
#include <compare>

namespace lambent::sigv4 {
namespace {

constexpr std::array<bool, 256> token_table = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool name_before(std::string_view a, std::string_view b) noexcept
{
    const std::size_t common = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < common; ++i) {
        const auto x = static_cast<unsigned char>(lower(a[i]));
        const auto y = static_cast<unsigned char>(lower(b[i]));
        if (x != y)
            return x < y;
    }
    return a.size() < b.size();
}

// Visible ASCII and bytes above it: nothing to check, collapse or trim.
constexpr std::array<bool, 256> plain_table = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0x21; c < table.size(); ++c)
        table[c] = c != 0x7f;
    return table;
}();

bool is_plain(std::string_view value) noexcept
{
    return std::all_of(value.begin(), value.end(), [](char c) { return plain_table[static_cast<unsigned char>(c)]; });
}

// A line break must be a fold (RFC 9112 §5.2: followed by a blank), else it would begin a header of its own.
bool is_header_value(std::string_view value) noexcept
{
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto c = static_cast<unsigned char>(value[i]);
        if (c >= 0x20 && c != 0x7f)
            continue;
        if (c == '\t')
            continue;
        if (c == '\r' && i + 1 < value.size() && value[i + 1] == '\n')
            continue;
        if (c == '\n' && i + 1 < value.size() && (value[i + 1] == ' ' || value[i + 1] == '\t'))
            continue;
        return false;
    }
    return true;
}

void append_lower(std::string& out, std::string_view name)
{
    const std::size_t begin = out.size();
    out.append(name);
    std::transform(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
        out.begin() + static_cast<std::ptrdiff_t>(begin), lower);
}

void append_collapsed(std::string& out, std::string_view value)
{
    if (is_plain(value)) {
        out.append(value);
        return;
    }
    std::size_t i = 0;
    bool first = true;
    while (i < value.size()) {
        while (i < value.size() && is_blank(value[i]))
            ++i;
        const std::size_t word = i;
        while (i < value.size() && !is_blank(value[i]))
            ++i;
        if (i == word)
            break;
        if (!first)
            out.push_back(' ');
        out.append(value, word, i - word);
        first = false;
    }
}

core::error too_many(std::string_view what, std::size_t limit)
{
    return {errc::too_many_fields, "more than " + std::to_string(limit) + " " + std::string(what) + " to sign"};
}

// What a request line cannot carry as it is; everything else of a wire path stays (RFC 9112 §3.2).
bool is_wire_character(unsigned char c) noexcept
{
    return c > 0x20 && c < 0x7f;
}

} // namespace

bool same_name(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_token(std::string_view name) noexcept
{
    return !name.empty()
        && std::all_of(name.begin(), name.end(), [](char c) { return token_table[static_cast<unsigned char>(c)]; });
}

core::result<void> canonical_headers::add(const field_view& header)
{
    if (count_ == list_.size())
        return too_many("headers", headers_max);
    if (!is_token(header.name))
        return core::error{errc::invalid_header_name, {}};
    if (!is_plain(header.value) && !is_header_value(header.value))
        return core::error{errc::invalid_header_value,
            "the value of header " + std::string(header.name) + " holds a control character or a line break that is not a fold"};
    list_[count_++] = header;
    return {};
}

bool canonical_headers::contains(std::string_view name) const noexcept
{
    return std::any_of(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(count_),
        [&](const field_view& header) { return same_name(header.name, name); });
}

void canonical_headers::sort() noexcept
{
    // Insertion: a handful of headers, most of them in order, and no allocation as std::stable_sort would make.
    for (std::size_t i = 1; i < count_; ++i) {
        const field_view moved = list_[i];
        std::size_t to = i;
        for (; to > 0 && name_before(moved.name, list_[to - 1].name); --to)
            list_[to] = list_[to - 1];
        list_[to] = moved;
    }
}

void canonical_headers::append_names(std::string& out) const
{
    for (std::size_t i = 0; i < count_; ++i) {
        if (i > 0 && same_name(list_[i].name, list_[i - 1].name))
            continue;
        if (i > 0)
            out.push_back(';');
        append_lower(out, list_[i].name);
    }
}

void canonical_headers::append_lines(std::string& out) const
{
    for (std::size_t i = 0; i < count_; ++i) {
        append_lower(out, list_[i].name);
        out.push_back(':');
        append_collapsed(out, list_[i].value);
        while (i + 1 < count_ && same_name(list_[i].name, list_[i + 1].name)) {
            out.push_back(',');
            append_collapsed(out, list_[++i].value);
        }
        out.push_back('\n');
    }
}

void canonical_query::clear() noexcept
{
    text_.clear();
    list_.clear();
}

core::result<void> canonical_query::add(std::string_view name, std::string_view value)
{
    if (list_.size() == query_parameters_max)
        return too_many("query parameters", query_parameters_max);
    parameter added;
    added.begin = text_.size();
    append_encoded(text_, name);
    added.name_end = text_.size();
    append_encoded(text_, value);
    added.end = text_.size();
    list_.push_back(added);
    return {};
}

core::result<void> canonical_query::add_wire(std::string_view query)
{
    while (!query.empty()) {
        const std::size_t amp = query.find('&');
        const std::string_view pair = query.substr(0, amp);
        query = amp == std::string_view::npos ? std::string_view{} : query.substr(amp + 1);
        if (pair.empty())
            continue;
        const std::size_t equals = pair.find('=');
        decoded_.clear();
        append_decoded(decoded_, pair.substr(0, equals));
        const std::size_t name_size = decoded_.size();
        if (equals != std::string_view::npos)
            append_decoded(decoded_, pair.substr(equals + 1));
        const std::string_view decoded = decoded_;
        if (auto added = add(decoded.substr(0, name_size), decoded.substr(name_size)); !added)
            return added;
    }
    return {};
}

bool canonical_query::contains(std::string_view name) const noexcept
{
    return std::any_of(list_.begin(), list_.end(), [&](const parameter& p) { return name_of(p) == name; });
}

void canonical_query::sort()
{
    std::sort(list_.begin(), list_.end(), [this](const parameter& a, const parameter& b) {
        const int names = name_of(a).compare(name_of(b));
        return names != 0 ? names < 0 : value_of(a) < value_of(b);
    });
}

void canonical_query::append(std::string& out) const
{
    bool first = true;
    for (const parameter& p : list_) {
        if (!first)
            out.push_back('&');
        first = false;
        out.append(name_of(p));
        out.push_back('=');
        out.append(value_of(p));
    }
}

void append_canonical_path(std::string& out, std::string_view path, const signing_options& options)
{
    std::string normalized;
    if (options.normalize_path
        && (path.empty() || path.front() != '/' || path.find("//") != path.npos || path.find("/.") != path.npos)) {
        append_normalized_path(normalized, path);
        path = normalized;
    }
    if (path.empty())
        path = "/";
    if (options.double_encode) {
        append_encoded(out, path, '/');
        return;
    }
    for (const char c : path) {
        if (is_wire_character(static_cast<unsigned char>(c)))
            out.push_back(c);
        else
            append_encoded(out, {&c, 1});
    }
}

} // namespace lambent::sigv4
