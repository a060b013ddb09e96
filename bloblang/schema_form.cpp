#include <lambent/bloblang/go_regexp.hpp>
#include <lambent/bloblang/schema_form.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

constexpr unsigned depth_max = 500;
constexpr std::array<std::string_view, 7> type_names = {"array", "boolean", "integer", "number", "null", "object", "string"};

problem invalid_type(std::string_view expected, std::string_view keyword)
{
    return failed("Invalid type. Expected: " + std::string(expected) + ", given: " + std::string(keyword));
}
problem must(std::string_view keyword, std::string_view what) { return failed(std::string(keyword) + " must be " + std::string(what)); }

bool is_schema(const value& v) { return v.is_object() || v.kind() == kind::boolean; }
bool is_whole(const value& v)
{
    const auto n = number_of(v);
    return n && *n == std::trunc(*n);
}
bool has_duplicates(const value& list)
{
    for (std::size_t i = 0; i < list.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (equal(list.items()[i], list.items()[k]))
                return true;
    return false;
}

/// The keywords of one schema and, by recursion, of those below it.
class form_check
{
public:
    explicit form_check(const value& root) : root_(root) {}

    problem run(const value& schema, unsigned depth) const
    {
        if (schema.kind() == kind::boolean)
            return nullptr;
        if (!schema.is_object())
            return failed(depth == 0 ? "schema is invalid" : "Expected: valid schema, given: Invalid JSON");
        if (depth > depth_max)
            return failed("schema is nested deeper than " + std::to_string(depth_max) + " levels");
        // In the original's order: of several flaws the first of these is told.
        ++depth;
        if (problem why = texts(schema))
            return why;
        if (problem why = group(schema, "definitions", invalid_type("array of schemas", "definitions"), depth))
            return why;
        if (problem why = types(schema))
            return why;
        if (problem why = group(schema, "properties", must("properties", "of type object"), depth))
            return why;
        if (problem why = single(schema, "additionalProperties", depth))
            return why;
        if (problem why = pattern_properties(schema, depth))
            return why;
        if (problem why = single(schema, "propertyNames", depth))
            return why;
        if (problem why = dependencies(schema, depth))
            return why;
        if (problem why = items(schema, depth))
            return why;
        if (problem why = single(schema, "additionalItems", depth))
            return why;
        if (problem why = numbers(schema))
            return why;
        if (problem why = sizes(schema))
            return why;
        if (problem why = single(schema, "contains", depth))
            return why;
        if (problem why = enumeration(schema))
            return why;
        for (const std::string_view keyword : {"oneOf", "anyOf", "allOf"}) {
            const value* several = schema.peek(keyword);
            if (several != nullptr && !several->is_array())
                return must(keyword == "allOf" ? "anyOf" : keyword, "of an array"); // the original's slip
            if (problem why = elements_of(several, depth))
                return why;
        }
        for (const std::string_view keyword : {"not", "if", "then", "else"}) {
            if (problem why = single(schema, keyword, depth))
                return why;
        }
        return nullptr;
    }

private:
    problem texts(const value& schema) const
    {
        for (const std::string_view keyword : {"$id", "$ref", "title", "description"}) {
            if (const value* v = schema.peek(keyword); v != nullptr && !v->is_string())
                return invalid_type("string", keyword);
        }
        const value* reference = schema.peek("$ref");
        if (reference == nullptr || !reference->text().starts_with('#'))
            return nullptr;
        std::string missing;
        if (schema_reference(root_, reference->text(), missing) == nullptr)
            return failed("Object has no key '" + missing + "'");
        return nullptr;
    }

    problem types(const value& schema) const
    {
        const value* type = schema.peek("type");
        if (type == nullptr)
            return nullptr;
        std::vector<std::string_view> seen;
        for (const value& one : type->is_array() ? type->items() : std::span<const value>(type, 1)) {
            if (!one.is_string())
                return invalid_type("string/array of strings", "type");
            if (std::find(type_names.begin(), type_names.end(), one.text()) == type_names.end()) {
                return failed("has a primitive type that is NOT VALID -- given: /" + std::string(one.text()) +
                    "/ Expected valid values are:[array boolean integer number null object string]");
            }
            if (std::find(seen.begin(), seen.end(), one.text()) != seen.end())
                return failed(std::string(one.text()) + " type is duplicated");
            seen.push_back(one.text());
        }
        return nullptr;
    }

    problem numbers(const value& schema) const
    {
        if (const value* v = schema.peek("multipleOf")) {
            if (!v->is_numeric())
                return invalid_type("number", "multipleOf");
            if (number_of(*v).value_or(0) <= 0)
                return must("multipleOf", "strictly greater than 0");
        }
        struct bound
        {
            std::string_view keyword;
            std::string_view exclusive;
        };
        for (const bound& b : {bound{"minimum", "exclusiveMinimum"}, bound{"maximum", "exclusiveMaximum"}}) {
            const value* v = schema.peek(b.keyword);
            if (v != nullptr && !v->is_numeric())
                return must(b.keyword, "of a number");
            const value* open = schema.peek(b.exclusive);
            if (open == nullptr || open->is_numeric())
                continue;
            if (open->kind() != kind::boolean)
                return invalid_type("boolean/number", b.exclusive);
            if (v == nullptr)
                return failed(std::string(b.exclusive) + " cannot be used without " + std::string(b.keyword));
        }
        return nullptr;
    }

    problem counts(const value& schema, std::string_view least_key, std::string_view most_key) const
    {
        for (const std::string_view keyword : {least_key, most_key}) {
            const value* v = schema.peek(keyword);
            if (v != nullptr && !is_whole(*v))
                return must(keyword, "of an integer");
            if (v != nullptr && *number_of(*v) < 0)
                return must(keyword, "greater than or equal to 0");
        }
        const value* least = schema.peek(least_key);
        const value* most = schema.peek(most_key);
        // The original does not compare the two of arrays.
        if (least != nullptr && most != nullptr && least_key != "minItems" && *number_of(*least) > *number_of(*most))
            return failed(std::string(least_key) + " cannot be greater than " + std::string(most_key));
        return nullptr;
    }

    problem sizes(const value& schema) const
    {
        if (problem why = counts(schema, "minLength", "maxLength"))
            return why;
        if (const value* v = schema.peek("pattern")) {
            if (!v->is_string())
                return must("pattern", "of a string");
            if (!is_pattern(v->text()))
                return must("pattern", "a valid regex");
        }
        if (const value* v = schema.peek("format"); v != nullptr && !v->is_string())
            return must("format", "of type string");
        if (problem why = counts(schema, "minProperties", "maxProperties"))
            return why;
        if (const value* v = schema.peek("required")) {
            if (!v->is_array())
                return must("required", "of an array");
            if (!std::all_of(v->items().begin(), v->items().end(), [](const value& name) { return name.is_string(); }))
                return must("required items", "string");
            if (has_duplicates(*v))
                return must("required items", "unique");
        }
        if (problem why = counts(schema, "minItems", "maxItems"))
            return why;
        if (const value* v = schema.peek("uniqueItems"); v != nullptr && v->kind() != kind::boolean)
            return must("uniqueItems", "of a boolean");
        return nullptr;
    }

    problem enumeration(const value& schema) const
    {
        if (const value* v = schema.peek("enum")) {
            if (!v->is_array())
                return must("enum", "of an array");
            if (has_duplicates(*v))
                return must("enum items", "unique");
        }
        return nullptr;
    }

    static bool is_pattern(std::string_view text) { return !std::holds_alternative<problem>(go_regexp::compile(text)); }

    problem pattern_properties(const value& schema, unsigned depth) const
    {
        const value* all = schema.peek("patternProperties");
        if (all == nullptr)
            return nullptr;
        if (!all->is_object())
            return invalid_type("valid schema", "patternProperties");
        for (const data::member& m : all->members())
            if (!is_pattern(m.name()))
                return failed("Invalid regex pattern '" + std::string(m.name()) + "'");
        return members_of(all, depth);
    }

    problem members_of(const value* group, unsigned depth) const
    {
        if (group == nullptr)
            return nullptr;
        for (const data::member& m : group->members())
            if (problem why = run(m.item, depth))
                return why;
        return nullptr;
    }

    problem elements_of(const value* group, unsigned depth) const
    {
        if (group == nullptr)
            return nullptr;
        for (const value& one : group->items())
            if (problem why = run(one, depth))
                return why;
        return nullptr;
    }

    /// Schemas by name; `wrong`: what is said of anything else.
    problem group(const value& schema, std::string_view keyword, problem wrong, unsigned depth) const
    {
        const value* all = schema.peek(keyword);
        if (all != nullptr && !all->is_object())
            return wrong;
        return members_of(all, depth);
    }

    problem single(const value& schema, std::string_view keyword, unsigned depth) const
    {
        const value* v = schema.peek(keyword);
        if (v == nullptr)
            return nullptr;
        if (!is_schema(*v)) {
            if (keyword.starts_with("additional"))
                return invalid_type("boolean/valid schema", keyword);
            if (keyword == "propertyNames")
                return invalid_type("valid schema", "patternProperties"); // the original's slip
            if (keyword != "contains")
                return must(keyword, "of an object");
        }
        return run(*v, depth);
    }

    problem items(const value& schema, unsigned depth) const
    {
        const value* v = schema.peek("items");
        if (v == nullptr || is_schema(*v))
            return v != nullptr ? run(*v, depth) : nullptr;
        if (!v->is_array() || !std::all_of(v->items().begin(), v->items().end(), is_schema))
            return invalid_type("valid schema/array of schemas", "items");
        return elements_of(v, depth);
    }

    problem dependencies(const value& schema, unsigned depth) const
    {
        const value* all = schema.peek("dependencies");
        if (all == nullptr)
            return nullptr;
        if (!all->is_object())
            return must("dependencies", "of type object");
        for (const data::member& m : all->members()) {
            const bool names = m.item.is_array() &&
                std::all_of(m.item.items().begin(), m.item.items().end(), [](const value& name) { return name.is_string(); });
            if (!names && !is_schema(m.item))
                return must("dependency", "of type schema or array of strings");
            if (names)
                continue;
            if (problem why = run(m.item, depth))
                return why;
        }
        return nullptr;
    }

    const value& root_;
};

} // namespace

problem check_schema_form(const value& schema) { return form_check(schema).run(schema, 0); }

const value* schema_reference(const value& root, std::string_view reference, std::string& missing)
{
    const value* at = &root;
    std::string_view rest = reference.substr(1);
    while (at != nullptr && rest.starts_with('/')) {
        rest.remove_prefix(1);
        std::string part(rest.substr(0, rest.find('/')));
        rest.remove_prefix(part.size());
        for (const auto& [from, to] : {std::pair<std::string_view, char>{"~1", '/'}, {"~0", '~'}}) {
            for (auto i = part.find(from); i != std::string::npos; i = part.find(from, i + 1))
                part.replace(i, 2, 1, to);
        }
        missing = part;
        if (at->is_array()) {
            const bool index = !part.empty() && part.size() < 7 && part.find_first_not_of("0123456789") == std::string::npos;
            const std::size_t i = index ? static_cast<std::size_t>(std::stoul(part)) : at->size();
            at = i < at->size() ? &at->items()[i] : nullptr;
        } else {
            at = at->peek(part);
        }
    }
    return at;
}

} // namespace lambent::bloblang
