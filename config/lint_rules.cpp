#include <lambent/config/detail/lint_rules.hpp>

#include <algorithm>

namespace lambent::config::detail {
namespace {

/// The type names of Bloblang, which the original's rules are written in.
std::string_view bloblang_type(const node& value)
{
    if (value.is_map())
        return "object";
    if (value.is_sequence())
        return "array";
    if (!value.exists() || value.is_null())
        return "null";
    if (value.tag() == "!!bool")
        return "bool";
    return value.tag() == "!!int" || value.tag() == "!!float" ? "number" : "string";
}

bool is_string(const node& value) { return value.is_scalar() && bloblang_type(value) == "string"; }

/// catch: [ try: [...] ]
std::vector<std::string> try_inside_catch(const node& children)
{
    for (std::size_t i = 0; i < children.size() && children.is_sequence(); ++i) {
        const node child = children.at(i);
        if (child.get("type").text() == "try" || child.get("try").is_sequence())
            return {"'catch' block contains a 'try' block which will never execute due to errors only being cleared at the end of the "
                    "'catch', for more information about nesting 'try' within 'catch' read: "
                    "https://docs.redpanda.com/redpanda-connect/components/processors/try#nesting-within-a-catch-block"};
    }
    return {};
}

bool is_true(const node& value) { return value.tag() == "!!bool" && (value.text()[0] == 't' || value.text()[0] == 'T'); }

/// switch: { retry_until_success: true, cases: [ output: { reject: ... } ] }
std::vector<std::string> endless_rejects(const node& value)
{
    if (!is_true(value.get("retry_until_success")))
        return {};
    const node cases = value.get("cases");
    for (std::size_t i = 0; i < cases.size() && cases.is_sequence(); ++i) {
        const node output = cases.at(i).get("output");
        if (output.get("type").text() == "reject" || is_string(output.get("reject")))
            return {"a 'switch' output with a 'reject' case output must have the field 'switch.retry_until_success' set to 'false', "
                    "otherwise the 'reject' child output will result in infinite retries"};
    }
    return {};
}

} // namespace

const std::string_view strict_catch_flaw =
    "a `catch` processor does not recover messages while `error_handling.strict` is enabled, as a failed message short-circuits past "
    "it. Wrap the failing step and its recovery within a `try_catch` processor (or a `retry` for transient failures) instead.";

std::vector<std::string> component_flaws(field_type kind, std::string_view name, const node& value)
{
    if (kind == field_type::output && name == "switch")
        return endless_rejects(value);
    return {};
}

std::vector<std::string> component_advice(field_type kind, std::string_view name, const node& value)
{
    if (kind == field_type::processor && name == "catch")
        return try_inside_catch(value);
    return {};
}

std::string label_flaw(const std::string& label)
{
    const bool fits = std::all_of(label.begin(), label.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (fits && label[0] != '_' && label[0] != '-')
        return {};
    return "invalid label '" + label + "': should match the regular expression /^[a-z0-9_\\-]+$/ and must not start with an underscore";
}

std::vector<std::string> rule_flaws(field_rule rule, const node& value)
{
    std::vector<std::string> out;
    if (rule == field_rule::own_label && value.is_map()) {
        const node label = value.get("label");
        if (!is_string(label) || label.text().empty())
            out.emplace_back("the label field for resources must be unique and not empty");
    }
    if (rule == field_rule::arrays_of_strings && value.is_map()) {
        for (const auto& [key, item] : value.items()) {
            if (!item.is_sequence())
                out.push_back("field must be an object containing arrays of strings, got " + item.to_json() + " (" + std::string(bloblang_type(item)) + ")");
            for (std::size_t i = 0; i < item.size() && item.is_sequence(); ++i)
                if (!is_string(item.at(i)))
                    out.push_back("field values must be strings, got " + item.at(i).to_json() + " (" + std::string(bloblang_type(item.at(i))) + ")");
        }
    }
    return out;
}

} // namespace lambent::config::detail
