#include <lambent/data/detail/document.hpp>
#include <lambent/data/number_text.hpp>
#include <lambent/data/path.hpp>

#include <span>

namespace lambent::data {
namespace {

std::string unescape_segment(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '~' && i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1'))
            out.push_back(text[++i] == '0' ? '~' : '.');
        else
            out.push_back(text[i]);
    }
    return out;
}

std::optional<value> follow(const value& root, std::span<const std::string> rest);

value every(const value& array, std::span<const std::string> rest)
{
    std::vector<value> all;
    for (const value& v : array.items()) {
        if (auto found = follow(v, rest))
            all.push_back(std::move(*found));
    }
    return value::array(std::move(all));
}

/// Within a document that was read only as far as it was asked for: no values are made on the way.
std::optional<value> follow_unread(const value& root, std::span<const std::string> rest)
{
    const detail::document& from = *detail::document::of(root);
    const auto t = from.follow(detail::document::token_of(root), rest);
    if (t == detail::document::none)
        return std::nullopt;
    return rest.empty() ? from.at(t) : every(from.at(t), rest.subspan(1));
}

std::optional<value> follow(const value& root, std::span<const std::string> rest)
{
    const value* at = &root;
    while (!rest.empty()) {
        if (detail::document::of(*at) != nullptr)
            return follow_unread(*at, rest);
        const std::string& segment = rest.front();
        rest = rest.subspan(1);
        if (at->is_object()) {
            at = at->peek(segment);
            if (at == nullptr)
                return std::nullopt;
        } else if (at->is_array()) {
            if (segment == "*")
                return every(*at, rest);
            const auto index = array_index(segment);
            if (!index || *index >= at->size())
                return std::nullopt;
            at = &at->items()[*index];
        } else {
            return std::nullopt;
        }
    }
    return *at;
}

} // namespace

std::optional<std::size_t> array_index(std::string_view segment) noexcept
{
    if (segment.size() > 1 && segment[0] == '+' && segment[1] != '-')
        segment.remove_prefix(1);
    const auto i = int64_of(segment);
    return i && *i >= 0 ? std::optional<std::size_t>(static_cast<std::size_t>(*i)) : std::nullopt;
}

std::vector<std::string> split_path(std::string_view path)
{
    std::vector<std::string> out;
    while (true) {
        const auto dot = path.find('.');
        out.push_back(unescape_segment(path.substr(0, dot)));
        if (dot == std::string_view::npos)
            return out;
        path.remove_prefix(dot + 1);
    }
}

std::string escape_segment(std::string_view segment)
{
    std::string out;
    for (const char c : segment) {
        if (c == '~')
            out += "~0";
        else if (c == '.')
            out += "~1";
        else
            out.push_back(c);
    }
    return out;
}

std::string join_path(const std::vector<std::string>& segments)
{
    std::string out;
    for (const std::string& s : segments) {
        if (&s != &segments.front())
            out.push_back('.');
        out += escape_segment(s);
    }
    return out;
}

std::optional<value> find_path(const value& root, const std::vector<std::string>& segments) { return follow(root, segments); }

bool has_path(const value& root, const std::vector<std::string>& segments) { return find_path(root, segments).has_value(); }

} // namespace lambent::data
