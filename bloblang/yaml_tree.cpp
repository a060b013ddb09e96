#include <lambent/bloblang/yaml_tree.hpp>

#include <yaml.h>

#include <algorithm>
#include <map>
#include <optional>

namespace lambent::bloblang {
namespace {

constexpr std::string_view standard_tags = "tag:yaml.org,2002:";

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

/// The events of libyaml, from which Go's parser was ported, put together to a tree.
class yaml_tree_builder
{
public:
    yaml_tree_builder(yaml_tree& out, std::string_view text, std::size_t depth_max) : out_(out), depth_max_(depth_max)
    {
        yaml_parser_initialize(&parser_);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
        if (!text.starts_with("\xff\xfe") && !text.starts_with("\xfe\xff"))
            yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    }
    yaml_tree_builder(const yaml_tree_builder&) = delete;
    yaml_tree_builder& operator=(const yaml_tree_builder&) = delete;
    ~yaml_tree_builder() { yaml_parser_delete(&parser_); }

    void read()
    {
        for (;;) {
            yaml_event_t event;
            if (yaml_parser_parse(&parser_, &event) == 0) {
                out_.failure_ = words();
                return;
            }
            const bool over = event.type == YAML_STREAM_END_EVENT || event.type == YAML_DOCUMENT_END_EVENT;
            take(event);
            yaml_event_delete(&event);
            if (over || !out_.failure_.empty())
                return;
        }
    }

private:
    static std::string bytes_of(const yaml_char_t* text) { return text == nullptr ? std::string() : reinterpret_cast<const char*>(text); }

    static std::string short_form(const yaml_char_t* tag)
    {
        std::string text = bytes_of(tag);
        if (text.starts_with(standard_tags))
            text = "!!" + text.substr(standard_tags.size());
        return text;
    }

    yaml_node* add(const yaml_event_t& event, yaml_node::what kind, const yaml_char_t* anchor)
    {
        yaml_node& made = out_.nodes_.emplace_back();
        made.kind = kind;
        made.line = event.start_mark.line + 1;
        if (anchor != nullptr)
            anchors_[bytes_of(anchor)] = &made;
        if (open_.empty())
            out_.root_ = &made;
        else
            open_.back()->children.push_back(&made);
        return &made;
    }

    void open(yaml_node* made)
    {
        open_.push_back(made);
        if (open_.size() > depth_max_)
            out_.failure_ = "exceeded max depth of " + std::to_string(depth_max_);
    }

    void take(const yaml_event_t& event)
    {
        switch (event.type) {
        case YAML_SCALAR_EVENT: {
            const auto& scalar = event.data.scalar;
            yaml_node* made = add(event, yaml_node::what::scalar, scalar.anchor);
            made->text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
            made->tag = short_form(scalar.tag);
            made->quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE;
            return;
        }
        case YAML_SEQUENCE_START_EVENT: {
            yaml_node* made = add(event, yaml_node::what::list, event.data.sequence_start.anchor);
            made->tag = short_form(event.data.sequence_start.tag);
            open(made);
            return;
        }
        case YAML_MAPPING_START_EVENT: {
            yaml_node* made = add(event, yaml_node::what::map, event.data.mapping_start.anchor);
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
                out_.failure_ = "unknown anchor '" + name + "' referenced";
                return;
            }
            yaml_node* made = add(event, yaml_node::what::alias, nullptr);
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

    yaml_tree& out_;
    std::size_t depth_max_;
    yaml_parser_t parser_;
    std::map<std::string, yaml_node*, std::less<>> anchors_;
    std::vector<yaml_node*> open_;
};

yaml_tree::yaml_tree(std::string_view text, std::size_t depth_max)
{
    if (auto why = incompatible(text)) {
        failure_ = std::move(*why);
        return;
    }
    yaml_tree_builder(*this, text, depth_max).read();
}

} // namespace lambent::bloblang
