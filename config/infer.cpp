#include <lambent/config/errc.hpp>
#include <lambent/config/lint.hpp>

#include <algorithm>

namespace lambent::config {
namespace {

core::error unclear(std::string why)
{
    core::error e;
    e.code = errc::type_not_inferred;
    e.detail = std::move(why);
    return e;
}

/// Keys of a component object that never name its type.
bool is_reserved(field_type kind, std::string_view key)
{
    if (key == "type" || key == "plugin" || key == "meta")
        return true;
    if (key == "label")
        return kind != field_type::buffer && kind != field_type::metrics && kind != field_type::tracer && kind != field_type::scanner;
    if (key == "processors")
        return kind == field_type::input || kind == field_type::output;
    return key == "mapping" && kind == field_type::metrics;
}

node value_of(const node& object, const std::string& name)
{
    const node own = object.get(name);
    return own.exists() ? own : object.get("plugin");
}

} // namespace

std::string_view kind_name(field_type kind) noexcept
{
    switch (kind) {
    case field_type::input: return "input";
    case field_type::output: return "output";
    case field_type::processor: return "processor";
    case field_type::buffer: return "buffer";
    case field_type::rate_limit: return "rate_limit";
    case field_type::cache: return "cache";
    case field_type::metrics: return "metrics";
    case field_type::tracer: return "tracer";
    case field_type::scanner: return "scanner";
    default: return "component";
    }
}

core::result<inferred> infer_component(const lint_host& host, field_type kind, const node& object)
{
    const std::string what(kind_name(kind));
    if (!object.is_map())
        return unclear("invalid type " + std::string(object.exists() ? object.tag() : "!!null") + ", expected object");
    inferred out;
    out.label = object.get("label").text();
    if (const node type = object.get("type"); type.exists()) {
        out.name = type.text();
        if (!host.component(kind, out.name))
            return unclear(what + " type '" + out.name + "' was not recognised");
        out.value = value_of(object, out.name);
        return out;
    }
    std::vector<std::string> strangers;
    for (const auto& [key, value] : object.items_as_written()) {
        if (is_reserved(kind, key))
            continue;
        if (!host.component(kind, key)) {
            strangers.push_back(key);
            continue;
        }
        if (!out.name.empty())
            return unclear("unable to infer " + what + " type, multiple candidates '" + std::min(out.name, key) + "' and '"
                + std::max(out.name, key) + "'");
        out.name = key;
        out.value = value;
    }
    if (!out.name.empty())
        return out;
    if (strangers.empty())
        return unclear("an explicit " + what + " type must be specified");
    std::sort(strangers.begin(), strangers.end());
    std::string list;
    for (const std::string& key : strangers)
        list += (list.empty() ? "" : " ") + key;
    return unclear("unable to infer " + what + " type from candidates: [" + list + "]");
}

std::string finding::text() const
{
    std::string out = where.file + "(" + std::to_string(where.line) + "," + std::to_string(where.column) + ") " + (advice ? "advice: " : "") + message;
    if (!hint.empty())
        out += "\n    " + hint;
    return out;
}

} // namespace lambent::config
