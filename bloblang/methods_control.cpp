#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/statement.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/path.hpp>

namespace lambent::bloblang {
namespace {

using data::value;

answer catch_(const expression& target, const arguments& args, const frame& at)
{
    answer a = target.eval(at);
    if (a.ok())
        return a;
    const value why(a.why().words());
    const binding link{&why, at.self};
    return args.query(0).eval(at.bound(link));
}

answer or_(const expression& target, const arguments& args, const frame& at)
{
    answer a = target.eval(at);
    if (a.ok() && !a.value().is_null() && !a.value().is_deleted() && !a.value().is_nothing())
        return a;
    return args.query(0).eval(at);
}

answer from(const expression& target, const arguments& args, const frame& at)
{
    frame other = at;
    other.index = static_cast<std::size_t>(args.integer(0));
    return target.eval(other);
}

std::string from_name(const expression& target, const arguments& args)
{
    return target.annotation() + " from " + std::to_string(args.integer(0));
}

std::string not_name(const expression& target, const arguments&) { return "not " + target.annotation(); }

answer from_all(const expression& target, const arguments&, const frame& at)
{
    std::vector<value> out;
    const std::size_t size = at.reference != nullptr ? at.reference->size() : 0;
    for (std::size_t i = 0; i < size; ++i) {
        frame other = at;
        other.index = i;
        answer a = target.eval(other);
        if (!a.ok())
            return a;
        out.push_back(std::move(a).value());
    }
    return value::array(std::move(out));
}

answer apply(const expression& target, const arguments& args, const frame& at)
{
    answer subject = target.eval(at);
    if (!subject.ok())
        return subject;
    const auto found = at.maps != nullptr ? at.maps->find(args.text(0)) : map_table::const_iterator();
    if (at.maps == nullptr || found == at.maps->end())
        return failed("map " + std::string(args.text(0)) + " was not found");
    return found->second->apply(subject.value(), at, args.text(0));
}
std::string apply_name(const arguments& args) { return "map " + std::string(args.text(0)); }

answer map(const expression& target, const arguments& args, const frame& at)
{
    answer subject = target.eval(at);
    if (!subject.ok())
        return subject;
    const binding link{&subject.value(), at.self};
    return args.query(0).eval(at.bound(link));
}
std::string map_name(const arguments& args) { return args.query(0).annotation(); }

answer exists(const call& c) { return value(data::has_path(c.target, data::split_path(c.args.text(0)))); }

answer get(const call& c)
{
    auto found = data::find_path(c.target, data::split_path(c.args.text(0)));
    return found ? std::move(*found) : value();
}

expression_ptr get_path(expression_ptr target, const arguments& args)
{
    return make_path(std::move(target), data::split_path(args.text(0)));
}

answer type(const call& c) { return value(type_name(c.target)); }

answer not_null(const call& c)
{
    if (c.target.is_null())
        return failed("value is null");
    return c.target;
}

answer not_empty(const call& c)
{
    const value& v = c.target;
    if (v.is_string() ? v.text().empty() : (v.is_array() || v.is_object()) && v.size() == 0)
        return failed(std::string(type_name(v)) + " value is empty");
    if (!v.is_string() && !v.is_array() && !v.is_object())
        return wrong_type("string, array or object", v);
    return v;
}

answer not_(const call& c)
{
    if (c.target.kind() != data::kind::boolean)
        return wrong_type("bool", c.target);
    return value(!c.target.as_bool());
}

} // namespace

const definitions& control_methods()
{
    using enum parameter_type;
    static const definitions all = {
        {.name = "apply", .parameters = {{"mapping", string}}, .run_unevaluated = apply, .annotate = apply_name},
        {.name = "catch", .parameters = {{"fallback", query}}, .run_unevaluated = catch_},
        {.name = "exists", .parameters = {{"path", string}}, .run = exists},
        {.name = "from", .parameters = {{"index", integer}}, .run_unevaluated = from, .annotate_target = from_name},
        {.name = "from_all", .run_unevaluated = from_all},
        {.name = "get", .parameters = {{"path", string}}, .run = get, .rewrite = get_path},
        {.name = "map", .parameters = {{"query", query}}, .run_unevaluated = map, .annotate = map_name},
        {.name = "not", .run = not_, .annotate_target = not_name},
        {.name = "not_empty", .run = not_empty},
        {.name = "not_null", .run = not_null},
        {.name = "or", .parameters = {{"fallback", query}}, .run_unevaluated = or_},
        {.name = "type", .run = type},
    };
    return all;
}

} // namespace lambent::bloblang
