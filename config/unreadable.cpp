#include <lambent/config/detail/lint_rules.hpp>

namespace lambent::config::detail {
namespace {

finding fatal(place where, std::string message)
{
    finding f;
    f.where = std::move(where);
    f.where.column = 1;
    f.message = std::move(message);
    f.fatal = true;
    return f;
}

/// What stops the original from reading a file at all: a component of the top level without a clear type.
std::optional<finding> unclear_component(const lint_host& host, field_type kind, const node& object)
{
    if (auto made = infer_component(host, kind, object); !made) {
        finding f = fatal(object.where(), made.error().detail);
        for (const auto& [key, item] : object.items_as_written())
            if (f.hint.empty() && key != "label" && !host.component(kind, key))
                f.hint = suggestion(key, host.component_names(kind));
        return f;
    }
    const node children = kind == field_type::input || kind == field_type::output ? object.get("processors") : node();
    for (std::size_t i = 0; i < children.size() && children.is_sequence(); ++i)
        if (auto f = unclear_component(host, field_type::processor, children.at(i)))
            return f;
    return {};
}

std::optional<finding> unclear_components(const spec& declared, const lint_host& host, const node& value)
{
    for (const field_spec& field : declared.fields()) {
        const node written = value.get(field.name);
        if (!written.exists())
            continue;
        if (field.type == field_type::object && field.shape == shape::one && field.children) {
            if (auto f = unclear_components(*field.children, host, written))
                return f;
        }
        if (!is_component(field.type))
            continue;
        if (field.shape == shape::one) {
            if (auto f = unclear_component(host, field.type, written))
                return f;
        }
        for (std::size_t i = 0; i < written.size() && field.shape == shape::array; ++i)
            if (auto f = unclear_component(host, field.type, written.at(i)))
                return f;
    }
    return {};
}

} // namespace

std::optional<finding> unreadable(const node& document, const spec& top_level, const lint_host& host)
{
    if (auto checked = reader(top_level, document).check(); !checked) {
        place where = document.where();
        where.line = 1;
        return fatal(where, checked.error().detail);
    }
    return unclear_components(top_level, host, document);
}

} // namespace lambent::config::detail
