#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/time_values.hpp>
#include <lambent/bloblang/yaml_text.hpp>

#include <lambent/core/bytes.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>

#include <yaml-cpp/yaml.h>

namespace lambent::bloblang {
namespace {

using data::value;

constexpr unsigned depth_max = 1'000;
/// Aliases can multiply a small text: more nodes than this are refused.
constexpr std::size_t nodes_max = 1'000'000;

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

/// After a block sequence at the margin nothing else may stand there; yaml-cpp takes it for another document.
bool is_followed_by_else(std::string_view text, const YAML::Node& root)
{
    if (!root.IsSequence() || root.Style() != YAML::EmitterStyle::Block || root.Mark().column != 0)
        return false;
    for (int line = 0; !text.empty(); ++line) {
        const std::string_view here = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(here.size() + 1, text.size()));
        if (line <= root.Mark().line || here.empty())
            continue;
        if (here.starts_with("---") || here.starts_with("..."))
            return false;
        if (std::string_view("-# \t\r").find(here.front()) == std::string_view::npos)
            return true;
    }
    return false;
}

/// One document's nodes as values.
class yaml_reader
{
public:
    answer read(const YAML::Node& node, unsigned depth);

private:
    answer read_map(const YAML::Node& node, unsigned depth);
    problem add(std::map<std::string, value>& into, const YAML::Node& node, unsigned depth, bool keep);
    answer read_scalar(const YAML::Node& node);

    std::size_t nodes_ = 0;
    bool odd_key_ = false;
};

answer yaml_reader::read_scalar(const YAML::Node& node)
{
    const std::string& text = node.Scalar();
    const std::string& tag = node.Tag();
    if (tag == "!" || tag == "tag:yaml.org,2002:str")
        return value(text);
    if (tag == "tag:yaml.org,2002:binary")
        return read_binary(text);
    value made = resolve_yaml_scalar(text);
    if (tag == "tag:yaml.org,2002:null" && !made.is_null())
        return not_yaml("cannot decode " + std::string(short_tag(made)) + " `" + text + "` as a !!null");
    return made;
}

/// Members of a mapping; those of `<<` first, which the others replace.
problem yaml_reader::add(std::map<std::string, value>& into, const YAML::Node& node, unsigned depth, bool keep)
{
    if (depth > depth_max)
        return not_yaml("exceeded max depth of " + std::to_string(depth_max));
    std::map<std::string, int> lines;
    std::vector<YAML::Node> merged;
    for (const auto& entry : node) {
        answer key = read(entry.first, depth + 1);
        if (!key.ok())
            return std::move(key).take_failure();
        const bool plain = entry.first.IsScalar() && entry.first.Tag() == "?";
        if (plain && entry.first.Scalar() == "<<") {
            if (entry.second.IsSequence()) {
                for (const auto& one : entry.second)
                    merged.push_back(one);
            } else {
                merged.push_back(entry.second);
            }
            continue;
        }
        if (!key.value().is_string()) {
            odd_key_ = true;
            continue;
        }
        const std::string name(key.value().text());
        const int line = entry.first.Mark().line + 1;
        if (const auto [before, fresh] = lines.emplace(name, line); !fresh) {
            return not_yaml("unmarshal errors:\n  line " + std::to_string(line) + ": mapping key " + go_quote(name) +
                " already defined at line " + std::to_string(before->second));
        }
        answer item = read(entry.second, depth + 1);
        if (!item.ok())
            return std::move(item).take_failure();
        if (keep)
            into.emplace(name, std::move(item).value());
        else
            into[name] = std::move(item).value();
    }
    for (const YAML::Node& one : merged) {
        if (!one.IsMap())
            return not_yaml("map merge requires map or sequence of maps as the value");
        if (problem why = add(into, one, depth + 1, true))
            return why;
    }
    return nullptr;
}

answer yaml_reader::read_map(const YAML::Node& node, unsigned depth)
{
    std::map<std::string, value> all;
    odd_key_ = false;
    problem why = add(all, node, depth, false);
    if (why)
        return why;
    if (odd_key_) {
        // Go makes a map[any]any of it, which its JSON encoder refuses; so is this number.
        odd_key_ = false;
        return value(std::numeric_limits<double>::quiet_NaN());
    }
    std::vector<data::member> members;
    for (auto& [name, item] : all)
        members.push_back({value(name), std::move(item)});
    return value::object(std::move(members));
}

answer yaml_reader::read(const YAML::Node& node, unsigned depth)
{
    if (depth > depth_max)
        return not_yaml("exceeded max depth of " + std::to_string(depth_max));
    if (++nodes_ > nodes_max)
        return not_yaml("document contains excessive aliasing");
    if (node.IsScalar())
        return read_scalar(node);
    if (node.IsMap())
        return read_map(node, depth);
    if (!node.IsSequence())
        return value();
    std::vector<value> items;
    for (const auto& one : node) {
        answer item = read(one, depth + 1);
        if (!item.ok())
            return item;
        items.push_back(std::move(item).value());
    }
    return value::array(std::move(items));
}

/// yaml-cpp's complaint in the words of libyaml, which Go's parser has from there. The line is told from the second on.
std::string libyaml_words(const YAML::ParserException& e, std::string_view text)
{
    const std::string what = e.msg;
    const auto at_line = [](int line) { return line > 0 ? "line " + std::to_string(line) + ": " : std::string(); };
    const int here = e.mark.line > 0 ? e.mark.line + 1 : 0;
    if (what.find("end of sequence") != std::string::npos || what.find("end of map") != std::string::npos) {
        const auto last = text.find_last_not_of(" \t\r\n");
        const char before = last == std::string_view::npos ? '\0' : text[last];
        const bool sequence = what.find("sequence") != std::string::npos;
        const int lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + (text.ends_with('\n') ? 0 : 1);
        if (before == '[' || before == '{' || before == ',')
            return at_line(lines) + "did not find expected node content";
        return at_line(lines) + (sequence ? "did not find expected ',' or ']'" : "did not find expected ',' or '}'");
    }
    if (text.starts_with('\t'))
        return "found character that cannot start any token";
    if (what.find("illegal map value") != std::string::npos || what.find("map value") != std::string::npos)
        return at_line(here) + "mapping values are not allowed in this context";
    if (what.find("anchor is not defined") != std::string::npos) {
        const auto star = text.rfind('*');
        const auto end = text.find_first_of(" \t\r\n,]}", star);
        const std::string_view name = star == std::string_view::npos ? std::string_view() : text.substr(star + 1, end - star - 1);
        return "unknown anchor '" + std::string(name) + "' referenced";
    }
    if (what.find("unknown escape character") != std::string::npos)
        return at_line(here) + "found unknown escape character";
    if (what.find("EOF in scalar") != std::string::npos)
        return at_line(here) + "found unexpected end of stream";
    return at_line(here) + "found character that cannot start any token";
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
    try {
        const YAML::Node root = YAML::Load(std::string(text));
        if (is_followed_by_else(text, root)) {
            const int line = root.Mark().line;
            return not_yaml("line " + std::to_string(line + 1) + ": did not find expected '-' indicator");
        }
        return yaml_reader().read(root, 0);
    } catch (const YAML::ParserException& e) {
        return not_yaml(libyaml_words(e, text));
    } catch (const YAML::Exception& e) {
        return not_yaml(e.what());
    }
}

} // namespace lambent::bloblang
