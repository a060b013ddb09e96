#include <lambent/config/detail/base64.hpp>
#include <lambent/config/detail/tree.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_set>

#include <yaml.h>

namespace lambent::config::detail {
namespace {

/// libyaml's C objects with their owners' lifetimes.
struct parser_owner
{
    yaml_parser_t raw{};
    parser_owner() { yaml_parser_initialize(&raw); }
    ~parser_owner() { yaml_parser_delete(&raw); }
    parser_owner(const parser_owner&) = delete;
    parser_owner& operator=(const parser_owner&) = delete;
};

struct event_owner
{
    yaml_event_t raw{};
    ~event_owner() { yaml_event_delete(&raw); }
    event_owner() = default;
    event_owner(const event_owner&) = delete;
    event_owner& operator=(const event_owner&) = delete;
};

std::string_view chars(const yaml_char_t* text) { return text ? reinterpret_cast<const char*>(text) : std::string_view{}; }

std::string short_tag(std::string_view tag)
{
    constexpr std::string_view prefix = "tag:yaml.org,2002:";
    if (tag.starts_with(prefix))
        return "!!" + std::string(tag.substr(prefix.size()));
    return std::string(tag);
}

/// Go prints the line of the context where the parser has one past the first line, else that of the problem; scanner errors one
/// more, since they count from zero; none at all on the first line.
std::string go_words(const yaml_parser_t& parser)
{
    std::size_t line = parser.context_mark.line != 0 ? parser.context_mark.line : parser.problem_mark.line;
    if (line != 0 && parser.error == YAML_SCANNER_ERROR)
        ++line;
    std::string text = "yaml: ";
    if (line != 0)
        text += "line " + std::to_string(line) + ": ";
    return text + (parser.problem ? parser.problem : "unknown problem parsing YAML content");
}

class tree_builder
{
public:
    tree_builder(std::string_view text, std::string file, const document_limits& limits) : text_(text), limits_(limits)
    {
        tree_.files.push_back(std::move(file));
        // Go's messages do not count a byte order mark; libyaml skips it by itself.
        yaml_parser_set_input_string(&parser_.raw, reinterpret_cast<const unsigned char*>(text.data()), text.size());
        yaml_parser_set_encoding(&parser_.raw, text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ? YAML_ANY_ENCODING
                                                                                                             : YAML_UTF8_ENCODING);
    }

    std::variant<node::tree, syntax_flaw> read()
    {
        for (bool done = false; !done;) {
            event_owner event;
            if (!yaml_parser_parse(&parser_.raw, &event.raw))
                return syntax_problem();
            if (auto flaw = take(event.raw, done))
                return *flaw;
        }
        if (tree_.slots.empty()) {
            node::tree::content empty;
            empty.tag = "!!null";
            empty.line = 0; // as the original reports a document without content
            tree_.contents.push_back(std::move(empty));
            tree_.slots.push_back({});
        }
        return std::move(tree_);
    }

private:
    struct open_collection
    {
        std::uint32_t content;
        std::string anchor;
        bool has_key = false;
        std::string key;
        std::uint32_t key_line = 0;
        std::uint32_t key_column = 0;
        std::size_t expanded = 1; ///< nodes so far with aliases counted in full
    };
    struct anchored
    {
        std::uint32_t content;
        std::size_t expanded;
        bool open;
    };

    std::optional<syntax_flaw> take(const yaml_event_t& event, bool& done)
    {
        switch (event.type) {
        case YAML_STREAM_END_EVENT:
        case YAML_DOCUMENT_END_EVENT: // further documents of the stream are not read, as in the original
            done = true;
            return {};
        case YAML_ALIAS_EVENT:
            return take_alias(event);
        case YAML_SCALAR_EVENT:
            return take_scalar(event);
        case YAML_SEQUENCE_START_EVENT:
            return open(event, node::kind::sequence, chars(event.data.sequence_start.tag), "!!seq",
                chars(event.data.sequence_start.anchor));
        case YAML_MAPPING_START_EVENT:
            return open(event, node::kind::map, chars(event.data.mapping_start.tag), "!!map", chars(event.data.mapping_start.anchor));
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
            return close();
        default:
            return {};
        }
    }

    std::optional<syntax_flaw> take_scalar(const yaml_event_t& event)
    {
        const auto& scalar = event.data.scalar;
        node::tree::content made = placed(event);
        made.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
        made.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
        made.literal = scalar.style == YAML_LITERAL_SCALAR_STYLE;
        made.block = made.literal || scalar.style == YAML_FOLDED_SCALAR_STYLE;
        const std::string tag = short_tag(chars(scalar.tag));
        if (tag.empty())
            made.tag = made.plain ? plain_scalar_tag(made.text) : "!!str";
        else
            made.tag = tag == "!" ? "!!str" : tag;
        if (made.tag == "!!binary") {
            if (!decode_base64(std::string(made.text), made.text))
                return flaw(event.start_mark, "!!binary value contains invalid base64 data");
        }
        made.kind = made.tag == "!!null" ? node::kind::null : node::kind::scalar;
        const std::string anchor(chars(scalar.anchor));
        if (wants_key())
            return take_key(event, made, anchor);
        const std::uint32_t content = add(std::move(made));
        if (!anchor.empty())
            anchors_[anchor] = {content, 1, false};
        return attach(event, content, 1, false);
    }

    std::optional<syntax_flaw> take_key(const yaml_event_t& event, node::tree::content& made, const std::string& anchor)
    {
        open_collection& parent = open_.back();
        parent.has_key = true;
        parent.key = made.text;
        parent.key_line = made.line;
        parent.key_column = made.column;
        (void)event;
        if (!anchor.empty()) {
            const std::uint32_t content = add(std::move(made));
            anchors_[anchor] = {content, 1, false};
        }
        return {};
    }

    std::optional<syntax_flaw> take_alias(const yaml_event_t& event)
    {
        const std::string name(chars(event.data.alias.anchor));
        const auto found = anchors_.find(name);
        if (found == anchors_.end())
            return flaw(event.start_mark, "unknown anchor '" + name + "' referenced");
        if (found->second.open)
            return flaw(event.start_mark, "anchor '" + name + "' value contains itself");
        if (wants_key()) {
            node::tree::content key = tree_.contents[found->second.content];
            key.line = static_cast<std::uint32_t>(event.start_mark.line + 1);
            key.column = static_cast<std::uint32_t>(event.start_mark.column + 1);
            return take_key(event, key, {});
        }
        return attach(event, found->second.content, found->second.expanded, true);
    }

    std::optional<syntax_flaw> open(const yaml_event_t& event, node::kind kind, std::string_view tag, std::string_view usual,
        std::string_view anchor)
    {
        if (open_.size() >= limits_.depth_max)
            return flaw(event.start_mark, "nested deeper than " + std::to_string(limits_.depth_max) + " levels", errc::too_large);
        node::tree::content made = placed(event);
        made.kind = kind;
        made.tag = tag.empty() || tag == "!" ? std::string(usual) : short_tag(tag);
        const bool as_key = wants_key();
        const std::uint32_t content = add(std::move(made));
        if (as_key) {
            // A collection as a key: kept as a key without text, which no field has, so that the linter names its place.
            open_.back().has_key = true;
            open_.back().key.clear();
            open_.back().key_line = static_cast<std::uint32_t>(event.start_mark.line + 1);
            open_.back().key_column = static_cast<std::uint32_t>(event.start_mark.column + 1);
            key_collections_.insert(content);
        }
        open_collection entry;
        entry.content = content;
        entry.anchor = anchor;
        if (!anchor.empty())
            anchors_[entry.anchor] = {content, 0, true};
        open_.push_back(std::move(entry));
        opened_at_.push_back(event.start_mark);
        return {};
    }

    std::optional<syntax_flaw> close()
    {
        const open_collection entry = std::move(open_.back());
        const yaml_mark_t mark = opened_at_.back();
        open_.pop_back();
        opened_at_.pop_back();
        if (!entry.anchor.empty())
            anchors_[entry.anchor] = {entry.content, entry.expanded, false};
        if (key_collections_.erase(entry.content) > 0)
            return {};
        yaml_event_t at{};
        at.start_mark = mark;
        return attach(at, entry.content, entry.expanded, false);
    }

    /// Puts a finished value where the innermost open collection wants it.
    std::optional<syntax_flaw> attach(const yaml_event_t& event, std::uint32_t content, std::size_t expanded, bool alias)
    {
        if (!open_.empty()) {
            open_.back().expanded += expanded;
            if (open_.back().expanded > limits_.expanded_nodes_max)
                return flaw(event.start_mark, "document contains excessive aliasing", errc::too_large);
        }
        node::tree::slot made;
        made.content = content;
        made.alias = alias;
        if (open_.empty()) {
            if (tree_.slots.empty())
                tree_.slots.push_back(made);
            else
                tree_.slots[0] = made;
            return {};
        }
        if (tree_.slots.empty())
            tree_.slots.push_back({}); // slot 0 is kept for the root
        open_collection& parent = open_.back();
        node::tree::content& holder = tree_.contents[parent.content];
        if (holder.kind == node::kind::map) {
            made.key_line = parent.key_line;
            made.key_column = parent.key_column;
            holder.keys.push_back(std::move(parent.key));
            parent.key.clear();
            parent.has_key = false;
        }
        holder.children.push_back(static_cast<std::uint32_t>(tree_.slots.size()));
        tree_.slots.push_back(made);
        return {};
    }

    bool wants_key() const
    {
        return !open_.empty() && !open_.back().has_key && tree_.contents[open_.back().content].kind == node::kind::map;
    }

    static node::tree::content placed(const yaml_event_t& event)
    {
        node::tree::content made;
        made.line = static_cast<std::uint32_t>(event.start_mark.line + 1);
        made.column = static_cast<std::uint32_t>(event.start_mark.column + 1);
        return made;
    }

    std::uint32_t add(node::tree::content made)
    {
        tree_.contents.push_back(std::move(made));
        return static_cast<std::uint32_t>(tree_.contents.size() - 1);
    }

    static syntax_flaw flaw(const yaml_mark_t& mark, const std::string& why, errc code = errc::malformed_yaml)
    {
        return {code, "yaml: " + why, mark.line + 1, mark.column + 1};
    }

    /// Go's parser has two more tokens read than libyaml when it meets an error: where these are broken, that is what it reports.
    void look_ahead()
    {
        yaml_parser_t& raw = parser_.raw;
        if (raw.error != YAML_PARSER_ERROR)
            return;
        const char* problem = raw.problem;
        const yaml_mark_t problem_mark = raw.problem_mark;
        const yaml_mark_t context_mark = raw.context_mark;
        raw.error = YAML_NO_ERROR;
        for (int tokens = 0; tokens < 3; ++tokens) {
            yaml_token_t token{};
            const bool scanned = yaml_parser_scan(&raw, &token) != 0;
            yaml_token_delete(&token);
            if (!scanned)
                return;
        }
        raw.error = YAML_PARSER_ERROR;
        raw.problem = problem;
        raw.problem_mark = problem_mark;
        raw.context_mark = context_mark;
    }

    syntax_flaw syntax_problem()
    {
        look_ahead();
        const yaml_parser_t& raw = parser_.raw;
        syntax_flaw out{errc::malformed_yaml, go_words(raw), raw.problem_mark.line + 1, raw.problem_mark.column + 1};
        if (raw.error == YAML_READER_ERROR) { // the reader knows an offset only
            const std::string_view before = text_.substr(0, std::min(raw.problem_offset, text_.size()));
            out.at_line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
            const std::size_t start = before.rfind('\n');
            out.at_column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
        }
        return out;
    }

    std::string_view text_;
    document_limits limits_;
    parser_owner parser_;
    node::tree tree_;
    std::vector<open_collection> open_;
    std::vector<yaml_mark_t> opened_at_;
    std::map<std::string, anchored, std::less<>> anchors_;
    std::unordered_set<std::uint32_t> key_collections_;
};

} // namespace

std::variant<node::tree, syntax_flaw> read_yaml(std::string_view text, std::string file, const document_limits& limits)
{
    if (text.size() > limits.text_bytes_max)
        return syntax_flaw{errc::too_large, "yaml: larger than " + std::to_string(limits.text_bytes_max) + " bytes", 1, 1};
    return tree_builder(text, std::move(file), limits).read();
}

} // namespace lambent::config::detail
