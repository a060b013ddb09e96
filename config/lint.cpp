#include <lambent/config/detail/lint_rules.hpp>
#include <lambent/config/lint.hpp>

#include <algorithm>
#include <map>

namespace lambent::config {
namespace {

bool has_label(field_type kind)
{
    return kind == field_type::input || kind == field_type::output || kind == field_type::processor || kind == field_type::cache
        || kind == field_type::rate_limit;
}

std::string_view word_of(field_type type)
{
    switch (type) {
    case field_type::integer: return "int";
    case field_type::real: return "float";
    case field_type::boolean: return "bool";
    default: return "string";
    }
}

/// Walks a document along the specs. Every finding is at column 1 but those of Bloblang.
class walker
{
public:
    walker(const lint_host& host, const lint_options& options) : host_(host), options_(options) {}

    void fields(const spec& declared, const node& value)
    {
        if (!value.is_map()) {
            add(value.where(), "expected object value, got " + std::string(value.tag()));
            return;
        }
        std::vector<std::string> seen;
        walk_fields(declared, value, seen);
        for (const field_spec& field : declared.fields())
            if (is_required_leaf(field) && std::find(seen.begin(), seen.end(), field.name) == seen.end())
                add(value.where(), "field " + field.name + " is required");
    }

    void strict_catches()
    {
        for (const place& where : catches_)
            add(where, std::string(detail::strict_catch_flaw));
    }

    std::vector<finding> take() { return std::move(found_); }

private:
    static bool is_required_leaf(const field_spec& field)
    {
        return field.shape == shape::one && !field.is_optional && !field.is_deprecated && !field.default_value
            && !detail::is_component(field.type) && !(field.children && !field.children->fields().empty());
    }

    void add(const place& where, std::string message, std::string hint = {})
    {
        finding f;
        f.where = where;
        f.where.column = 1;
        f.message = std::move(message);
        f.hint = std::move(hint);
        found_.push_back(std::move(f));
    }

    /// Where the original puts what it finds in a scalar's text: its first line.
    static place text_place(const node& value)
    {
        place where = value.where();
        if (value.is_literal())
            ++where.line;
        return where;
    }

    void walk_fields(const spec& declared, const node& value, std::vector<std::string>& seen)
    {
        for (const auto& [key, item] : value.items_as_written()) {
            if (key == "<<" && item.is_alias()) {
                walk_fields(declared, item, seen);
                continue;
            }
            const field_spec* field = declared.find(key);
            if (field) {
                one_field(*field, item);
                seen.push_back(key);
            } else if (!item.is_alias()) { // an unknown key with an alias is let through, as in the original
                add(item.key_place(), "field " + key + " not recognised", detail::suggestion(key, names_of(declared)));
            }
        }
    }

    static std::vector<std::string> names_of(const spec& declared)
    {
        std::vector<std::string> names;
        for (const field_spec& field : declared.fields())
            names.push_back(field.name);
        return names;
    }

    void one_field(const field_spec& field, const node& value)
    {
        if (field.shape == shape::one) {
            whole(field, value);
            leaf(field, value);
            return;
        }
        whole(field, value);
        if (field.shape == shape::map) {
            if (!value.is_map())
                return add(value.where(), "expected object value, got " + std::string(value.tag()));
            for (const auto& [key, item] : value.items_as_written()) {
                whole(field, item);
                leaf(field, item);
            }
            return;
        }
        if (!value.is_sequence())
            return add(value.where(), "expected array value");
        for (std::size_t i = 0; i < value.size(); ++i) {
            whole(field, value.at(i));
            if (field.shape == shape::array)
                leaf(field, value.at(i));
            else
                inner_list(field, value.at(i));
        }
    }

    void inner_list(const field_spec& field, const node& value)
    {
        if (!value.is_sequence())
            return add(value.where(), "expected array value");
        for (std::size_t i = 0; i < value.size(); ++i) {
            whole(field, value.at(i));
            leaf(field, value.at(i));
        }
    }

    /// What is checked of a field's value and again of each element in it.
    void whole(const field_spec& field, const node& value)
    {
        if (options_.deprecated && field.is_deprecated)
            add(value.where(), "field " + field.name + " is deprecated");
        for (std::string& message : detail::rule_flaws(field.rule, value))
            add(value.where(), std::move(message));
        if (value.is_map() || value.is_sequence())
            return;
        if (!field.options.empty())
            option(field, value);
        if (value.text().empty() || value.is_null())
            return;
        if (field.type == field_type::bloblang)
            bloblang(value, host_.check_bloblang(value.text()));
        else if (field.type == field_type::interpolated)
            bloblang(value, host_.check_interpolated(value.text()));
    }

    void option(const field_spec& field, const node& value)
    {
        const auto lower = [](std::string text) {
            std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
            return text;
        };
        const std::string text = value.is_null() ? std::string() : value.text();
        for (const std::string& allowed : field.options)
            if (lower(allowed) == lower(text))
                return;
        add(text_place(value), "value " + text + " is not a valid option for this field", detail::suggestion(text, field.options));
    }

    void bloblang(const node& value, const std::optional<text_flaw>& flaw)
    {
        if (!flaw)
            return;
        finding f;
        f.where = text_place(value);
        f.where.line += flaw->line - 1;
        f.where.column = value.where().column + flaw->column;
        f.message = flaw->message;
        found_.push_back(std::move(f));
    }

    void leaf(const field_spec& field, const node& value)
    {
        if (detail::is_component(field.type))
            return component(field.type, value);
        if (field.type == field_type::any)
            return;
        if (field.type == field_type::object) {
            if (field.children && !field.children->fields().empty())
                fields(*field.children, value);
            else if (!value.is_map())
                add(value.where(), "expected object value, got " + std::string(value.tag()));
            return;
        }
        if (value.is_map() || value.is_sequence())
            add(value.where(), "expected " + std::string(word_of(field.type)) + " value");
    }

    void component(field_type kind, const node& object)
    {
        const auto keys = object.items_as_written();
        if (object.is_sequence() && object.size() > 0)
            return list_for_component(object);
        if (keys.empty()) // neither an object nor anything in it: as the original, not looked at
            return;
        std::string name = object.get("type").text();
        if (name.empty()) {
            const auto made = infer_component(host_, kind, object);
            if (!made)
                return unknown_type(kind, object, keys);
            name = made->name;
        }
        const spec* declared = host_.component(kind, name);
        if (!declared) {
            add(object.where(), "failed to obtain docs for " + std::string(kind_name(kind)) + " type " + name,
                detail::suggestion(name, host_.component_names(kind)));
            return;
        }
        if (options_.deprecated && declared->is_deprecated_component())
            add(object.where(), "component " + name + " is deprecated");
        if (kind == field_type::processor && name == "catch")
            catches_.push_back(object.where());
        bool configured = false;
        for (const auto& [key, item] : keys) {
            if (key == name && !configured) {
                configured = true;
                component_value(kind, name, *declared, item);
            }
        }
        bool labelled = false;
        for (const auto& [key, item] : keys) {
            if (key == name || key == "type")
                continue;
            labelled = labelled || key == "label";
            sibling(kind, name, *declared, object, key, item, configured);
        }
        if (options_.labels_required && has_label(kind) && !labelled && name != "resource")
            add(object.where(), "label is required for " + name);
    }

    /// The original takes every other element for a key.
    void list_for_component(const node& list)
    {
        std::string keys;
        std::size_t count = 0;
        for (std::size_t i = 0; i + 1 < list.size(); i += 2, ++count)
            keys += (count == 0 ? "" : " ") + list.at(i).text();
        add(list.where(), "unable to infer component type: " + (count == 1 ? keys : "[" + keys + "]"));
    }

    void unknown_type(field_type kind, const node& object, const std::vector<std::pair<std::string, node>>& keys)
    {
        std::string list;
        std::string hint;
        for (const auto& [key, item] : keys) {
            list += (list.empty() ? "" : " ") + key;
            if (hint.empty() && key != "label" && !host_.component(kind, key))
                hint = detail::suggestion(key, host_.component_names(kind));
        }
        add(object.where(), "unable to infer component type: " + (keys.size() == 1 ? list : "[" + list + "]"), hint);
    }

    void component_value(field_type kind, const std::string& name, const spec& declared, const node& value)
    {
        for (std::string& message : detail::component_flaws(kind, name, value))
            add(value.where(), std::move(message));
        if (options_.advice) {
            for (std::string& message : detail::component_advice(kind, name, value)) {
                add(value.where(), std::move(message));
                found_.back().advice = true;
            }
        }
        if (declared.self()) {
            one_field(*declared.self(), value);
            return;
        }
        if (!declared.fields().empty())
            fields(declared, value);
        else if (!value.is_map())
            add(value.where(), "expected object value, got " + std::string(value.tag()));
    }

    /// A key beside the component's own.
    void sibling(field_type kind, const std::string& name, const spec& declared, const node& object, const std::string& key,
        const node& value, bool configured)
    {
        if (key == "label" && has_label(kind))
            return label(object, value);
        if (key == "plugin") {
            if (configured)
                add(value.key_place(), "plugin object is ineffective");
            else
                component_value(kind, name, declared, value);
            if (!value.is_map())
                add(value.where(), "expected object value, got " + std::string(value.tag()));
            return;
        }
        if (key == "meta") {
            if (!value.is_map())
                add(value.where(), "expected object value, got " + std::string(value.tag()));
            return;
        }
        if (key == "processors" && (kind == field_type::input || kind == field_type::output)) {
            if (value.size() == 0)
                add(value.where(), "field processors is empty and can be removed");
            field_spec list;
            list.name = key;
            list.type = field_type::processor;
            list.shape = shape::array;
            return one_field(list, value);
        }
        if (key == "mapping" && kind == field_type::metrics) {
            field_spec mapping;
            mapping.name = key;
            mapping.type = field_type::bloblang;
            return one_field(mapping, value);
        }
        add(value.key_place(), "field " + key + " is invalid when the component type is " + name + " (" + std::string(kind_name(kind)) + ")",
            detail::suggestion(key, {"label", "processors", "type"}));
    }

    void label(const node& object, const node& value)
    {
        if (value.is_map() || value.is_sequence())
            return add(value.where(), "expected string value");
        const node pointed = object.get("resource");
        if (object.get("type").text() == "resource" || (pointed.tag() == "!!str" && !pointed.text().empty()))
            add(value.where(), "label field should be omitted when pointing to a resource");
        const std::string& name = value.text();
        if (name.empty() || value.is_null())
            return;
        if (std::string flaw = detail::label_flaw(name); !flaw.empty())
            return add(text_place(value), std::move(flaw));
        const auto [before, fresh] = labels_.try_emplace(name, text_place(value).line);
        if (!fresh)
            add(text_place(value), "label '" + name + "' collides with a previously defined label at line " + std::to_string(before->second));
    }

    const lint_host& host_;
    const lint_options& options_;
    std::vector<finding> found_;
    std::vector<place> catches_;
    std::map<std::string, std::size_t> labels_;
};

} // namespace

std::vector<finding> lint(const node& document, const spec& top_level, const lint_host& host, const lint_options& options)
{
    if (auto stop = detail::unreadable(document, top_level, host))
        return {std::move(*stop)};
    walker walk(host, options);
    walk.fields(top_level, document);
    if (const node strict = document.get("error_handling").get("strict"); strict.exists()) {
        const auto on = reader(top_level, document).boolean("error_handling.strict");
        if (on && *on)
            walk.strict_catches();
    }
    std::vector<finding> out = walk.take();
    std::stable_sort(out.begin(), out.end(), [](const finding& a, const finding& b) {
        return a.where.line != b.where.line ? a.where.line < b.where.line : a.where.column < b.where.column;
    });
    return out;
}

} // namespace lambent::config
