#include <lambent/config/known.hpp>

#include <lambent/core/assert.hpp>

#include <array>
#include <map>
#include <utility>

namespace lambent::config {
namespace {

using table = std::map<std::string, spec, std::less<>>;

constexpr std::pair<std::string_view, field_type> type_words[] = {
    {"string", field_type::string}, {"integer", field_type::integer}, {"real", field_type::real},
    {"boolean", field_type::boolean}, {"bloblang", field_type::bloblang}, {"interpolated", field_type::interpolated},
    {"object", field_type::object}, {"any", field_type::any}, {"input", field_type::input}, {"output", field_type::output},
    {"processor", field_type::processor}, {"buffer", field_type::buffer}, {"rate_limit", field_type::rate_limit},
    {"cache", field_type::cache}, {"metrics", field_type::metrics}, {"tracer", field_type::tracer}, {"scanner", field_type::scanner},
};

/// Cuts the next word off; what follows " = " stays behind.
std::string_view take_word(std::string_view& rest)
{
    const std::size_t end = rest.find(' ');
    const std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return word;
}

void read_type(std::string_view word, field_spec& out)
{
    constexpr std::pair<std::string_view, shape> shapes[] = {
        {"[][]", shape::array_of_arrays}, {"[]", shape::array}, {"{}", shape::map}};
    for (const auto& [mark, shape] : shapes) {
        if (word.ends_with(mark)) {
            out.shape = shape;
            word.remove_suffix(mark.size());
            break;
        }
    }
    for (const auto& [name, type] : type_words) {
        if (name == word) {
            out.type = type;
            return;
        }
    }
    LAMBENT_ASSERT(false, "the schema tables name known types");
}

void read_flag(std::string_view word, field_spec& out)
{
    if (word == "optional")
        out.is_optional = true;
    else if (word == "deprecated")
        out.is_deprecated = true;
    else if (word == "secret")
        out.is_secret = true;
    else if (word == "advanced")
        out.is_advanced = true;
    else if (word == "rule=arrays_of_strings")
        out.rule = field_rule::arrays_of_strings;
    else if (word == "rule=own_label")
        out.rule = field_rule::own_label;
    else if (word.starts_with("one_of=")) {
        const auto list = node::parse(word.substr(7), "schema");
        for (std::size_t i = 0; list && i < list->size(); ++i)
            out.options.push_back(list->at(i).text());
    } else {
        LAMBENT_ASSERT(false, "the schema tables name known flags");
    }
}

/// A table's text, read line by line. The format is described in scripts/schema-tables.
class table_reader
{
public:
    explicit table_reader(std::string_view text) : rest_(text) { next(); }

    table read()
    {
        table out;
        while (!line_.empty()) {
            std::string_view words = line_;
            const std::string name(take_word(words));
            field_spec own;
            const bool has_type = !words.empty();
            if (has_type)
                read_words(words, own);
            next();
            spec made = fields(name, 1);
            if (has_type) {
                if (!made.fields().empty())
                    own.children = std::make_shared<const spec>(std::move(made));
                made = spec::self_field(name, std::move(own));
            }
            out.emplace(name, std::move(made));
        }
        return out;
    }

private:
    spec fields(const std::string& name, std::size_t depth)
    {
        spec out(name);
        while (!line_.empty() && depth_ == depth) {
            std::string_view words = line_;
            field_spec field;
            field.name = take_word(words);
            read_words(words, field);
            next();
            spec children = fields(field.name, depth + 1);
            if (field.type == field_type::object)
                field.children = std::make_shared<const spec>(std::move(children));
            out.add(std::move(field));
        }
        return out;
    }

    static void read_words(std::string_view words, field_spec& out)
    {
        read_type(take_word(words), out);
        while (!words.empty()) {
            if (words.starts_with("= ")) {
                out.default_value = std::string(words.substr(2));
                return;
            }
            read_flag(take_word(words), out);
        }
    }

    /// The next line without its indentation; empty at the end.
    void next()
    {
        line_ = {};
        while (!rest_.empty() && line_.empty()) {
            const std::size_t end = rest_.find('\n');
            line_ = rest_.substr(0, end);
            rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
        }
        const std::size_t start = line_.find_first_not_of(' ');
        depth_ = start == std::string_view::npos ? 0 : start / 2;
        line_.remove_prefix(depth_ * 2);
    }

    std::string_view rest_;
    std::string_view line_;
    std::size_t depth_ = 0;
};

constexpr std::string_view input_text =
#include "schema/input.inc"
    ;
constexpr std::string_view output_text =
#include "schema/output.inc"
    ;
constexpr std::string_view processor_text =
#include "schema/processor.inc"
    ;
constexpr std::string_view buffer_text =
#include "schema/buffer.inc"
    ;
constexpr std::string_view cache_text =
#include "schema/cache.inc"
    ;
constexpr std::string_view rate_limit_text =
#include "schema/rate_limit.inc"
    ;
constexpr std::string_view metrics_text =
#include "schema/metrics.inc"
    ;
constexpr std::string_view tracer_text =
#include "schema/tracer.inc"
    ;
constexpr std::string_view scanner_text =
#include "schema/scanner.inc"
    ;
constexpr std::string_view stream_text =
#include "schema/stream.inc"
    ;

const table& table_of(field_type kind)
{
    static const std::map<field_type, table> tables = [] {
        std::map<field_type, table> out;
        const std::pair<field_type, std::string_view> texts[] = {
            {field_type::input, input_text}, {field_type::output, output_text}, {field_type::processor, processor_text},
            {field_type::buffer, buffer_text}, {field_type::cache, cache_text}, {field_type::rate_limit, rate_limit_text},
            {field_type::metrics, metrics_text}, {field_type::tracer, tracer_text}, {field_type::scanner, scanner_text},
        };
        for (const auto& [what, text] : texts)
            out.emplace(what, table_reader(text).read());
        return out;
    }();
    static const table none;
    const auto found = tables.find(kind);
    return found == tables.end() ? none : found->second;
}

} // namespace

const spec* known_component(field_type kind, std::string_view name)
{
    const table& all = table_of(kind);
    const auto found = all.find(name);
    return found == all.end() ? nullptr : &found->second;
}

std::vector<std::string> known_components(field_type kind)
{
    std::vector<std::string> out;
    for (const auto& [name, made] : table_of(kind))
        out.push_back(name);
    return out;
}

const spec& stream_spec()
{
    static const spec made = std::move(table_reader(stream_text).read().at("stream"));
    return made;
}

} // namespace lambent::config
