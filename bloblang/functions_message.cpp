#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/json.hpp>
#include <lambent/data/path.hpp>

namespace lambent::bloblang {
namespace {

using data::value;

/// The frame's index in the batch; negative ones count from its end (`from(-1)`).
std::size_t place_of(const frame& at)
{
    const std::size_t size = at.reference != nullptr ? at.reference->size() : 0;
    const std::size_t from_end = std::size_t{0} - at.index;
    return from_end > 0 && from_end <= size ? size - from_end : at.index;
}

answer content(const call& c)
{
    if (const value* tree = c.at.live_tree(place_of(c.at))) {
        if (!c.at.live->contents) {
            auto written = data::write_json(*tree);
            c.at.live->contents = written ? std::move(written).value() : std::string();
        }
        return value::bytes(*c.at.live->contents);
    }
    const data::message* m = c.at.message(place_of(c.at));
    return value::bytes(m != nullptr ? m->bytes() : std::string_view());
}

answer json(const call& c)
{
    value tree;
    if (const value* changing = c.at.live_tree(place_of(c.at))) {
        tree = *changing;
    } else {
        const data::message* m = c.at.message(place_of(c.at));
        if (m == nullptr || m->bytes().empty())
            return failed("target message part does not exist");
        core::result<value> read = m->structured();
        if (!read)
            return failed(read.error().text());
        tree = std::move(read).value();
    }
    // A number that is the whole result loses the text it came with.
    if (c.args.text(0).empty())
        return settled(tree);
    auto found = data::find_path(tree, data::split_path(c.args.text(0)));
    return found ? settled(*found) : value();
}

std::string json_name(const arguments& args) { return "json path `" + std::string(args.text(0)) + "`"; }

/// The deprecated functions see metadata as text, and an empty text as none.
value as_text(const value* v)
{
    if (v == nullptr)
        return value();
    std::string text = to_text(*v);
    return text.empty() ? value() : value(text);
}

answer meta_of(const data::message* m, const call& c, bool as_texts)
{
    const std::string_view key = c.args.text(0);
    if (!key.empty()) {
        const value* found = m != nullptr ? m->meta(key) : nullptr;
        return as_texts ? as_text(found) : found != nullptr ? *found : value();
    }
    std::vector<data::member> all;
    if (m != nullptr) {
        for (const auto& [name, item] : m->metadata())
            all.push_back({value(name), as_texts ? value(to_text(item)) : item});
    }
    return value::object(std::move(all));
}

answer meta(const call& c) { return meta_of(c.at.message(place_of(c.at)), c, true); }
answer metadata(const call& c) { return meta_of(c.at.message(place_of(c.at)), c, false); }
answer root_meta(const call& c)
{
    if (c.at.target == nullptr)
        return failed("root metadata cannot be queried in this context");
    return meta_of(c.at.target, c, true);
}

std::string meta_name(const arguments& args)
{
    return args.text(0).empty() ? "meta object" : "meta field " + std::string(args.text(0));
}
std::string metadata_name(const arguments& args)
{
    return args.text(0).empty() ? "metadata object" : "metadata field " + std::string(args.text(0));
}
std::string root_meta_name(const arguments& args)
{
    return args.text(0).empty() ? "root_meta object" : "root_meta field " + std::string(args.text(0));
}

answer error(const call& c)
{
    const data::message* m = c.at.message(place_of(c.at));
    return m != nullptr && m->failed() ? value(m->failed()->text) : value();
}

answer errored(const call& c)
{
    const data::message* m = c.at.message(place_of(c.at));
    return value(m != nullptr && m->failed().has_value());
}

const data::component_ref* source_of(const call& c)
{
    const data::message* m = c.at.message(place_of(c.at));
    return m != nullptr && m->failed() ? m->failed()->source.get() : nullptr;
}

answer source_name(const call& c)
{
    const auto* source = source_of(c);
    return source != nullptr ? value(source->name) : value();
}
answer source_label(const call& c)
{
    const auto* source = source_of(c);
    return source != nullptr ? value(source->label) : value();
}
answer source_path(const call& c)
{
    const auto* source = source_of(c);
    return source != nullptr ? value(source->path) : value();
}

answer batch_index(const call& c) { return value(static_cast<std::int64_t>(c.at.index)); }
answer batch_size(const call& c)
{
    return value(static_cast<std::int64_t>(c.at.reference != nullptr ? c.at.reference->size() : 0));
}

answer tracing_id(const call&) { return value("00000000000000000000000000000000"); }
answer tracing_span(const call&) { return value::object(); }

} // namespace

const definitions& message_functions()
{
    static const parameter key{"key", parameter_type::string, value("")};
    static const definitions all = {
        {.name = "batch_index", .run = batch_index, .not_nested = true},
        {.name = "batch_size", .run = batch_size, .not_nested = true},
        {.name = "content", .run = content, .not_nested = true},
        {.name = "error", .run = error, .not_nested = true},
        {.name = "error_source_label", .run = source_label, .not_nested = true},
        {.name = "error_source_name", .run = source_name, .not_nested = true},
        {.name = "error_source_path", .run = source_path, .not_nested = true},
        {.name = "errored", .run = errored, .not_nested = true},
        {.name = "json", .parameters = {{"path", parameter_type::string, value("")}}, .run = json, .annotate = json_name, .not_nested = true},
        {.name = "meta", .parameters = {key}, .run = meta, .annotate = meta_name},
        {.name = "metadata", .parameters = {key}, .run = metadata, .annotate = metadata_name, .not_nested = true},
        {.name = "root_meta", .parameters = {key}, .run = root_meta, .annotate = root_meta_name},
        {.name = "tracing_id", .run = tracing_id, .not_nested = true},
        {.name = "tracing_span", .run = tracing_span, .not_nested = true},
    };
    return all;
}

} // namespace lambent::bloblang
