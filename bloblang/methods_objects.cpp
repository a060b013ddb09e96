#include <lambent/bloblang/assign_path.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/path.hpp>

#include <algorithm>

namespace lambent::bloblang {
namespace {

using data::value;

/// Paths by what they begin with.
struct path_branch;
using path_tree = std::vector<path_branch>;
struct path_branch
{
    std::string name;
    bool ends = false; ///< a path ends here
    path_tree below{};
};

/// Deeper trees are taken as they are.
constexpr unsigned depth_max = 10'000;

answer keys(const call& c)
{
    if (!c.target.is_object())
        return wrong_type("object", c.target);
    std::vector<value> out;
    for (const data::member& m : c.target.members())
        out.push_back(m.key);
    return value::array(std::move(out));
}

answer values(const call& c)
{
    if (!c.target.is_object())
        return wrong_type("object", c.target);
    std::vector<value> out;
    for (const data::member& m : c.target.members())
        out.push_back(m.item);
    return value::array(std::move(out));
}

answer key_values(const call& c)
{
    if (!c.target.is_object())
        return wrong_type("object", c.target);
    std::vector<value> out;
    for (const data::member& m : c.target.members()) {
        if (!spend(0, 2 * sizeof(data::member)))
            break;
        out.push_back(value::object({{value("key"), m.key}, {value("value"), m.item}}));
    }
    return value::array(std::move(out));
}

/// merge and assign: an array takes the argument's elements, an object the members of an object.
answer combined(const call& c, value (*join)(const value&, const value&))
{
    const value& with = c.args.any(0);
    if (c.target.is_array()) {
        value out = c.target;
        auto& items = out.edit_items();
        if (with.is_array())
            items.insert(items.end(), with.items().begin(), with.items().end());
        else
            items.push_back(with);
        return out;
    }
    if (!c.target.is_object())
        return wrong_type("object or array", c.target);
    return with.is_object() ? join(c.target, with) : c.target;
}

answer merge(const call& c) { return combined(c, merged); }
answer assign(const call& c) { return combined(c, assigned); }

preparation read_paths(const arguments& args, const environment&)
{
    auto made = std::make_shared<path_tree>();
    for (std::size_t i = 0; i < args.size(); ++i) {
        const loose_text path(args.any(i));
        if (!path)
            return {nullptr, within("argument " + std::to_string(i) + ": ", wrong_type("string", args.any(i)))};
        path_tree* tree = made.get();
        path_branch* at = nullptr;
        for (const std::string& segment : data::split_path(*path)) {
            const auto known = std::find_if(tree->begin(), tree->end(), [&](const path_branch& one) { return one.name == segment; });
            at = known != tree->end() ? &*known : &tree->emplace_back(path_branch{segment});
            tree = &at->below;
        }
        at->ends = true; // a path has at least one segment
    }
    return {std::move(made), nullptr};
}

const path_branch* branch_of(const path_tree& tree, std::string_view name)
{
    for (const path_branch& one : tree) {
        if (one.name == name)
            return &one;
    }
    return nullptr;
}

value excluding(const value& from, const path_tree& out, unsigned depth)
{
    const auto members = from.members();
    std::vector<data::member> kept;
    kept.reserve(members.size());
    for (const data::member& m : members) {
        const path_branch* branch = branch_of(out, m.name());
        if (branch != nullptr && branch->ends)
            continue;
        const bool deeper = branch != nullptr && m.item.is_object() && depth < depth_max;
        kept.push_back({m.key, deeper ? excluding(m.item, branch->below, depth + 1) : m.item});
    }
    return value::ordered_object(kept);
}

value including(const value& from, const path_tree& in, unsigned depth)
{
    std::vector<data::member> kept;
    for (const data::member& m : from.members()) {
        const path_branch* branch = branch_of(in, m.name());
        if (branch == nullptr)
            continue;
        const bool deeper = !branch->below.empty() && m.item.is_object() && depth < depth_max;
        kept.push_back({m.key, deeper ? including(m.item, branch->below, depth + 1) : m.item});
    }
    return value::ordered_object(kept);
}

answer without(const call& c)
{
    if (!c.target.is_object())
        return wrong_type("object", c.target);
    return excluding(c.target, c.args.prepared<path_tree>(), 0);
}

answer with(const call& c)
{
    if (!c.target.is_object())
        return wrong_type("object", c.target);
    return including(c.target, c.args.prepared<path_tree>(), 0);
}

/// The leaves below `root` with their dot paths. Documents may be deeper than the stack: the levels open stand in a vector, and one
/// text grows and shrinks with them.
std::vector<data::member> collapsed(const value& root, bool empties)
{
    struct level
    {
        const value* of;
        std::size_t next;
        std::size_t path_bytes; // of this level's own path
    };
    std::vector<data::member> out;
    std::vector<level> open{{&root, 0, 0}};
    std::string path;
    while (!open.empty()) {
        level& at = open.back();
        path.resize(at.path_bytes);
        if (at.next == at.of->size()) {
            open.pop_back();
            continue;
        }
        const std::size_t i = at.next++;
        const bool named = at.of->is_object();
        const value& v = named ? at.of->members()[i].item : at.of->items()[i];
        if (!path.empty())
            path += '.';
        if (named)
            path += at.of->members()[i].name();
        else
            path += std::to_string(i);
        const bool container = v.is_array() || v.is_object();
        const bool leaf = !container || (v.size() == 0 && empties);
        if (!spend(1, leaf ? path.size() + sizeof(data::member) : sizeof(level)))
            break;
        if (leaf)
            out.push_back({value(path), v});
        else
            open.push_back({&v, 0, path.size()});
    }
    return out;
}

answer collapse(const call& c)
{
    if (!c.target.is_object() && !c.target.is_array())
        return failed("not an object or array");
    if (c.target.size() == 0 && c.args.flag(0))
        return value::object({{value(""), c.target}});
    return value::object(collapsed(c.target, c.args.flag(0)));
}

answer explode(const call& c)
{
    if (!c.target.is_object())
        return wrong_type("object", c.target);
    const auto path = data::split_path(c.args.text(0));
    const value found = data::find_path(c.target, path).value_or(value());
    const auto copy_with = [&](const value& v) {
        if (!spend(1, c.target.size() * sizeof(data::member)))
            return answer(spent_too_much());
        value copy = c.target;
        if (problem why = assign_path(copy, path, v))
            return answer(std::move(why));
        return answer(std::move(copy));
    };
    if (found.is_array()) {
        std::vector<value> out;
        for (const value& v : found.items()) {
            answer one = copy_with(v);
            if (!one.ok())
                return one;
            out.push_back(std::move(one).value());
        }
        return value::array(std::move(out));
    }
    if (!found.is_object()) {
        return failed("expected array or object value at path '" + std::string(c.args.text(0)) +
            "', found: " + std::string(type_name(found)));
    }
    std::vector<data::member> out;
    for (const data::member& m : found.members()) {
        answer one = copy_with(m.item);
        if (!one.ok())
            return one;
        out.push_back({m.key, std::move(one).value()});
    }
    return value::object(std::move(out));
}

answer squash(const call& c)
{
    if (!c.target.is_array())
        return wrong_type("array", c.target);
    value out = value::object();
    for (const value& v : c.target.items()) {
        if (v.is_object())
            out = merged(out, v);
    }
    return out;
}

} // namespace

const definitions& object_methods()
{
    using type = parameter_type;
    static const std::vector<parameter> with_value = {{"with", type::any}};
    static const definitions all = {
        {.name = "assign", .parameters = with_value, .run = assign},
        {.name = "collapse", .parameters = {{"include_empty", type::boolean, value(false)}}, .run = collapse},
        {.name = "explode", .parameters = {{"path", type::string}}, .run = explode},
        {.name = "key_values", .run = key_values},
        {.name = "keys", .run = keys},
        {.name = "merge", .parameters = with_value, .run = merge},
        {.name = "squash", .run = squash, .unsourced = true},
        {.name = "values", .run = values},
        {.name = "with", .run = with, .prepare = read_paths, .variadic = true, .unsourced = true},
        {.name = "without", .run = without, .prepare = read_paths, .variadic = true},
    };
    return all;
}

} // namespace lambent::bloblang
