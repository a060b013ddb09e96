#include <lambent/bloblang/go_sort.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <cmath>
#include <optional>
#include <set>

namespace lambent::bloblang {
namespace {

using data::value;

/// A failure that the target is not named in.
problem bare(problem why)
{
    why->own_words = true;
    return why;
}

/// What is compared, and the first failure: later comparisons answer false.
struct ordering
{
    std::vector<value> keys;
    std::string noun;    ///< "sort" or "sort_by"
    std::string source;  ///< annotation of a sort_by query, or empty
    problem wrong;

    problem of(std::size_t index, std::string_view expected) const
    {
        problem why = wrong_type(expected, keys[index]);
        if (!source.empty())
            why = named_by(std::move(why), source);
        return within(noun + " element " + std::to_string(index) + ": ", std::move(why));
    }
    /// Both numbers or both texts; the left one decides which.
    bool less(std::size_t left, std::size_t right)
    {
        if (wrong)
            return false;
        const value& a = keys[left];
        const value& b = keys[right];
        // The original knows int64, uint64 and float64 on the left, and every number on the right; timestamps the same.
        if (a.is_numeric() && a.width() == 0) {
            if (!b.is_numeric()) {
                wrong = of(right, "number");
                return false;
            }
            return number_of(a).value_or(0) < number_of(b).value_or(0);
        }
        const loose_text first(a);
        if (first && a.kind() != data::kind::timestamp) {
            const loose_text second(b);
            if (!second) {
                wrong = of(right, "string");
                return false;
            }
            return *first < *second;
        }
        wrong = of(left, "number or string");
        return false;
    }
};

answer in_order(const call& c, const std::vector<std::size_t>& order)
{
    std::vector<value> out;
    for (const std::size_t i : order)
        out.push_back(c.target.items()[i]);
    return value::array(std::move(out));
}

answer sort_by_query(const call& c)
{
    const auto items = c.target.items();
    problem wrong;
    std::vector<std::size_t> order = go_sort(items.size(), [&](std::size_t left, std::size_t right, std::size_t, std::size_t) {
        if (!wrong && !spend(1))
            wrong = spent_too_much();
        if (wrong)
            return false;
        const value context = value::object({{value("left"), items[left]}, {value("right"), items[right]}});
        const binding link{&context, c.at.self};
        answer a = c.args.query(0).eval(c.at.bound(link));
        if (!a.ok()) {
            wrong = std::move(a).take_failure();
            return false;
        }
        if (a.value().kind() != data::kind::boolean) {
            wrong = named_by(wrong_type("bool", a.value()), "sort argument");
            return false;
        }
        return a.value().as_bool();
    });
    if (wrong)
        return bare(std::move(wrong));
    return in_order(c, order);
}

answer sort(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    if (c.args.given(0))
        return sort_by_query(c);
    ordering by;
    const std::vector<value> keys(c.target.items().begin(), c.target.items().end());
    by.keys = keys;
    by.noun = "sort";
    // The elements are named by the place they have when they are compared.
    const std::vector<std::size_t> order =
        go_sort(keys.size(), [&](std::size_t left, std::size_t right, std::size_t left_place, std::size_t right_place) {
            by.keys[left_place] = keys[left];
            by.keys[right_place] = keys[right];
            return by.less(left_place, right_place);
        });
    if (by.wrong)
        return bare(std::move(by.wrong));
    return in_order(c, order);
}

answer sort_by(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    ordering by;
    by.noun = "sort_by";
    by.source = c.args.query(0).annotation();
    const auto items = c.target.items();
    by.keys.resize(items.size());
    // Asked for an element when it is first compared: one alone is never asked about, and of several failures that one is told which is met first.
    std::vector<std::optional<value>> keys(items.size());
    const auto key_at = [&](std::size_t i) -> value {
        if (by.wrong || keys[i])
            return keys[i].value_or(value());
        if (!spend(1)) {
            by.wrong = spent_too_much();
            return {};
        }
        const binding link{&items[i], c.at.self};
        answer a = c.args.query(0).eval(c.at.bound(link));
        if (!a.ok())
            by.wrong = std::move(a).take_failure();
        else
            keys[i] = std::move(a).value();
        return keys[i].value_or(value());
    };
    const std::vector<std::size_t> order =
        go_sort(items.size(), [&](std::size_t left, std::size_t right, std::size_t left_place, std::size_t right_place) {
            by.keys[left_place] = key_at(left);
            by.keys[right_place] = key_at(right);
            return by.less(left_place, right_place);
        });
    if (by.wrong)
        return bare(std::move(by.wrong));
    return in_order(c, order);
}

answer unique(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    std::set<std::string, std::less<>> texts;
    std::set<double> numbers;
    std::vector<value> out;
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        const value& v = c.target.items()[i];
        const std::string where = "index " + std::to_string(i) + ": ";
        value key = v;
        if (c.args.given(0)) {
            if (!spend(1))
                return spent_too_much();
            const binding link{&v, c.at.self};
            answer a = c.args.query(0).eval(c.at.bound(link));
            if (!a.ok())
                return within(where, std::move(a).take_failure());
            key = std::move(a).value();
        }
        bool fresh = false;
        if (const loose_text text(key); text)
            fresh = texts.emplace(*text).second;
        else if (const auto n = number_of(key))
            fresh = std::isnan(*n) || numbers.insert(*n).second; // NaN is like nothing, itself included
        else
            return within(where, wrong_type("string or number", key));
        if (fresh)
            out.push_back(v);
    }
    return value::array(std::move(out));
}

/// One number out of an array of numbers.
answer extreme(const call& c, bool largest)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    if (c.target.size() == 0)
        return failed("the array was empty");
    double best = 0;
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        const auto n = number_of(c.target.items()[i]);
        if (!n)
            return within("index " + std::to_string(i) + " of array: ", wrong_type("number", c.target.items()[i]));
        if (i == 0 || (largest ? *n > best : *n < best))
            best = *n;
    }
    return value(best);
}

answer max(const call& c) { return extreme(c, true); }
answer min(const call& c) { return extreme(c, false); }

answer sum(const call& c)
{
    if (c.target.is_numeric())
        return c.target;
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    double total = 0;
    problem wrong;
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        const auto n = number_of(c.target.items()[i]);
        if (!n) {
            // Of several wrong elements the last one is told.
            wrong = bare(within("index " + std::to_string(i) + ": ", wrong_type("number", c.target.items()[i])));
            continue;
        }
        total += *n;
    }
    if (wrong)
        return wrong;
    return value(total);
}

} // namespace

const definitions& ordering_methods()
{
    using enum parameter_type;
    static const definitions all = {
        {.name = "max", .run = max},
        {.name = "min", .run = min},
        {.name = "sort", .parameters = {{"compare", query, std::nullopt, true}}, .run = sort},
        {.name = "sort_by", .parameters = {{"query", query}}, .run = sort_by},
        {.name = "sum", .run = sum},
        {.name = "unique", .parameters = {{"emit", query, std::nullopt, true}}, .run = unique},
    };
    return all;
}

} // namespace lambent::bloblang
