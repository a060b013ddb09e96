#include <lambent/processor/jmespath/evaluate.hpp>

#include <lambent/processor/detail/expressions.hpp>
#include <lambent/processor/jmespath/parser.hpp>
#include <lambent/processor/jmespath/query.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace lambent::processor::jmespath {
namespace {

using what = node::what;
using values = std::vector<data::value>;

const data::value nothing;

bool same(const data::value& a, const data::value& b) noexcept
{
    if (a.kind() != b.kind())
        return false;
    switch (a.kind()) {
    case data::kind::float64: return a.as_float64() == b.as_float64();
    case data::kind::array: return std::ranges::equal(a.items(), b.items(), same);
    case data::kind::object:
        return std::ranges::equal(a.members(), b.members(), [](const data::member& x, const data::member& y) {
            return x.name() == y.name() && same(x.item, y.item);
        });
    default: return data::identical(a, b);
    }
}

core::result<outcome> compare(const node& expression, const data::value& on)
{
    auto left = evaluate(expression.children[0], on);
    if (!left)
        return left;
    auto right = evaluate(expression.children[1], on);
    if (!right)
        return right;
    using how = node::comparison;
    if (expression.compared == how::equal)
        return outcome{equal(*left, *right)};
    if (expression.compared == how::unequal)
        return outcome{!equal(*left, *right)};
    if (left->value.kind() != data::kind::float64 || right->value.kind() != data::kind::float64)
        return outcome{};
    const double a = left->value.as_float64();
    const double b = right->value.as_float64();
    switch (expression.compared) {
    case how::less: return outcome{a < b};
    case how::at_most: return outcome{a <= b};
    case how::more: return outcome{a > b};
    default: return outcome{a >= b};
    }
}

/// `right` of each element, nulls left out.
core::result<void> project(values& into, const node& right, std::span<const data::value> elements)
{
    for (const data::value& element : elements) {
        auto current = evaluate(right, element);
        if (!current)
            return current.error();
        if (!current->value.is_null())
            into.push_back(std::move(current->value));
    }
    return {};
}

core::result<outcome> filter(const node& expression, const data::value& on)
{
    const auto left = evaluate(expression.children[0], on);
    if (!left || !left->value.is_array())
        return outcome{};
    values kept;
    for (const data::value& element : left->value.items()) {
        auto wanted = evaluate(expression.children[2], element);
        if (!wanted)
            return wanted;
        if (is_false(*wanted))
            continue;
        if (auto ok = project(kept, expression.children[1], std::span(&element, 1)); !ok)
            return ok.error();
    }
    return outcome{data::value::array(std::move(kept))};
}

core::result<outcome> flatten(const node& expression, const data::value& on)
{
    const auto left = evaluate(expression.children[0], on);
    if (!left || !left->value.is_array())
        return outcome{};
    values flat;
    for (const data::value& element : left->value.items()) {
        if (element.is_array())
            flat.insert(flat.end(), element.items().begin(), element.items().end());
        else
            flat.push_back(element);
    }
    return outcome{data::value::array(std::move(flat))};
}

core::result<outcome> project_values(const node& expression, const data::value& on)
{
    const auto left = evaluate(expression.children[0], on);
    if (!left || !left->value.is_object())
        return outcome{};
    values found;
    // The original's list begins with as many nulls as there are members.
    for (std::size_t i = 0; i < left->value.size(); ++i) {
        if (auto ok = project(found, expression.children[1], std::span(&nothing, 1)); !ok)
            return ok.error();
    }
    for (const data::member& m : left->value.members()) {
        if (auto ok = project(found, expression.children[1], std::span(&m.item, 1)); !ok)
            return ok.error();
    }
    return outcome{data::value::array(std::move(found))};
}

/// A bound of a slice within a list of `length` elements.
std::int64_t within(std::int64_t length, std::int64_t bound, std::int64_t step)
{
    if (bound < 0) {
        bound += length;
        if (bound < 0)
            return step < 0 ? -1 : 0;
        return bound;
    }
    if (bound >= length)
        return step < 0 ? length - 1 : length;
    return bound;
}

core::result<outcome> slice(const node& expression, const data::value& on)
{
    if (!on.is_array())
        return outcome{};
    const auto& [first, last, stride] = expression.bounds;
    const std::int64_t step = stride.value_or(1);
    if (step == 0)
        return unusable("Invalid slice, step cannot be 0");
    const auto length = static_cast<std::int64_t>(on.size());
    const std::int64_t start = first ? within(length, *first, step) : step < 0 ? length - 1 : 0;
    const std::int64_t stop = last ? within(length, *last, step) : step < 0 ? -1 : length;
    values taken;
    for (std::int64_t i = start; step > 0 ? i < stop : i > stop;) {
        taken.push_back(on.items()[static_cast<std::size_t>(i)]);
        if (__builtin_add_overflow(i, step, &i))
            break;
    }
    return outcome{data::value::array(std::move(taken))};
}

core::result<outcome> select(const node& expression, const data::value& on)
{
    if (on.is_null())
        return outcome{};
    values items;
    std::vector<data::member> members;
    for (const node& child : expression.children) {
        const bool pair = child.kind == what::pair;
        auto current = evaluate(pair ? child.children[0] : child, on);
        if (!current)
            return current;
        if (pair)
            members.push_back({data::value(child.name), std::move(current->value)});
        else
            items.push_back(std::move(current->value));
    }
    if (expression.kind == what::select_hash)
        return outcome{data::value::object(std::move(members))};
    return outcome{data::value::array(std::move(items))};
}

core::result<outcome> call(const node& expression, const data::value& on)
{
    std::vector<outcome> arguments;
    arguments.reserve(expression.children.size());
    for (const node& child : expression.children) {
        auto one = evaluate(child, on);
        if (!one)
            return one;
        arguments.push_back(std::move(*one));
    }
    if (!expression.named)
        return unusable("jmespath panic: interface conversion: interface {} is nil, not string");
    return call_function(expression.name, arguments);
}

core::result<outcome> element(const node& expression, const data::value& on)
{
    if (!on.is_array())
        return outcome{};
    const auto length = static_cast<std::int64_t>(on.size());
    const std::int64_t index = expression.number < 0 ? expression.number + length : expression.number;
    if (index < 0 || index >= length)
        return outcome{};
    return outcome{on.items()[static_cast<std::size_t>(index)]};
}

core::result<outcome> either(const node& expression, const data::value& on)
{
    auto left = evaluate(expression.children[0], on);
    if (!left || is_false(*left) == (expression.kind == what::and_))
        return left;
    return evaluate(expression.children[1], on);
}

} // namespace

bool is_false(const outcome& got) noexcept
{
    if (got.reference != nullptr)
        return false;
    switch (got.value.kind()) {
    case data::kind::null: return true;
    case data::kind::boolean: return !got.value.as_bool();
    case data::kind::string: return got.value.text().empty();
    case data::kind::array:
    case data::kind::object: return got.value.size() == 0;
    default: return false;
    }
}

bool equal(const outcome& a, const outcome& b) noexcept
{
    return a.reference == b.reference && same(a.value, b.value);
}

core::result<outcome> evaluate(const node& expression, const data::value& on)
{
    switch (expression.kind) {
    case what::empty: return unusable("Unknown AST node: ASTEmpty");
    case what::comparator: return compare(expression, on);
    case what::current:
    case what::identity: return outcome{on};
    case what::reference: return outcome{data::value::object(), &expression.children[0]};
    case what::call: return call(expression, on);
    case what::field: return outcome{on.is_object() ? on.find(expression.name).value_or(data::value()) : data::value()};
    case what::filter_projection: return filter(expression, on);
    case what::flatten: return flatten(expression, on);
    case what::index: return element(expression, on);
    case what::left_right: {
        const auto left = evaluate(expression.children[0], on);
        if (!left)
            return left;
        return evaluate(expression.children[1], left->value);
    }
    case what::pair: return evaluate(expression.children[0], on);
    case what::literal: return outcome{expression.literal};
    case what::select_hash:
    case what::select_list: return select(expression, on);
    case what::or_:
    case what::and_: return either(expression, on);
    case what::not_: {
        const auto inside = evaluate(expression.children[0], on);
        if (!inside)
            return inside;
        return outcome{is_false(*inside)};
    }
    case what::projection: {
        const auto left = evaluate(expression.children[0], on);
        if (!left)
            return left;
        if (!left->value.is_array())
            return outcome{};
        values found;
        if (auto ok = project(found, expression.children[1], left->value.items()); !ok)
            return ok.error();
        return outcome{data::value::array(std::move(found))};
    }
    case what::slice: return slice(expression, on);
    case what::value_projection: return project_values(expression, on);
    }
    return outcome{};
}

core::result<query> query::compile(std::string_view expression)
{
    auto root = parse(expression);
    if (!root)
        return root.error();
    return query(std::move(*root));
}

core::result<data::value> query::search(const data::value& document) const
{
    auto got = evaluate(root_, document);
    if (!got)
        return got.error();
    return std::move(got->value);
}

} // namespace lambent::processor::jmespath
