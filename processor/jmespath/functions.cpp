#include <lambent/processor/jmespath/evaluate.hpp>

#include <lambent/bloblang/go_format.hpp>
#include <lambent/bloblang/go_text.hpp>
#include <lambent/data/json.hpp>
#include <lambent/data/utf8.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lambent::processor::jmespath {
namespace {

using answer = core::result<outcome>;
using arguments = std::span<const outcome>;
using values = std::vector<data::value>;
using data::kind;

bool is_number(const data::value& v) { return v.kind() == kind::float64; }
bool is_list_of(const outcome& a, kind what)
{
    return a.value.is_array() && std::ranges::all_of(a.value.items(), [what](const data::value& v) { return v.kind() == what; });
}

/// A type by the name that error texts give it.
bool is_of(const outcome& a, std::string_view type)
{
    if (type == "any")
        return true;
    if (type == "expref" || a.reference != nullptr)
        return type == "expref" && a.reference != nullptr;
    if (type == "number")
        return is_number(a.value);
    if (type == "string")
        return a.value.is_string();
    if (type == "array")
        return a.value.is_array();
    if (type == "object")
        return a.value.is_object();
    return is_list_of(a, type == "array[number]" ? kind::float64 : kind::string);
}

std::size_t rune_count(std::string_view text)
{
    std::size_t count = 0;
    for (; !text.empty(); ++count)
        text.remove_prefix(data::decode_utf8(text).size);
    return count;
}

answer absolute(arguments a) { return outcome{std::fabs(a[0].value.as_float64())}; }
answer ceiling(arguments a) { return outcome{std::ceil(a[0].value.as_float64())}; }
answer floored(arguments a) { return outcome{std::floor(a[0].value.as_float64())}; }

answer length(arguments a)
{
    const data::value& v = a[0].value;
    return outcome{static_cast<double>(v.is_string() ? rune_count(v.text()) : v.size())};
}

double total(const data::value& list)
{
    double sum = 0;
    for (const data::value& v : list.items())
        sum += v.as_float64();
    return sum;
}

answer sum(arguments a) { return outcome{total(a[0].value)}; }
answer average(arguments a) { return outcome{total(a[0].value) / static_cast<double>(a[0].value.size())}; }

answer starts_with(arguments a) { return outcome{a[0].value.text().starts_with(a[1].value.text())}; }
answer ends_with(arguments a) { return outcome{a[0].value.text().ends_with(a[1].value.text())}; }

answer contains(arguments a)
{
    const data::value& within = a[0].value;
    const data::value& sought = a[1].value;
    if (within.is_string())
        return outcome{sought.is_string() && within.text().find(sought.text()) != std::string_view::npos};
    for (const data::value& v : within.items()) {
        if (v.kind() != sought.kind())
            continue;
        // The original compares with Go's ==, which two lists or two objects do not survive.
        if (v.is_array())
            return unusable("jmespath panic: runtime error: comparing uncomparable type []interface {}");
        if (v.is_object())
            return unusable("jmespath panic: runtime error: comparing uncomparable type map[string]interface {}");
        if (equal({v}, {sought}))
            return outcome{true};
    }
    return outcome{false};
}

answer mapped(arguments a)
{
    values made;
    for (const data::value& v : a[1].value.items()) {
        auto one = evaluate(*a[0].reference, v);
        if (!one)
            return one;
        made.push_back(std::move(one->value));
    }
    return outcome{data::value::array(std::move(made))};
}

bool less(const data::value& x, const data::value& y)
{
    return is_number(x) ? x.as_float64() < y.as_float64() : x.text() < y.text();
}

/// The first of the largest, or of the smallest.
data::value extreme(const data::value& list, bool largest)
{
    if (list.size() == 0)
        return {};
    const data::value* best = &list.items()[0];
    for (const data::value& v : list.items().subspan(1)) {
        if (largest ? less(*best, v) : less(v, *best))
            best = &v;
    }
    return *best;
}

answer largest(arguments a) { return outcome{extreme(a[0].value, true)}; }
answer smallest(arguments a) { return outcome{extreme(a[0].value, false)}; }

answer extreme_by(arguments a, bool largest)
{
    const auto items = a[0].value.items();
    if (items.empty())
        return outcome{};
    if (items.size() == 1)
        return outcome{items[0]};
    auto best = evaluate(*a[1].reference, items[0]);
    if (!best)
        return best;
    const kind wanted = best->value.kind();
    if (wanted != kind::float64 && wanted != kind::string)
        return unusable("invalid type, must be number of string");
    const data::value* chosen = &items[0];
    for (const data::value& item : items.subspan(1)) {
        auto current = evaluate(*a[1].reference, item);
        if (!current)
            return current;
        if (current->value.kind() != wanted)
            return unusable(wanted == kind::string ? "invalid type, must be string" : "invalid type, must be number");
        if (largest ? less(best->value, current->value) : less(current->value, best->value)) {
            best = std::move(current);
            chosen = &item;
        }
    }
    return outcome{*chosen};
}

answer max_by(arguments a) { return extreme_by(a, true); }
answer min_by(arguments a) { return extreme_by(a, false); }

answer merge(arguments a)
{
    std::vector<data::member> all;
    for (const outcome& one : a) {
        // Only the count of a variadic function's arguments is checked.
        if (!one.value.is_object() || one.reference != nullptr)
            return unusable("jmespath panic: interface conversion: interface {} is "
                + std::string(one.value.is_null() ? "nil" : go_type_name(one.value)) + ", not map[string]interface {}");
        all.insert(all.end(), one.value.members().begin(), one.value.members().end());
    }
    return outcome{data::value::object(std::move(all))};
}

answer type_of(arguments a)
{
    if (a[0].reference != nullptr)
        return unusable("unknown type");
    switch (a[0].value.kind()) {
    case kind::null: return outcome{"null"};
    case kind::boolean: return outcome{"boolean"};
    case kind::string: return outcome{"string"};
    case kind::array: return outcome{"array"};
    case kind::object: return outcome{"object"};
    default: return outcome{"number"};
    }
}

answer keys(arguments a)
{
    values made;
    for (const data::member& m : a[0].value.members())
        made.push_back(m.key);
    return outcome{data::value::array(std::move(made))};
}

answer members_of(arguments a)
{
    values made;
    for (const data::member& m : a[0].value.members())
        made.push_back(m.item);
    return outcome{data::value::array(std::move(made))};
}

answer sorted(arguments a)
{
    data::value list = a[0].value;
    std::ranges::stable_sort(list.edit_items(), less);
    return outcome{std::move(list)};
}

answer sort_by(arguments a)
{
    const auto items = a[0].value.items();
    if (items.size() < 2)
        return outcome{a[0].value};
    std::vector<std::pair<data::value, const data::value*>> keyed;
    for (const data::value& item : items) {
        auto key = evaluate(*a[1].reference, item);
        if (!key && keyed.empty())
            return key;
        if (key && keyed.empty() && !is_number(key->value) && !key->value.is_string())
            return unusable("invalid type, must be number of string");
        if (!key || (!keyed.empty() && key->value.kind() != keyed.front().first.kind()))
            return unusable("error in sort_by comparison");
        keyed.emplace_back(std::move(key->value), &item);
    }
    std::ranges::stable_sort(keyed, [](const auto& x, const auto& y) { return less(x.first, y.first); });
    values made;
    for (const auto& [key, item] : keyed)
        made.push_back(*item);
    return outcome{data::value::array(std::move(made))};
}

answer join(arguments a)
{
    std::string all;
    for (const data::value& v : a[1].value.items()) {
        if (&v != a[1].value.items().data())
            all += a[0].value.text();
        all += v.text();
    }
    return outcome{data::value(all)};
}

answer reversed(arguments a)
{
    if (!a[0].value.is_string()) {
        data::value list = a[0].value;
        std::ranges::reverse(list.edit_items());
        return outcome{std::move(list)};
    }
    std::vector<char32_t> codes;
    for (std::string_view rest = a[0].value.text(); !rest.empty();) {
        const data::decoded_rune rune = data::decode_utf8(rest);
        codes.push_back(rune.code);
        rest.remove_prefix(rune.size);
    }
    std::string text;
    for (auto code = codes.rbegin(); code != codes.rend(); ++code)
        data::append_utf8(text, *code);
    return outcome{data::value(text)};
}

answer to_array(arguments a)
{
    if (a[0].value.is_array())
        return a[0];
    return outcome{data::value::array({a[0].value})};
}

answer to_string(arguments a)
{
    if (a[0].value.is_string())
        return a[0];
    auto text = data::write_json(a[0].value, {.escape_html = true});
    if (!text)
        return text.error();
    return outcome{data::value(*text)};
}

answer to_number(arguments a)
{
    if (a[0].reference != nullptr)
        return unusable("unknown type");
    if (is_number(a[0].value))
        return a[0];
    if (!a[0].value.is_string())
        return outcome{};
    const auto read = bloblang::parse_float(a[0].value.text());
    if (const double* number = std::get_if<double>(&read))
        return outcome{*number};
    return outcome{};
}

answer not_null(arguments a)
{
    for (const outcome& one : a) {
        if (!one.value.is_null())
            return one;
    }
    return outcome{};
}

/// Of a parameter: the types it takes, separated by spaces, in the order in which the error text lists them.
struct function
{
    std::string_view name;
    std::array<std::string_view, 2> parameters; ///< an empty one is none
    answer (*run)(arguments);
    bool variadic = false; ///< one or more arguments, of unchecked types
};

constexpr std::array<function, 26> functions{{
    {"length", {"string array object"}, length},
    {"starts_with", {"string", "string"}, starts_with},
    {"abs", {"number"}, absolute},
    {"avg", {"array[number]"}, average},
    {"ceil", {"number"}, ceiling},
    {"contains", {"array string", "any"}, contains},
    {"ends_with", {"string", "string"}, ends_with},
    {"floor", {"number"}, floored},
    {"map", {"expref", "array"}, mapped},
    {"max", {"array[number] array[string]"}, largest},
    {"merge", {"object"}, merge, true},
    {"max_by", {"array", "expref"}, max_by},
    {"sum", {"array[number]"}, sum},
    {"min", {"array[number] array[string]"}, smallest},
    {"min_by", {"array", "expref"}, min_by},
    {"type", {"any"}, type_of},
    {"keys", {"object"}, keys},
    {"values", {"object"}, members_of},
    {"sort", {"array[string] array[number]"}, sorted},
    {"sort_by", {"array", "expref"}, sort_by},
    {"join", {"string", "array[string]"}, join},
    {"reverse", {"array string"}, reversed},
    {"to_array", {"any"}, to_array},
    {"to_string", {"any"}, to_string},
    {"to_number", {"any"}, to_number},
    {"not_null", {"any"}, not_null, true},
}};

/// The failure of an argument of another type than those of `types`; nullopt: it is of one of them.
std::optional<core::error> mistyped(const outcome& argument, std::string_view types)
{
    std::string expected;
    while (!types.empty()) {
        const std::string_view type = types.substr(0, types.find(' '));
        types.remove_prefix(std::min(types.size(), type.size() + 1));
        if (is_of(argument, type))
            return std::nullopt;
        expected += (expected.empty() ? "\"" : ", \"") + std::string(type) + '"';
    }
    return unusable("Invalid type for: " + bloblang::go_print(argument.value) + ", expected: []jmespath.jpType{" + expected + "}");
}

} // namespace

core::result<outcome> call_function(std::string_view name, std::span<const outcome> given)
{
    const auto* found = std::ranges::find(functions, name, &function::name);
    if (found == functions.end())
        return unusable("unknown function: " + std::string(name));
    if (found->variadic) {
        if (given.empty())
            return unusable("Invalid arity.");
        return found->run(given);
    }
    const std::size_t wanted = found->parameters[1].empty() ? 1 : 2;
    if (given.size() != wanted)
        return unusable("incorrect number of args");
    for (std::size_t i = 0; i < wanted; ++i) {
        if (auto why = mistyped(given[i], found->parameters[i]))
            return *std::move(why);
    }
    return found->run(given);
}

} // namespace lambent::processor::jmespath
