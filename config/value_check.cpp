#include <lambent/config/detail/tree.hpp>
#include <lambent/config/detail/value_check.hpp>

#include <algorithm>

namespace lambent::config::detail {
namespace {

/// Go's words for a value that does not fit.
core::error misfit(const node& value, std::string_view go_type)
{
    std::string shown;
    if (value.tag() != "!!seq" && value.tag() != "!!map") {
        const std::string& text = value.text();
        shown = text.size() > 10 ? " `" + text.substr(0, 7) + "...`" : " `" + text + "`";
    }
    return failed(errc::wrong_type, "yaml: unmarshal errors:\n  line " + std::to_string(value.where().line) + ": cannot unmarshal "
        + std::string(value.tag()) + shown + " into " + std::string(go_type));
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

core::result<void> drop_value(const auto& read)
{
    if (!read)
        return read.error();
    return {};
}

/// One value of the field's type, whatever its shape.
core::result<void> check_leaf(const field_spec& field, const node& value)
{
    switch (field.type) {
    case field_type::string:
    case field_type::duration:
    case field_type::bloblang:
    case field_type::interpolated:
        return drop_value(to_string(value));
    case field_type::integer:
        return drop_value(to_integer(value));
    case field_type::real:
        return drop_value(to_real(value));
    case field_type::boolean:
        return drop_value(to_boolean(value));
    case field_type::object:
        return field.children ? check_fields(*field.children, value) : core::result<void>{};
    default:
        return {}; // components are read by their own builders
    }
}

} // namespace

core::error failed(errc code, std::string detail)
{
    core::error e;
    e.code = code;
    e.detail = std::move(detail);
    return e;
}

core::error inside(std::string_view field, core::error e)
{
    e.detail = "field '" + std::string(field) + "': " + e.detail;
    return e;
}

core::error not_a(const char* wanted, const node& value)
{
    return failed(errc::wrong_type, "line " + std::to_string(value.where().line) + ": expected " + wanted + " value, got " + std::string(value.tag()));
}

core::result<std::string> to_string(const node& value)
{
    if (value.is_null() || !value.exists())
        return std::string{};
    if (!value.is_scalar())
        return misfit(value, "string");
    return value.text();
}

core::result<std::int64_t> to_integer(const node& value)
{
    if (value.is_null() || !value.exists())
        return std::int64_t{0};
    std::int64_t whole = 0;
    if (value.tag() == "!!int" && detail::read_integer(value.text(), whole))
        return whole;
    double real = 0;
    // A float is cut off towards zero, as in the original.
    if (value.tag() == "!!float" && detail::read_real(value.text(), real) && real >= -0x1p63 && real < 0x1p63)
        return static_cast<std::int64_t>(real);
    return misfit(value, "int");
}

core::result<double> to_real(const node& value)
{
    if (value.is_null() || !value.exists())
        return 0.0;
    double real = 0;
    if ((value.tag() == "!!int" || value.tag() == "!!float") && detail::read_real(value.text(), real))
        return real;
    return misfit(value, "float64");
}

core::result<bool> to_boolean(const node& value)
{
    if (value.is_null() || !value.exists())
        return false;
    const std::string& text = value.text();
    if (value.tag() == "!!bool")
        return text[0] == 't' || text[0] == 'T';
    // The words of YAML 1.1 count where a boolean is asked for, quoted or not.
    if (value.tag() == "!!str" && one_of(text, {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"}))
        return true;
    if (value.tag() == "!!str" && one_of(text, {"n", "N", "no", "No", "NO", "off", "Off", "OFF"}))
        return false;
    return misfit(value, "bool");
}

bool is_required(const field_spec& field)
{
    return field.shape == shape::one && !field.is_optional && !field.is_deprecated && !field.default_value;
}

core::result<void> check_fields(const spec& fields, const node& value)
{
    for (const auto& [key, written] : value.items()) {
        const field_spec* field = fields.find(key);
        if (!field)
            continue;
        if (auto checked = check_value(*field, written); !checked)
            return inside(key, checked.error());
    }
    for (const field_spec& field : fields.fields()) {
        if (value.get(field.name).exists() || !is_required(field))
            continue;
        if (field.type == field_type::object) {
            if (!field.children)
                continue;
            if (auto checked = check_fields(*field.children, {}); !checked)
                return inside(field.name, checked.error());
            continue;
        }
        return failed(errc::field_missing, "field '" + field.name + "' is required and was not present in the config");
    }
    return {};
}

core::result<void> check_value(const field_spec& field, const node& value)
{
    if (field.shape == shape::one)
        return check_leaf(field, value);
    if (field.shape == shape::map) {
        if (!value.is_map())
            return not_a("map", value);
        for (const auto& [key, item] : value.items())
            if (auto checked = check_leaf(field, item); !checked)
                return checked;
        return {};
    }
    if (!value.is_sequence())
        return not_a("array", value);
    for (std::size_t i = 0; i < value.size(); ++i) {
        const node item = value.at(i);
        if (field.shape == shape::array) {
            if (auto checked = check_leaf(field, item); !checked)
                return checked;
            continue;
        }
        if (!item.is_sequence())
            return not_a("array", item);
        for (std::size_t j = 0; j < item.size(); ++j)
            if (auto checked = check_leaf(field, item.at(j)); !checked)
                return checked;
    }
    return {};
}

} // namespace lambent::config::detail
