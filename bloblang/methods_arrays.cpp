#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <span>

namespace lambent::bloblang {
namespace {

using data::value;

answer append(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    value out = c.target.size() > 0 ? c.target : value::array();
    for (std::size_t i = 0; i < c.args.size(); ++i)
        out.edit_items().push_back(c.args.any(i));
    return out;
}

preparation check_arrays(const arguments& args, const environment&)
{
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (!args.any(i).is_array())
            return {nullptr, wrong_type("array", args.any(i))};
    }
    return {};
}

answer concat(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    value out = c.target;
    auto& items = out.edit_items();
    for (std::size_t i = 0; i < c.args.size(); ++i)
        items.insert(items.end(), c.args.any(i).items().begin(), c.args.any(i).items().end());
    return out;
}

answer contains(const call& c)
{
    const value& wanted = c.args.any(0);
    if (c.target.is_text())
        return value(c.target.text().find(to_text(wanted)) != std::string_view::npos);
    if (c.target.is_array()) {
        for (const value& v : c.target.items()) {
            if (equal(wanted, v))
                return value(true);
        }
        return value(false);
    }
    if (c.target.is_object()) {
        for (const data::member& m : c.target.members()) {
            if (equal(wanted, m.item))
                return value(true);
        }
        return value(false);
    }
    return wrong_type("string, array or object", c.target);
}

answer enumerated(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    std::vector<value> out;
    std::int64_t i = 0;
    for (const value& v : c.target.items()) {
        if (!spend(0, 2 * sizeof(data::member)))
            break;
        out.push_back(value::object({{value("index"), value(i++)}, {value("value"), v}}));
    }
    return value::array(std::move(out));
}

answer flatten(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    std::vector<value> out;
    for (const value& v : c.target.items()) {
        if (!can_make((out.size() + v.size()) * sizeof(value)))
            break;
        if (v.is_array())
            out.insert(out.end(), v.items().begin(), v.items().end());
        else
            out.push_back(v);
    }
    return value::array(std::move(out));
}

answer index(const call& c)
{
    const bool bytes = c.target.kind() == data::kind::bytes;
    if (!c.target.is_array() && !bytes)
        return wrong_type("array", c.target);
    const auto size = static_cast<std::int64_t>(bytes ? c.target.text().size() : c.target.size());
    const std::int64_t wanted = c.args.integer(0);
    const std::int64_t i = wanted < 0 ? size + wanted : wanted;
    if (i < 0 || i >= size)
        return failed("index '" + std::to_string(i) + "' was out of bounds for array size: " + std::to_string(size));
    const auto at = static_cast<std::size_t>(i);
    if (bytes)
        return value(static_cast<std::int64_t>(static_cast<unsigned char>(c.target.text()[at])));
    return c.target.items()[at];
}

answer join(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    const std::string_view between = c.args.given(0) ? c.args.text(0) : std::string_view();
    const std::span<const value> items = c.target.items();
    std::size_t size = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!items[i].is_text())
            return within("failed to join element " + std::to_string(i) + ": ", wrong_type("string", items[i]));
        size += (i > 0 ? between.size() : 0) + items[i].text().size();
        if (!can_make(size))
            return spent_too_much();
    }
    return value::written(data::kind::string, size, [&](char* room) {
        for (const value& v : items) {
            if (&v != items.data())
                room += between.copy(room, between.size());
            room += v.text().copy(room, v.text().size());
        }
    });
}

answer length(const call& c)
{
    if (c.target.is_text())
        return value(static_cast<std::int64_t>(c.target.text().size()));
    if (c.target.is_array() || c.target.is_object())
        return value(static_cast<std::int64_t>(c.target.size()));
    return wrong_type("string, array or object", c.target);
}

preparation check_bounds(const arguments& args, const environment&)
{
    if (args.given(1) && args.integer(1) > 0 && args.integer(0) >= args.integer(1)) {
        return {nullptr, failed("lower slice bound " + std::to_string(args.integer(0)) + " must be lower than upper (" +
            std::to_string(args.integer(1)) + ")")};
    }
    return {};
}

/// Negative bounds count from the end; what lies outside is cut off, a lower bound beyond the upper one is an error.
problem bounds(const call& c, std::size_t length, std::size_t& from, std::size_t& to)
{
    const auto size = static_cast<std::int64_t>(length);
    const auto placed = [&](std::int64_t i) { return i < 0 ? std::max<std::int64_t>(0, size + i) : i; };
    const std::int64_t low = placed(c.args.integer(0));
    const std::int64_t high = c.args.given(1) ? std::min(size, placed(c.args.integer(1))) : size;
    if (low > high) {
        return failed("lower slice bound " + std::to_string(low) + " must be lower than or equal to upper bound (" +
            std::to_string(high) + ") and target length (" + std::to_string(size) + ")");
    }
    from = static_cast<std::size_t>(low);
    to = static_cast<std::size_t>(high);
    return nullptr;
}

answer slice(const call& c)
{
    if (!c.target.is_text() && !c.target.is_array())
        return wrong_type("array or string", c.target);
    std::size_t from = 0;
    std::size_t to = 0;
    if (problem why = bounds(c, c.target.is_array() ? c.target.size() : c.target.text().size(), from, to))
        return why;
    if (c.target.is_array() && c.target.size() == 0)
        return c.target;
    if (c.target.is_array())
        return value::array({c.target.items().begin() + static_cast<std::ptrdiff_t>(from),
            c.target.items().begin() + static_cast<std::ptrdiff_t>(to)});
    const std::string_view part = c.target.text().substr(from, to - from);
    return c.target.is_string() ? value(part) : value::bytes(part);
}

answer zip(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    if (c.args.size() == 0)
        return failed("zip requires at least one argument");
    for (std::size_t a = 0; a < c.args.size(); ++a) {
        if (c.args.any(a).size() != c.target.size())
            return failed("can't zip different length array values");
    }
    std::vector<value> out;
    for (std::size_t i = 0; i < c.target.size(); ++i) {
        if (!spend(0, (c.args.size() + 1) * sizeof(value)))
            break;
        std::vector<value> row{c.target.items()[i]};
        for (std::size_t a = 0; a < c.args.size(); ++a)
            row.push_back(c.args.any(a).items()[i]);
        out.push_back(value::array(std::move(row)));
    }
    return value::array(std::move(out));
}

} // namespace

const definitions& array_methods()
{
    using enum parameter_type;
    static const definitions all = {
        {.name = "append", .run = append, .variadic = true},
        {.name = "concat", .run = concat, .prepare = check_arrays, .variadic = true, .unsourced = true},
        {.name = "contains", .parameters = {{"value", any}}, .run = contains},
        {.name = "enumerated", .run = enumerated},
        {.name = "flatten", .run = flatten},
        {.name = "index", .parameters = {{"index", integer}}, .run = index},
        {.name = "join", .parameters = {{"delimiter", string, std::nullopt, true}}, .run = join},
        {.name = "length", .run = length},
        {.name = "slice",
            .parameters = {{"low", integer}, {"high", integer, std::nullopt, true}},
            .run = slice,
            .prepare = check_bounds},
        {.name = "zip", .run = zip, .prepare = check_arrays, .variadic = true, .unsourced = true},
    };
    return all;
}

} // namespace lambent::bloblang
