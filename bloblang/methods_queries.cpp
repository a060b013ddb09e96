#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

/// Methods that evaluate a query for each element.
namespace lambent::bloblang {
namespace {

using data::value;

answer query_with(const call& c, std::size_t argument, const value& element)
{
    if (!spend(1))
        return spent_too_much();
    const binding link{&element, c.at.self};
    return c.args.query(argument).eval(c.at.bound(link));
}

value pair_of(const data::member& m)
{
    data::member pair[] = {{value("key"), m.key}, {value("value"), m.item}};
    return value::ordered_object(pair);
}

/// `any` stops at the first true, `all` at the first false; an empty array is false for both.
answer tested(const call& c, bool stop_at)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        const std::string where = "element " + std::to_string(i) + ": ";
        answer a = query_with(c, 0, c.target.items()[i]);
        if (!a.ok())
            return within(where, std::move(a).take_failure());
        if (a.value().kind() != data::kind::boolean)
            return within(where, wrong_type("bool", a.value()));
        if (a.value().as_bool() == stop_at)
            return value(stop_at);
    }
    return value(!stop_at && c.target.size() > 0);
}

answer any(const call& c) { return tested(c, true); }
answer all(const call& c) { return tested(c, false); }

bool is_true(const value& v) { return v.kind() == data::kind::boolean && v.as_bool(); }

answer filter(const call& c)
{
    if (c.target.is_array()) {
        std::vector<value> out;
        for (const value& v : c.target.items()) {
            answer a = query_with(c, 0, v);
            if (!a.ok())
                return a;
            if (is_true(a.value()))
                out.push_back(v);
        }
        return value::array(std::move(out));
    }
    if (!c.target.is_object())
        return wrong_type("array or object", c.target);
    std::vector<data::member> out;
    for (const data::member& m : c.target.members()) {
        answer a = query_with(c, 0, pair_of(m));
        if (!a.ok())
            return a;
        if (is_true(a.value()))
            out.push_back(m);
    }
    return value::object(std::move(out));
}

answer fold(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    value tally = c.args.any(0);
    for (const value& v : c.target.items()) {
        data::member pair[] = {{value("tally"), std::move(tally)}, {value("value"), v}};
        const value context = value::ordered_object(pair);
        answer a = query_with(c, 1, context);
        if (!a.ok())
            return a;
        tally = std::move(a).value();
    }
    return tally;
}

/// A failure of one element, named by the query unless it names its source itself.
problem of_element(answer a, const call& c, const std::string& which)
{
    return within("failed to process element " + which + ": ",
        named_by(std::move(a).take_failure(), c.args.query(0).annotation()));
}

answer map_each_member(const call& c)
{
    std::vector<data::member> out;
    for (const data::member& m : c.target.members()) {
        answer a = query_with(c, 0, pair_of(m));
        if (!a.ok())
            return of_element(std::move(a), c, std::string(m.name()));
        if (a.value().is_deleted())
            continue;
        out.push_back({m.key, a.value().is_nothing() ? m.item : std::move(a).value()});
    }
    return value::object(std::move(out));
}

answer map_each(const call& c)
{
    if (c.target.is_object())
        return map_each_member(c);
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    std::vector<value> out;
    out.reserve(c.target.size());
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        answer a = query_with(c, 0, c.target.items()[i]);
        if (!a.ok())
            return of_element(std::move(a), c, std::to_string(i));
        if (a.value().is_deleted())
            continue;
        out.push_back(a.value().is_nothing() ? c.target.items()[i] : std::move(a).value());
    }
    return value::array(std::move(out));
}

answer map_each_key(const call& c)
{
    if (!c.target.is_object())
        return wrong_type("object", c.target);
    std::vector<data::member> out;
    for (const data::member& m : c.target.members()) {
        answer a = query_with(c, 0, m.key);
        if (!a.ok())
            return a;
        if (a.value().is_nothing())
            out.push_back(m);
        else if (a.value().is_string())
            out.push_back({std::move(a).value(), m.item});
        else
            return within("unexpected result from key mapping: ", wrong_type("string", a.value()));
    }
    return value::object(std::move(out));
}

answer find(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        if (equal(c.args.any(0), c.target.items()[i]))
            return value(static_cast<std::int64_t>(i));
    }
    return value(-1);
}

answer find_all(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    std::vector<value> out;
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        if (equal(c.args.any(0), c.target.items()[i]))
            out.emplace_back(static_cast<std::int64_t>(i));
    }
    return value::array(std::move(out));
}

answer query_at(const call& c, std::size_t i)
{
    const std::string where = " for index " + std::to_string(i) + ": ";
    answer a = query_with(c, 0, c.target.items()[i]);
    if (!a.ok())
        return within("query returned an error" + where, std::move(a).take_failure());
    if (a.value().kind() != data::kind::boolean)
        return within("query returned a non-boolean value" + where, wrong_type("bool", a.value()));
    return a;
}

answer find_by(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        answer a = query_at(c, i);
        if (!a.ok())
            return a;
        if (a.value().as_bool())
            return value(static_cast<std::int64_t>(i));
    }
    return value(-1);
}

answer find_all_by(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    std::vector<value> out;
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        answer a = query_at(c, i);
        if (!a.ok())
            return a;
        if (a.value().as_bool())
            out.emplace_back(static_cast<std::int64_t>(i));
    }
    return value::array(std::move(out));
}

} // namespace

const definitions& query_methods()
{
    using type = parameter_type;
    static const std::vector<parameter> test = {{"test", type::query}};
    static const std::vector<parameter> query = {{"query", type::query}};
    static const definitions list = {
        {.name = "all", .parameters = test, .run = all},
        {.name = "any", .parameters = test, .run = any},
        {.name = "filter", .parameters = test, .run = filter},
        {.name = "find", .parameters = {{"value", type::any}}, .run = find},
        {.name = "find_all", .parameters = {{"value", type::any}}, .run = find_all},
        {.name = "find_all_by", .parameters = query, .run = find_all_by},
        {.name = "find_by", .parameters = query, .run = find_by},
        {.name = "fold", .parameters = {{"initial", type::any}, {"query", type::query}}, .run = fold},
        {.name = "map_each", .parameters = query, .run = map_each},
        {.name = "map_each_key", .parameters = query, .run = map_each_key},
    };
    return list;
}

} // namespace lambent::bloblang
