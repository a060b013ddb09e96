#include <lambent/bloblang/go_format.hpp>
#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/time_values.hpp>
#include <lambent/bloblang/yaml_text.hpp>

#include <lambent/core/bytes.hpp>

#include <yaml.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace lambent::bloblang {
namespace {

using data::value;

constexpr unsigned depth_max = 1'000;

problem not_yaml(const std::string& why) { return failed("failed to parse value as YAML: yaml: " + why); }

constexpr std::string_view standard_tags = "tag:yaml.org,2002:";

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

struct node
{
    enum class what : std::uint8_t { scalar, list, map, alias };

    what kind = what::scalar;
    bool quoted = false; ///< or a block: whatever it says, it is a string
    std::string tag;     ///< "!!str", "!x", or empty
    std::string text;    ///< of a scalar; of an alias its name
    std::size_t line = 0;
    node* target = nullptr; ///< of an alias
    bool being_read = false;
    std::vector<node*> children; ///< of a map: key, value, key, ...

    const node& resolved() const { return kind == what::alias ? *target : *this; }
};

/// The events of libyaml, from which Go's parser was ported, put together to a tree.
class tree_builder
{
public:
    explicit tree_builder(std::string_view text)
    {
        yaml_parser_initialize(&parser_);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
        if (!text.starts_with("\xff\xfe") && !text.starts_with("\xfe\xff"))
            yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    }
    tree_builder(const tree_builder&) = delete;
    tree_builder& operator=(const tree_builder&) = delete;
    ~tree_builder() { yaml_parser_delete(&parser_); }

    /// The first document's root; null: there is none, or a failure.
    node* read()
    {
        for (;;) {
            yaml_event_t event;
            if (yaml_parser_parse(&parser_, &event) == 0) {
                failure_ = words();
                return nullptr;
            }
            const bool over = event.type == YAML_STREAM_END_EVENT || event.type == YAML_DOCUMENT_END_EVENT;
            take(event);
            yaml_event_delete(&event);
            if (over || !failure_.empty())
                return failure_.empty() ? root_ : nullptr;
        }
    }

    const std::string& failure() const { return failure_; }

private:
    static std::string bytes_of(const yaml_char_t* text) { return text == nullptr ? std::string() : reinterpret_cast<const char*>(text); }

    static std::string short_form(const yaml_char_t* tag)
    {
        std::string text = bytes_of(tag);
        if (text.starts_with(standard_tags))
            text = "!!" + text.substr(standard_tags.size());
        return text;
    }

    node* add(const yaml_event_t& event, node::what kind, const yaml_char_t* anchor)
    {
        node& made = nodes_.emplace_back();
        made.kind = kind;
        made.line = event.start_mark.line + 1;
        if (anchor != nullptr)
            anchors_[bytes_of(anchor)] = &made;
        if (open_.empty())
            root_ = &made;
        else
            open_.back()->children.push_back(&made);
        return &made;
    }

    void open(node* made)
    {
        open_.push_back(made);
        if (open_.size() > depth_max)
            failure_ = "exceeded max depth of " + std::to_string(depth_max);
    }

    void take(const yaml_event_t& event)
    {
        switch (event.type) {
        case YAML_SCALAR_EVENT: {
            const auto& scalar = event.data.scalar;
            node* made = add(event, node::what::scalar, scalar.anchor);
            made->text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
            made->tag = short_form(scalar.tag);
            made->quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE;
            return;
        }
        case YAML_SEQUENCE_START_EVENT: {
            node* made = add(event, node::what::list, event.data.sequence_start.anchor);
            made->tag = short_form(event.data.sequence_start.tag);
            open(made);
            return;
        }
        case YAML_MAPPING_START_EVENT: {
            node* made = add(event, node::what::map, event.data.mapping_start.anchor);
            made->tag = short_form(event.data.mapping_start.tag);
            open(made);
            return;
        }
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
            open_.pop_back();
            return;
        case YAML_ALIAS_EVENT: {
            const std::string name = bytes_of(event.data.alias.anchor);
            const auto found = anchors_.find(name);
            if (found == anchors_.end()) {
                failure_ = "unknown anchor '" + name + "' referenced";
                return;
            }
            node* made = add(event, node::what::alias, nullptr);
            made->text = name;
            made->target = found->second;
            return;
        }
        default:
            return;
        }
    }

    /// The line is that of the context where the parser has one past the first line, else that of the problem; none on the
    /// first. Scanner errors count it from zero, others one too low.
    std::string words()
    {
        look_ahead();
        std::size_t line = parser_.context_mark.line != 0 ? parser_.context_mark.line : parser_.problem_mark.line;
        if (line != 0 && parser_.error == YAML_SCANNER_ERROR)
            ++line;
        const std::string where = line != 0 ? "line " + std::to_string(line) + ": " : std::string();
        return where + (parser_.problem != nullptr ? parser_.problem : "unknown problem parsing YAML content");
    }

    /// Go's parser has two more tokens read when it meets an error: where these are broken, that is what it reports.
    void look_ahead()
    {
        if (parser_.error != YAML_PARSER_ERROR)
            return;
        const char* problem = parser_.problem;
        const yaml_mark_t problem_mark = parser_.problem_mark;
        const yaml_mark_t context_mark = parser_.context_mark;
        parser_.error = YAML_NO_ERROR;
        for (int tokens = 0; tokens < 3; ++tokens) {
            yaml_token_t token{};
            const bool scanned = yaml_parser_scan(&parser_, &token) != 0;
            yaml_token_delete(&token);
            if (!scanned)
                return;
        }
        parser_.error = YAML_PARSER_ERROR;
        parser_.problem = problem;
        parser_.problem_mark = problem_mark;
        parser_.context_mark = context_mark;
    }

    yaml_parser_t parser_;
    std::deque<node> nodes_;
    std::map<std::string, node*, std::less<>> anchors_;
    std::vector<node*> open_;
    node* root_ = nullptr;
    std::string failure_;
};

/// One document's nodes as values.
class yaml_reader
{
public:
    answer read(node& n);
    /// What did not stop the reading: keys that occur twice.
    const std::vector<std::string>& flaws() const { return flaws_; }

private:
    using members = std::map<std::string, value>;

    answer read_alias(node& n);
    answer read_map(node& n);
    answer read_scalar(const node& n) const;
    problem add(members& into, std::set<std::string>* merged, node& n);
    problem merge(members& into, std::set<std::string>* merged, node& from);
    bool has_double_keys(const node& n);
    std::string tag_of(const node& n) const;
    bool is_merge(const node& n) const;

    std::vector<std::string> flaws_;
    std::size_t decoded_ = 0;
    std::size_t of_aliases_ = 0;
    std::size_t alias_depth_ = 0;
};

bool yaml_reader::is_merge(const node& n) const
{
    return n.kind == node::what::scalar && n.text == "<<" && ((n.tag.empty() && !n.quoted) || n.tag == "!!merge");
}

/// The tag that a node has or is given: "!!int" for a plain 5.
std::string yaml_reader::tag_of(const node& n) const
{
    const node& to = n.resolved();
    if (!to.tag.empty() && to.tag != "!")
        return to.tag;
    if (to.kind != node::what::scalar)
        return to.kind == node::what::map ? "!!map" : "!!seq";
    if (to.quoted || to.tag == "!")
        return "!!str";
    return is_merge(to) ? "!!merge" : std::string(short_tag(resolve_yaml_scalar(to.text)));
}

answer yaml_reader::read_scalar(const node& n) const
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

answer yaml_reader::read_alias(node& n)
{
    node& to = *n.target;
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

answer yaml_reader::read(node& n)
{
    ++decoded_;
    if (alias_depth_ > 0)
        ++of_aliases_;
    if (of_aliases_ > 100 && decoded_ > 1000
        && static_cast<double>(of_aliases_) / static_cast<double>(decoded_) > aliases_allowed(decoded_))
        return not_yaml("document contains excessive aliasing");
    switch (n.kind) {
    case node::what::alias:
        return read_alias(n);
    case node::what::map:
        return read_map(n);
    case node::what::scalar:
        return read_scalar(n);
    case node::what::list:
        break;
    }
    std::vector<value> items;
    for (node* child : n.children) {
        answer item = read(*child);
        if (!item.ok())
            return item;
        items.push_back(std::move(item).value());
    }
    return value::array(std::move(items));
}

bool yaml_reader::has_double_keys(const node& n)
{
    // By kind and text: two keys that are lists count as the same.
    std::map<std::pair<node::what, std::string>, std::vector<std::size_t>> seen;
    std::vector<std::pair<std::size_t, std::string>> found;
    for (std::size_t i = 0; i < n.children.size(); i += 2) {
        const node& key = *n.children[i];
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

problem yaml_reader::merge(members& into, std::set<std::string>* merged, node& from)
{
    static constexpr const char* unfit = "map merge requires map or sequence of maps as the value";
    if (from.resolved().kind == node::what::map) {
        if (from.kind == node::what::alias) {
            if (from.target->being_read)
                return not_yaml("anchor '" + from.text + "' value contains itself");
            from.target->being_read = true;
            problem why = add(into, merged, *from.target);
            from.target->being_read = false;
            return why;
        }
        return add(into, merged, from);
    }
    if (from.kind != node::what::list)
        return not_yaml(unfit);
    for (node* one : from.children) {
        if (one->resolved().kind != node::what::map)
            return not_yaml(unfit);
        if (problem why = merge(into, merged, *one))
            return why;
    }
    return nullptr;
}

/// The members of a mapping. `merged`: the keys that a map merged into another one leaves alone, null for the outermost.
problem yaml_reader::add(members& into, std::set<std::string>* merged, node& n)
{
    if (has_double_keys(n))
        return nullptr;
    node* other = nullptr;
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

answer yaml_reader::read_map(node& n)
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

namespace {

/// Go's parser takes version 1.1 only, libyaml also 1.2. Of a directive of another version before the first document.
std::optional<std::string> incompatible(std::string_view text)
{
    for (std::size_t line = 0; !text.empty() && std::string_view("%#\n\r").find(text.front()) != std::string_view::npos; ++line) {
        const std::string_view here = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(here.size() + 1, text.size()));
        if (!here.starts_with("%YAML "))
            continue;
        std::string_view version = here.substr(here.find_first_not_of(' ', 5) == std::string_view::npos ? here.size() : here.find_first_not_of(' ', 5));
        version = version.substr(0, version.find_first_not_of("0123456789."));
        if (version.starts_with("1.") && version.size() > 2 && version != "1.1")
            return (line > 0 ? "line " + std::to_string(line) + ": " : std::string()) + "found incompatible YAML document";
    }
    return std::nullopt;
}

} // namespace

answer read_yaml(std::string_view text)
{
    if (const auto why = incompatible(text))
        return not_yaml(*why);
    tree_builder builder(text);
    node* root = builder.read();
    if (!builder.failure().empty())
        return not_yaml(builder.failure());
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
