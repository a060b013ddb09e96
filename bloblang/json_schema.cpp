#include <lambent/bloblang/go_regexp.hpp>
#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/json_schema.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/schema_form.hpp>
#include <lambent/bloblang/schema_formats.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/json.hpp>
#include <lambent/data/utf8.hpp>

#include <algorithm>
#include <cmath>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

constexpr unsigned depth_max = 500;

std::string type_given(const value& v)
{
    if (v.is_numeric()) {
        const auto f = number_of(v);
        return f && std::isfinite(*f) && *f == std::trunc(*f) ? "integer" : "number";
    }
    switch (v.kind()) {
    case kind::boolean:
        return "boolean";
    case kind::array:
        return "array";
    case kind::object:
        return "object";
    case kind::null:
        return "null";
    default:
        return "string";
    }
}

std::size_t length_of(std::string_view text)
{
    std::size_t n = 0;
    for (; !text.empty(); text.remove_prefix(data::decode_utf8(text).size))
        ++n;
    return n;
}

std::string json_of(const value& v)
{
    auto written = data::write_json(v);
    return written ? written.value() : std::string();
}

/// Every finding of one value, in the order in which the rules are tried.
class schema_check
{
public:
    explicit schema_check(const value& root) : root_(root) {}

    std::vector<std::string> found;
    std::size_t passed = 0; ///< rules that held: the best of several alternatives is told

    void check(const value& schema, const value& v, const std::string& path, unsigned depth);

private:
    /// The original writes all of it in small letters, but gives the name of a property as it is, in front.
    void say(const std::string& path, std::string_view what, std::string_view property = {})
    {
        const std::string small = mapped(what, lower_of);
        std::string_view rest = small;
        if (const std::string name = mapped(property, lower_of); rest.starts_with(name))
            rest.remove_prefix(name.size());
        found.push_back((path.empty() ? "(root)" : path) + " " + std::string(property) + std::string(rest));
    }
    void held_or(bool good, const std::string& path, const std::string& what, std::string_view property = {})
    {
        if (good)
            ++passed;
        else
            say(path, what, property);
    }
    const value* referred(const value& schema) const;
    bool check_type(const value& wanted, const value& v, const std::string& path);
    void check_alternatives(const value& schema, const value& v, const std::string& path, unsigned depth);
    void check_condition(const value& schema, const value& v, const std::string& path, unsigned depth);
    void check_common(const value& schema, const value& v, const std::string& path);
    void check_object(const value& schema, const value& v, const std::string& path, unsigned depth);
    void check_members(const value& schema, const value& v, const std::string& path, unsigned depth);
    void check_properties(const value& schema, const value& v, const std::string& path, unsigned depth);
    void check_array(const value& schema, const value& v, const std::string& path, unsigned depth);
    void check_text(const value& schema, const value& v, const std::string& path);
    void check_number(const value& schema, const value& v, const std::string& path);
    schema_check alone(const value& schema, const value& v, const std::string& path, unsigned depth) const
    {
        schema_check other(root_);
        other.check(schema, v, path, depth + 1);
        (void)spend(other.found.size()); // its findings are copied from level to level
        return other;
    }
    static std::string below(const std::string& path, std::string_view part)
    {
        return path.empty() ? std::string(part) : path + "." + std::string(part);
    }

    const value& root_;
};

/// `#/definitions/x`; null when it leads nowhere.
const value* schema_check::referred(const value& schema) const
{
    const value* reference = schema.peek("$ref");
    if (reference == nullptr || !reference->is_string() || !reference->text().starts_with('#'))
        return nullptr;
    std::string missing;
    return schema_reference(root_, reference->text(), missing);
}

bool schema_check::check_type(const value& wanted, const value& v, const std::string& path)
{
    const std::string given = type_given(v);
    const auto fits = [&](const value& t) {
        return t.is_string() && (t.text() == given || (given == "integer" && t.text() == "number"));
    };
    const bool several = wanted.is_array();
    const bool good = several ? std::any_of(wanted.items().begin(), wanted.items().end(), fits) : fits(wanted);
    if (good) {
        ++passed;
        return true;
    }
    std::string names;
    if (several) {
        for (const value& t : wanted.items())
            names += (names.empty() ? "" : ",") + std::string(t.is_string() ? t.text() : "");
        names = "[" + names + "]";
    } else if (wanted.is_string()) {
        names = wanted.text();
    }
    say(path, "invalid type. expected: " + names + ", given: " + given);
    return false;
}

void schema_check::check_alternatives(const value& schema, const value& v, const std::string& path, unsigned depth)
{
    const auto best_of = [&](const value& list, std::size_t& valid) {
        std::optional<schema_check> best;
        for (const value& one : list.items()) {
            schema_check tried = alone(one, v, path, depth);
            valid += tried.found.empty() ? 1 : 0;
            if (!best || tried.passed > best->passed)
                best.emplace(std::move(tried));
        }
        return best ? std::move(best->found) : std::vector<std::string>();
    };
    if (const value* any = schema.peek("anyOf"); any != nullptr && any->size() > 0) {
        std::size_t valid = 0;
        const auto findings = best_of(*any, valid);
        held_or(valid > 0, path, "must validate at least one schema (anyof)");
        if (valid == 0)
            found.insert(found.end(), findings.begin(), findings.end());
    }
    if (const value* one = schema.peek("oneOf"); one != nullptr && one->size() > 0) {
        std::size_t valid = 0;
        const auto findings = best_of(*one, valid);
        held_or(valid == 1, path, "must validate one and only one schema (oneof)");
        if (valid == 0)
            found.insert(found.end(), findings.begin(), findings.end());
    }
    if (const value* all = schema.peek("allOf"); all != nullptr && all->is_array()) {
        std::size_t valid = 0;
        for (const value& each : all->items()) {
            schema_check tried = alone(each, v, path, depth);
            valid += tried.found.empty() ? 1 : 0;
            found.insert(found.end(), tried.found.begin(), tried.found.end());
        }
        held_or(valid == all->size(), path, "must validate all the schemas (allof)");
    }
    if (const value* none = schema.peek("not"))
        held_or(!alone(*none, v, path, depth).found.empty(), path, "must not validate the schema (not)");
    check_condition(schema, v, path, depth);
}

void schema_check::check_condition(const value& schema, const value& v, const std::string& path, unsigned depth)
{
    const value* condition = schema.peek("if");
    if (condition == nullptr)
        return;
    const bool holds = alone(*condition, v, path, depth).found.empty();
    const value* then = schema.peek(holds ? "then" : "else");
    if (then == nullptr)
        return;
    schema_check tried = alone(*then, v, path, depth);
    held_or(tried.found.empty(), path,
        holds ? "must validate \"then\" as \"if\" was valid" : "must validate \"else\" as \"if\" was not valid");
    found.insert(found.end(), tried.found.begin(), tried.found.end());
}

void schema_check::check_common(const value& schema, const value& v, const std::string& path)
{
    const std::string shown = path.empty() ? "(root)" : path;
    if (const value* constant = schema.peek("const"))
        held_or(equal(*constant, v), path, shown + " does not match: " + json_of(*constant));
    const value* listed = schema.peek("enum");
    if (listed == nullptr || listed->size() == 0)
        return;
    std::string all;
    bool good = false;
    for (const value& one : listed->items()) {
        good = good || (type_given(one) == type_given(v) && equal(one, v));
        all += (all.empty() ? "" : ", ") + json_of(one);
    }
    held_or(good, path, shown + " must be one of the following: " + all);
}

void schema_check::check_object(const value& schema, const value& v, const std::string& path, unsigned depth)
{
    if (const value* required = schema.peek("required"); required != nullptr && required->is_array()) {
        for (const value& name : required->items()) {
            if (name.is_string())
                held_or(v.peek(name.text()) != nullptr, path, std::string(name.text()) + " is required", name.text());
        }
    }
    const auto size = static_cast<double>(v.size());
    if (const value* least = schema.peek("minProperties"); least != nullptr && number_of(*least))
        held_or(size >= *number_of(*least), path, "must have at least " + to_text(*least) + " properties");
    if (const value* most = schema.peek("maxProperties"); most != nullptr && number_of(*most))
        held_or(size <= *number_of(*most), path, "must have at most " + to_text(*most) + " properties");
    if (const value* needed = schema.peek("dependencies"); needed != nullptr && needed->is_object()) {
        for (const data::member& d : needed->members()) {
            if (v.peek(d.name()) == nullptr)
                continue;
            if (!d.item.is_array()) {
                check(d.item, v, path, depth + 1);
                continue;
            }
            for (const value& other : d.item.items()) {
                if (other.is_string())
                    held_or(v.peek(other.text()) != nullptr, path, "has a dependency on " + std::string(other.text()));
            }
        }
    }
    if (const value* names = schema.peek("propertyNames")) {
        for (const data::member& m : v.members()) {
            schema_check tried = alone(*names, m.key, path, depth);
            if (tried.found.empty())
                continue;
            const std::string name(m.name());
            say(path, "property name of \"" + name + "\" does not match", name);
            found.insert(found.end(), tried.found.begin(), tried.found.end());
        }
    }
    check_members(schema, v, path, depth);
}

void schema_check::check_members(const value& schema, const value& v, const std::string& path, unsigned depth)
{
    const value* properties = schema.peek("properties");
    const value* patterns = schema.peek("patternProperties");
    const value* additional = schema.peek("additionalProperties");
    for (const data::member& m : v.members()) {
        bool known = properties != nullptr && properties->peek(m.name()) != nullptr;
        if (patterns != nullptr && patterns->is_object()) {
            for (const data::member& p : patterns->members()) {
                auto re = go_regexp::compile(p.name());
                const auto* made = std::get_if<std::shared_ptr<go_regexp>>(&re);
                if (made == nullptr || !(*made)->matches(m.name()))
                    continue;
                known = true;
                check(p.item, m.item, below(path, m.name()), depth + 1);
            }
        }
        if (known || additional == nullptr)
            continue;
        if (additional->kind() == kind::boolean)
            held_or(additional->as_bool(), path, "additional property " + std::string(m.name()) + " is not allowed", m.name());
        else
            check(*additional, m.item, below(path, m.name()), depth + 1);
    }
}

void schema_check::check_properties(const value& schema, const value& v, const std::string& path, unsigned depth)
{
    const value* properties = schema.peek("properties");
    if (properties == nullptr || !properties->is_object())
        return;
    for (const data::member& p : properties->members()) {
        if (const value* item = v.peek(p.name()))
            check(p.item, *item, below(path, p.name()), depth + 1);
    }
}

void schema_check::check_array(const value& schema, const value& v, const std::string& path, unsigned depth)
{
    const value* items = schema.peek("items");
    for (std::size_t i = 0; items != nullptr && i < v.size(); ++i) {
        const value* each = items;
        if (items->is_array())
            each = i < items->size() ? &items->items()[i] : schema.peek("additionalItems");
        if (each == nullptr)
            continue;
        if (each->kind() == kind::boolean && items->is_array())
            held_or(each->as_bool(), path, "no additional items allowed on array");
        else
            check(*each, v.items()[i], below(path, std::to_string(i)), depth + 1);
    }
    const auto size = static_cast<double>(v.size());
    if (const value* least = schema.peek("minItems"); least != nullptr && number_of(*least))
        held_or(size >= *number_of(*least), path, "array must have at least " + to_text(*least) + " items");
    if (const value* most = schema.peek("maxItems"); most != nullptr && number_of(*most))
        held_or(size <= *number_of(*most), path, "array must have at most " + to_text(*most) + " items");
    if (const value* unique = schema.peek("uniqueItems"); unique != nullptr && unique->kind() == kind::boolean && unique->as_bool()) {
        std::vector<std::string> seen;
        for (std::size_t i = 0; i < v.size(); ++i) {
            const std::string text = json_of(v.items()[i]);
            const auto before = std::find(seen.begin(), seen.end(), text);
            if (before != seen.end())
                say(path, "array items[" + std::to_string(before - seen.begin()) + "," + std::to_string(i) + "] must be unique");
            seen.push_back(text);
        }
    }
    if (const value* wanted = schema.peek("contains")) {
        std::vector<std::string> first;
        bool good = false;
        for (std::size_t i = 0; i < v.size() && !good; ++i) {
            schema_check tried = alone(*wanted, v.items()[i], below(path, std::to_string(i)), depth);
            good = tried.found.empty();
            if (first.empty())
                first = std::move(tried.found);
        }
        held_or(good, path, "at least one of the items must match");
        if (!good)
            found.insert(found.end(), first.begin(), first.end());
    }
}

void schema_check::check_text(const value& schema, const value& v, const std::string& path)
{
    const auto length = static_cast<double>(length_of(v.text()));
    if (const value* least = schema.peek("minLength"); least != nullptr && number_of(*least))
        held_or(length >= *number_of(*least), path, "string length must be greater than or equal to " + to_text(*least));
    if (const value* most = schema.peek("maxLength"); most != nullptr && number_of(*most))
        held_or(length <= *number_of(*most), path, "string length must be less than or equal to " + to_text(*most));
    if (const value* pattern = schema.peek("pattern"); pattern != nullptr && pattern->is_string()) {
        auto re = go_regexp::compile(pattern->text());
        const auto* made = std::get_if<std::shared_ptr<go_regexp>>(&re);
        const bool good = made != nullptr && (*made)->matches(v.text());
        held_or(good, path, "does not match pattern '" + std::string(pattern->text()) + "'");
    }
    if (const value* format = schema.peek("format"); format != nullptr && format->is_string())
        held_or(has_format(v.text(), format->text()), path, "does not match format '" + std::string(format->text()) + "'");
}

void schema_check::check_number(const value& schema, const value& v, const std::string& path)
{
    const double n = number_of(v).value_or(0);
    const auto bound = [&](std::string_view name) -> const value* {
        const value* b = schema.peek(name);
        return b != nullptr && number_of(*b) ? b : nullptr;
    };
    const auto flagged = [&](std::string_view name) {
        const value* b = schema.peek(name);
        return b != nullptr && b->kind() == kind::boolean && b->as_bool();
    };
    if (const value* m = bound("multipleOf"); m != nullptr && *number_of(*m) != 0)
        held_or(std::fmod(n, *number_of(*m)) == 0, path, "must be a multiple of " + to_text(*m));
    // Draft 4 has a flag beside the bound, later drafts a bound of its own.
    if (const value* most = bound("maximum")) {
        const bool open = flagged("exclusiveMaximum");
        held_or(open ? n < *number_of(*most) : n <= *number_of(*most), path,
            (open ? "must be less than " : "must be less than or equal to ") + to_text(*most));
    }
    if (const value* most = bound("exclusiveMaximum"))
        held_or(n < *number_of(*most), path, "must be less than " + to_text(*most));
    if (const value* least = bound("minimum")) {
        const bool open = flagged("exclusiveMinimum");
        held_or(open ? n > *number_of(*least) : n >= *number_of(*least), path,
            (open ? "must be greater than " : "must be greater than or equal to ") + to_text(*least));
    }
    if (const value* least = bound("exclusiveMinimum"))
        held_or(n > *number_of(*least), path, "must be greater than " + to_text(*least));
    if (const value* format = schema.peek("format"); format != nullptr && format->is_string() && is_known_format(format->text()))
        say(path, "does not match format '" + std::string(format->text()) + "'"); // all formats are of texts
}

void schema_check::check(const value& schema, const value& v, const std::string& path, unsigned depth)
{
    if (!spend(1))
        return;
    if (depth > depth_max) {
        say(path, "is nested deeper than " + std::to_string(depth_max) + " levels");
        return;
    }
    if (schema.kind() == kind::boolean) {
        if (!schema.as_bool())
            say(path, "false always fails validation");
        return;
    }
    if (const value* other = referred(schema))
        return check(*other, v, path, depth + 1);
    if (const value* type = schema.peek("type"); type != nullptr && (type->is_string() || type->size() > 0) && !check_type(*type, v, path))
        return;
    check_alternatives(schema, v, path, depth);
    if (v.is_numeric())
        check_number(schema, v, path);
    if (v.is_object())
        check_object(schema, v, path, depth);
    else if (v.is_array())
        check_array(schema, v, path, depth);
    check_common(schema, v, path);
    if (v.is_object())
        check_properties(schema, v, path, depth);
    else if (v.is_text())
        check_text(schema, v, path);
}

} // namespace

std::variant<std::shared_ptr<json_schema>, problem> json_schema::compile(std::string_view text)
{
    const auto read = data::read_json(text, {.whole = false});
    if (!read)
        return failed(read.error().text());
    if (problem why = check_schema_form(read.value()))
        return why;
    return std::shared_ptr<json_schema>(new json_schema(read.value()));
}

problem json_schema::check(const value& v) const
{
    schema_check all(root_);
    all.check(root_, v, "", 0);
    if (all.found.empty())
        return nullptr;
    std::string text;
    for (const std::string& line : all.found)
        text += (text.empty() ? "" : "\n") + line;
    return failed(std::move(text));
}

} // namespace lambent::bloblang
