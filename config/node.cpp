#include <lambent/config/detail/tree.hpp>
#include <lambent/config/errc.hpp>
#include <lambent/config/node.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

namespace lambent::config {
namespace {

core::error located(errc code, const place& where, const std::string& message)
{
    core::error e;
    e.code = code;
    e.detail = where.file + "(" + std::to_string(where.line) + "," + std::to_string(where.column) + ") " + message;
    return e;
}

const node::tree::content& content_of(const node::tree& tree, std::size_t slot)
{
    return tree.contents[tree.slots[slot].content];
}

/// Only `<<: *name` merges, as in the original; `<<` with anything else is an ordinary key.
bool merges(const node::tree& tree, const node::tree::content& map, std::size_t i)
{
    return map.keys[i] == "<<" && tree.slots[map.children[i]].alias && content_of(tree, map.children[i]).kind == node::kind::map;
}

void append_json_string(std::string& out, std::string_view text)
{
    out.push_back('"');
    for (const char c : text) {
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) {
                constexpr char digits[] = "0123456789abcdef";
                out += "\\u00";
                out.push_back(digits[c >> 4]);
                out.push_back(digits[c & 15]);
            } else {
                out.push_back(c);
            }
        }
    }
    out.push_back('"');
}

/// Whether the text is already a JSON number, which then keeps its spelling.
bool is_json_number(std::string_view text)
{
    std::size_t i = 0;
    const auto digits = [&] {
        const std::size_t start = i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9')
            ++i;
        return i - start;
    };
    if (i < text.size() && text[i] == '-')
        ++i;
    const std::size_t whole_at = i;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[whole_at] == '0'))
        return false;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (digits() == 0)
            return false;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '-' || text[i] == '+'))
            ++i;
        if (digits() == 0)
            return false;
    }
    return i == text.size();
}

void append_json_scalar(std::string& out, const node::tree::content& scalar)
{
    const std::string& text = scalar.text;
    if (scalar.tag == "!!bool") {
        out += text[0] == 't' || text[0] == 'T' ? "true" : "false";
        return;
    }
    if ((scalar.tag == "!!int" || scalar.tag == "!!float") && is_json_number(text)) {
        out += text;
        return;
    }
    std::int64_t whole = 0;
    if (scalar.tag == "!!int" && detail::read_integer(text, whole)) {
        out += std::to_string(whole);
        return;
    }
    double real = 0;
    if ((scalar.tag == "!!float" || scalar.tag == "!!int") && detail::read_real(text, real) && std::isfinite(real)) {
        char digits[32];
        const auto [end, code] = std::to_chars(digits, digits + sizeof digits, real);
        (void)code; // 32 characters hold any double
        out.append(digits, end);
        return;
    }
    append_json_string(out, text);
}

} // namespace

core::result<node> node::parse(std::string_view text, std::string file)
{
    std::string name = file;
    auto read = detail::read_yaml(text, std::move(file));
    if (const auto* flaw = std::get_if<detail::syntax_flaw>(&read))
        return located(flaw->code, place{name, 1, 1}, flaw->message);
    return adopt(std::move(std::get<tree>(read)));
}

node node::adopt(tree&& made) { return {std::make_shared<const tree>(std::move(made)), 0}; }

node::kind node::type() const noexcept { return tree_ ? content_of(*tree_, index_).kind : kind::absent; }

std::string_view node::tag() const noexcept { return tree_ ? std::string_view(content_of(*tree_, index_).tag) : ""; }

place node::where() const
{
    if (!tree_)
        return {};
    const auto& content = content_of(*tree_, index_);
    return {tree_->files[content.file], content.line, content.column};
}

place node::key_place() const
{
    if (!tree_ || tree_->slots[index_].key_line == 0)
        return where();
    return {tree_->files[content_of(*tree_, index_).file], tree_->slots[index_].key_line, tree_->slots[index_].key_column};
}

std::size_t node::size() const noexcept
{
    if (is_map())
        return items().size();
    return is_sequence() ? content_of(*tree_, index_).children.size() : 0;
}

node node::at(std::size_t index) const
{
    if (!is_sequence())
        return {};
    const auto& children = content_of(*tree_, index_).children;
    return index < children.size() ? node(tree_, children[index]) : node();
}

node node::get(std::string_view key) const
{
    if (!is_map())
        return {};
    const auto& map = content_of(*tree_, index_);
    for (std::size_t i = map.keys.size(); i-- > 0;)
        if (map.keys[i] == key && !merges(*tree_, map, i))
            return {tree_, map.children[i]};
    for (std::size_t i = map.keys.size(); i-- > 0;)
        if (merges(*tree_, map, i))
            if (node found = node(tree_, map.children[i]).get(key); found.exists())
                return found;
    return {};
}

std::vector<std::pair<std::string, node>> node::items_as_written() const
{
    std::vector<std::pair<std::string, node>> out;
    if (!is_map())
        return out;
    const auto& map = content_of(*tree_, index_);
    out.reserve(map.keys.size());
    for (std::size_t i = 0; i < map.keys.size(); ++i)
        out.emplace_back(map.keys[i], node(tree_, map.children[i]));
    return out;
}

std::vector<std::pair<std::string, node>> node::items() const
{
    std::vector<std::pair<std::string, node>> out;
    if (!is_map())
        return out;
    std::unordered_map<std::string, std::size_t> seen;
    const auto put = [&](const std::string& key, node value, bool wins) {
        const auto [found, fresh] = seen.try_emplace(key, out.size());
        if (fresh)
            out.emplace_back(key, std::move(value));
        else if (wins)
            out[found->second].second = std::move(value);
    };
    const auto& map = content_of(*tree_, index_);
    for (std::size_t i = 0; i < map.keys.size(); ++i)
        if (!merges(*tree_, map, i))
            put(map.keys[i], node(tree_, map.children[i]), true);
    for (std::size_t i = map.keys.size(); i-- > 0;)
        if (merges(*tree_, map, i))
            for (auto& [key, value] : node(tree_, map.children[i]).items())
                put(key, std::move(value), false);
    return out;
}

bool node::is_alias() const noexcept { return tree_ && tree_->slots[index_].alias; }

const std::string& node::text() const noexcept
{
    static const std::string none;
    return tree_ ? content_of(*tree_, index_).text : none;
}

bool node::is_block_scalar() const noexcept { return tree_ && content_of(*tree_, index_).block; }

bool node::is_literal() const noexcept { return tree_ && content_of(*tree_, index_).literal; }

bool node::is_plain() const noexcept { return tree_ && content_of(*tree_, index_).plain; }

std::string node::to_json() const
{
    std::string out;
    switch (type()) {
    case kind::absent:
    case kind::null:
        return "null";
    case kind::scalar:
        append_json_scalar(out, content_of(*tree_, index_));
        return out;
    case kind::sequence:
        out = "[";
        for (std::size_t i = 0; i < size(); ++i)
            out += (i == 0 ? "" : ",") + at(i).to_json();
        return out + "]";
    case kind::map:
        out = "{";
        for (const auto& [key, value] : items()) {
            if (out.size() > 1)
                out.push_back(',');
            append_json_string(out, key);
            out += ":" + value.to_json();
        }
        return out + "}";
    }
    return out;
}

} // namespace lambent::config
