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

std::optional<value> follow(const value& root, std::span<const std::string> rest)
{
    const value* at = &root;
    while (!rest.empty()) {
        const std::string& segment = rest.front();
        rest = rest.subspan(1);
        if (at->is_object()) {
            const value* next = at->peek(segment);
            if (next == nullptr)
                return std::nullopt;
            at = next;
        } else if (at->is_array()) {
            if (segment == "*") {
                std::vector<value> all;
                for (const value& v : at->items()) {
                    if (auto found = follow(v, rest))
                        all.push_back(std::move(*found));
                }
                return value::array(std::move(all));
            }
            // strconv.Atoi: a leading + is a number too.
            std::string_view digits = segment;
            if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-')
                digits.remove_prefix(1);
            const auto index = int64_of(digits);
            if (!index || *index < 0 || static_cast<std::size_t>(*index) >= at->size())
                return std::nullopt;
            at = &at->items()[static_cast<std::size_t>(*index)];
        } else {
            return std::nullopt;
        }
    }
    return *at;
}

} // namespace

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
