#include <lambent/bloblang/go_format.hpp>
#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/time_values.hpp>
#include <lambent/bloblang/yaml_text.hpp>
#include <lambent/bloblang/yaml_tree.hpp>

#include <lambent/core/bytes.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <vector>

namespace lambent::bloblang {
namespace {

using data::value;

constexpr unsigned depth_max = 1'000;

problem not_yaml(const std::string& why) { return failed("failed to parse value as YAML: yaml: " + why); }

bool is_float(std::string_view text)
{
    std::size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
    const auto digits = [&] {
        const std::size_t start = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9')
            ++at;
        return at - start;
    };
    const std::size_t whole = digits();
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0 && whole == 0)
            return false;
    } else if (whole == 0) {
        return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-'))
            ++at;
        if (digits() == 0)
            return false;
    }
    return at == text.size();
}

bool read_time(std::string_view text, value& out)
{
    const bool dated = text.size() > 4 && text[4] == '-' && text.substr(0, 4).find_first_not_of("0123456789") == std::string_view::npos;
    if (!dated)
        return false;
    for (const std::string_view layout :
        {"2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999", "2006-1-2"}) {
        auto read = go_time_parse(layout, text);
        if (auto* t = std::get_if<data::timestamp>(&read)) {
            out = value(std::move(*t));
            return true;
        }
    }
    return false;
}

bool read_number(std::string_view text, value& out)
{
    std::string plain(text);
    plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
    if (auto i = parse_int(plain, 0, 64); std::holds_alternative<std::int64_t>(i)) {
        out = value(std::get<std::int64_t>(i));
        return true;
    }
    if (auto u = parse_uint(plain, 0, 64); std::holds_alternative<std::uint64_t>(u)) {
        out = value::unsigned_integer(std::get<std::uint64_t>(u));
        return true;
    }
    if (!is_float(plain))
        return false;
    auto f = parse_float(plain);
    if (!std::holds_alternative<double>(f))
        return false;
    out = value(std::get<double>(f));
    return true;
}

/// The tag that a plain scalar of this value has.
std::string_view short_tag(const value& v)
{
    switch (v.kind()) {
    case data::kind::null:
        return "!!null";
    case data::kind::boolean:
        return "!!bool";
    case data::kind::int64:
    case data::kind::uint64:
        return "!!int";
    case data::kind::float64:
        return "!!float";
    case data::kind::timestamp:
        return "!!timestamp";
    default:
        return "!!str";
    }
}

answer read_binary(std::string_view text)
{
    std::string plain;
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '\n' && c != '\r' && c != ' '; });
    const auto decoded = core::from_base64(plain);
    if (!decoded)
        return not_yaml("!!binary value contains invalid base64 data");
    return value(*decoded);
}

/// One document's nodes as values.
class yaml_reader
{
public:
    answer read(yaml_node& n);
    /// What did not stop the reading: keys that occur twice.
    const std::vector<std::string>& flaws() const { return flaws_; }

private:
    using members = std::map<std::string, value>;

    answer read_alias(yaml_node& n);
    answer read_map(yaml_node& n);
    answer read_scalar(const yaml_node& n) const;
    problem add(members& into, std::set<std::string>* merged, yaml_node& n);
    problem merge(members& into, std::set<std::string>* merged, yaml_node& from);
    bool has_double_keys(const yaml_node& n);
    std::string tag_of(const yaml_node& n) const;
    bool is_merge(const yaml_node& n) const;

    std::vector<std::string> flaws_;
    std::size_t decoded_ = 0;
    std::size_t of_aliases_ = 0;
    std::size_t alias_depth_ = 0;
};

bool yaml_reader::is_merge(const yaml_node& n) const
{
    return n.kind == yaml_node::what::scalar && n.text == "<<" && ((n.tag.empty() && !n.quoted) || n.tag == "!!merge");
}

/// The tag that a node has or is given: "!!int" for a plain 5.
std::string yaml_reader::tag_of(const yaml_node& n) const
{
    const yaml_node& to = n.resolved();
    if (!to.tag.empty() && to.tag != "!")
        return to.tag;
    if (to.kind != yaml_node::what::scalar)
        return to.kind == yaml_node::what::map ? "!!map" : "!!seq";
    if (to.quoted || to.tag == "!")
        return "!!str";
    return is_merge(to) ? "!!merge" : std::string(short_tag(resolve_yaml_scalar(to.text)));
}

answer yaml_reader::read_scalar(const yaml_node& n) const
{
    if ((n.quoted && n.tag.empty()) || n.tag == "!" || n.tag == "!!str")
        return value(n.text);
    if (n.tag == "!!binary")
        return read_binary(n.text);
    static constexpr std::string_view resolved[] = {"", "!!bool", "!!int", "!!float", "!!null", "!!timestamp"};
    if (std::ranges::find(resolved, n.tag) == std::end(resolved))
        return value(n.text);
    value made = resolve_yaml_scalar(n.text);
    const std::string_view tag = short_tag(made);
    if (n.tag.empty() || n.tag == tag)
        return made;
    if (n.tag == "!!float" && made.kind() == data::kind::int64)
        return value(static_cast<double>(made.as_int64()));
    if (made.kind() == data::kind::timestamp)
        return not_yaml("cannot decode !!str `" + n.text + "` as a " + n.tag);
    return not_yaml("cannot decode " + std::string(tag) + " `" + n.text + "` as a " + n.tag);
}

answer yaml_reader::read_alias(yaml_node& n)
{
    yaml_node& to = *n.target;
    if (to.being_read)
        return not_yaml("anchor '" + n.text + "' value contains itself");
    to.being_read = true;
    ++alias_depth_;
    answer made = read(to);
    --alias_depth_;
    to.being_read = false;
    return made;
}

/// How much of a document may come from aliases: nearly all of a small one, a tenth of a large one.
double aliases_allowed(std::size_t decoded)
{
    constexpr double low = 400'000;
    constexpr double high = 4'000'000;
    const auto n = static_cast<double>(decoded);
    return n <= low ? 0.99 : n >= high ? 0.10 : 0.99 - 0.89 * (n - low) / (high - low);
}

answer yaml_reader::read(yaml_node& n)
{
    ++decoded_;
    if (alias_depth_ > 0)
        ++of_aliases_;
    if (of_aliases_ > 100 && decoded_ > 1000
        && static_cast<double>(of_aliases_) / static_cast<double>(decoded_) > aliases_allowed(decoded_))
        return not_yaml("document contains excessive aliasing");
    switch (n.kind) {
    case yaml_node::what::alias:
        return read_alias(n);
    case yaml_node::what::map:
        return read_map(n);
    case yaml_node::what::scalar:
        return read_scalar(n);
    case yaml_node::what::list:
        break;
    }
    std::vector<value> items;
    for (yaml_node* child : n.children) {
        answer item = read(*child);
        if (!item.ok())
            return item;
        items.push_back(std::move(item).value());
    }
    return value::array(std::move(items));
}

bool yaml_reader::has_double_keys(const yaml_node& n)
{
    // By kind and text: two keys that are lists count as the same.
    std::map<std::pair<yaml_node::what, std::string>, std::vector<std::size_t>> seen;
    std::vector<std::pair<std::size_t, std::string>> found;
    for (std::size_t i = 0; i < n.children.size(); i += 2) {
        const yaml_node& key = *n.children[i];
        auto& lines = seen[{key.kind, key.text}];
        for (std::size_t k = 0; k < lines.size(); ++k) {
            found.emplace_back(lines[k], "line " + std::to_string(key.line) + ": mapping key " + go_quote(key.text)
                + " already defined at line " + std::to_string(n.children[lines[k]]->line));
        }
        lines.push_back(i);
    }
    std::ranges::stable_sort(found, {}, &std::pair<std::size_t, std::string>::first);
    for (auto& one : found)
        flaws_.push_back(std::move(one.second));
    return !found.empty();
}

problem yaml_reader::merge(members& into, std::set<std::string>* merged, yaml_node& from)
{
    static constexpr const char* unfit = "map merge requires map or sequence of maps as the value";
    if (from.resolved().kind == yaml_node::what::map) {
        if (from.kind == yaml_node::what::alias) {
            if (from.target->being_read)
                return not_yaml("anchor '" + from.text + "' value contains itself");
            from.target->being_read = true;
            problem why = add(into, merged, *from.target);
            from.target->being_read = false;
            return why;
        }
        return add(into, merged, from);
    }
    if (from.kind != yaml_node::what::list)
        return not_yaml(unfit);
    for (yaml_node* one : from.children) {
        if (one->resolved().kind != yaml_node::what::map)
            return not_yaml(unfit);
        if (problem why = merge(into, merged, *one))
            return why;
    }
    return nullptr;
}

/// The members of a mapping. `merged`: the keys that a map merged into another one leaves alone, null for the outermost.
problem yaml_reader::add(members& into, std::set<std::string>* merged, yaml_node& n)
{
    if (has_double_keys(n))
        return nullptr;
    yaml_node* other = nullptr;
    for (std::size_t i = 0; i + 1 < n.children.size(); i += 2) {
        if (is_merge(*n.children[i])) {
            other = n.children[i + 1];
            continue;
        }
        answer key = read(*n.children[i]);
        if (!key.ok())
            return std::move(key).take_failure();
        const std::string name(key.value().is_string() ? key.value().text() : std::string_view());
        if (merged != nullptr && !merged->insert(name).second)
            continue;
        answer item = read(*n.children[i + 1]);
        if (!item.ok())
            return std::move(item).take_failure();
        into[name] = std::move(item).value();
    }
    if (other == nullptr)
        return nullptr;
    std::set<std::string> own;
    for (const auto& [name, item] : into)
        own.insert(name);
    return merge(into, merged != nullptr ? merged : &own, *other);
}

answer yaml_reader::read_map(yaml_node& n)
{
    bool texts_only = true;
    for (std::size_t i = 0; i < n.children.size(); i += 2) {
        const std::string tag = tag_of(*n.children[i]);
        texts_only = texts_only && (tag == "!!str" || tag == "!!merge");
    }
    members all;
    if (texts_only) {
        if (problem why = add(all, nullptr, n))
            return why;
        std::vector<data::member> made;
        for (auto& [name, item] : all)
            made.push_back({value(name), std::move(item)});
        return value::object(std::move(made));
    }
    if (has_double_keys(n))
        return value();
    for (std::size_t i = 0; i + 1 < n.children.size(); i += 2) {
        if (is_merge(*n.children[i]))
            continue;
        answer key = read(*n.children[i]);
        if (!key.ok())
            return key;
        if (key.value().is_array() || key.value().is_object())
            return not_yaml("invalid map key: " + go_format("%#v", std::span(&key.value(), 1)));
        answer item = read(*n.children[i + 1]);
        if (!item.ok())
            return item;
    }
    // Go makes a map[any]any of it, which its JSON encoder refuses; so is this number.
    return value(std::numeric_limits<double>::quiet_NaN());
}

} // namespace

value resolve_yaml_scalar(std::string_view text)
{
    for (const std::string_view null : {"", "~", "null", "Null", "NULL"}) {
        if (text == null)
            return value();
    }
    for (const std::string_view yes : {"true", "True", "TRUE"}) {
        if (text == yes)
            return value(true);
    }
    for (const std::string_view no : {"false", "False", "FALSE"}) {
        if (text == no)
            return value(false);
    }
    for (const std::string_view infinite : {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"}) {
        if (text == infinite)
            return value(std::numeric_limits<double>::infinity());
    }
    for (const std::string_view infinite : {"-.inf", "-.Inf", "-.INF"}) {
        if (text == infinite)
            return value(-std::numeric_limits<double>::infinity());
    }
    for (const std::string_view nan : {".nan", ".NaN", ".NAN"}) {
        if (text == nan)
            return value(std::numeric_limits<double>::quiet_NaN());
    }
    value out;
    const char first = text.front();
    if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.') {
        if (read_time(text, out) || read_number(text, out))
            return out;
    }
    return value(text);
}

answer read_yaml(std::string_view text)
{
    yaml_tree tree(text, depth_max);
    if (!tree.failure().empty())
        return not_yaml(tree.failure());
    yaml_node* root = tree.root();
    if (root == nullptr)
        return value();
    yaml_reader reader;
    answer made = reader.read(*root);
    if (!made.ok() || reader.flaws().empty())
        return made;
    std::string all = "unmarshal errors:";
    for (const std::string& flaw : reader.flaws())
        all += "\n  " + flaw;
    return not_yaml(all);
}

} // namespace lambent::bloblang
