#pragma once

#include <lambent/config/known.hpp>

#include <string>
#include <vector>

namespace lambent::support {

/// In what the declared fields of an implemented component differ from the original's: one line per difference.
/// A duration is a string there; one-sentence descriptions and `advanced` are ours to choose.
inline void compare_fields(const config::spec& ours, const config::spec& original, const std::string& path, std::vector<std::string>& out);

inline config::field_type as_recorded(config::field_type type)
{
    return type == config::field_type::duration ? config::field_type::string : type;
}

inline std::string default_text(const config::field_spec& field)
{
    if (!field.default_value)
        return "none";
    auto parsed = config::node::parse(*field.default_value, "default");
    if (!parsed)
        return "'" + *field.default_value + "'";
    // A text field's default counts by its text, however it is quoted.
    const bool text = as_recorded(field.type) == config::field_type::string || field.type == config::field_type::bloblang
        || field.type == config::field_type::interpolated;
    if (text && field.shape == config::shape::one)
        return "'" + parsed->text() + "'";
    return parsed->to_json();
}

inline void compare_field(const config::field_spec& ours, const config::field_spec& original, const std::string& path, std::vector<std::string>& out)
{
    const auto differs = [&](const std::string& what) { out.push_back(path + ": " + what); };
    if (as_recorded(ours.type) != as_recorded(original.type))
        differs("another type");
    if (ours.shape != original.shape)
        differs("another shape");
    if (ours.shape == config::shape::one && ours.type != config::field_type::object && default_text(ours) != default_text(original))
        differs("default " + default_text(ours) + ", not " + default_text(original));
    const bool may_miss = ours.is_optional || ours.is_deprecated || ours.default_value.has_value();
    const bool original_may_miss = original.is_optional || original.is_deprecated || original.default_value.has_value();
    if (ours.shape == config::shape::one && ours.type != config::field_type::object && may_miss != original_may_miss)
        differs(may_miss ? "not required" : "required");
    if (ours.is_deprecated != original.is_deprecated)
        differs("deprecated on one side only");
    if (!ours.options.empty() && ours.options != original.options) // the linter goes by the tables: declaring them again is no duty
        differs("other options");
    if (ours.is_secret != original.is_secret)
        differs("secret on one side only");
    if (ours.children && original.children)
        compare_fields(*ours.children, *original.children, path, out);
    else if (ours.children && !ours.children->fields().empty())
        differs("fields that the original does not look into");
    else if (original.children && !original.children->fields().empty())
        differs("no fields");
}

inline void compare_fields(const config::spec& ours, const config::spec& original, const std::string& path, std::vector<std::string>& out)
{
    for (const config::field_spec& field : original.fields()) {
        if (const config::field_spec* own = ours.find(field.name))
            compare_field(*own, field, path + "." + field.name, out);
        else
            out.push_back(path + "." + field.name + ": not declared");
    }
    for (const config::field_spec& field : ours.fields())
        if (!original.find(field.name))
            out.push_back(path + "." + field.name + ": not in config/schema");
}

/// Empty when `ours` declares what config/schema says of the component.
inline std::vector<std::string> differences(config::field_type kind, std::string_view name, const config::spec& ours)
{
    std::vector<std::string> out;
    const config::spec* original = config::known_component(kind, name);
    if (!original)
        return {std::string(name) + ": not in config/schema"};
    if (ours.self().has_value() != original->self().has_value()) {
        // An object without fields (noop) may be declared either way.
        const auto& value = ours.self() ? ours.self() : original->self();
        const bool bare = value->type == config::field_type::object && value->shape == config::shape::one;
        if (!(bare && ours.fields().empty() && original->fields().empty()))
            out.push_back(std::string(name) + ": an object of fields on one side, a value on the other");
        return out;
    }
    if (ours.self())
        compare_field(*ours.self(), *original->self(), std::string(name), out);
    compare_fields(ours, *original, std::string(name), out);
    return out;
}

} // namespace lambent::support
