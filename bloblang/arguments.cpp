#include <lambent/bloblang/arguments.hpp>
#include <lambent/bloblang/time_values.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <algorithm>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

problem wrong_argument(std::string_view expected, const value& got)
{
    return failed("wrong argument type, expected " + std::string(expected) + ", got " + std::string(type_name(got)));
}

std::string listed(const std::vector<std::string>& names)
{
    std::string out;
    for (const std::string& n : names)
        out += (out.empty() ? "" : ", ") + n;
    return out;
}

problem missing(const std::vector<std::string>& names)
{
    return failed((names.size() == 1 ? "missing parameter: " : "missing parameters: ") + listed(names));
}

problem unknown(std::vector<std::string> names, const std::vector<std::string>& lacking)
{
    std::sort(names.begin(), names.end());
    std::string text = (names.size() == 1 ? "unknown parameter " : "unknown parameters ") + listed(names);
    if (lacking.size() == 1)
        text += ", did you mean " + lacking.front() + "?";
    else if (!lacking.empty())
        text += ", expected " + listed(lacking);
    return failed(std::move(text));
}

/// Of a constant argument of another type than its parameter's.
problem mistyped(const parameter& p, const expression& given)
{
    const value* constant = p.type == parameter_type::query ? nullptr : given.literal();
    if (constant == nullptr)
        return nullptr;
    answer v = converted(p.type, *constant);
    if (v.ok())
        return nullptr;
    return within("field " + std::string(p.name) + ": ", std::move(v).take_failure());
}

/// Puts the given expressions into the parameters' order; those left out stay null.
std::variant<std::vector<expression_ptr>, problem> ordered(const definition& what, std::vector<given_argument> given)
{
    const bool named = !given.empty() && !given.front().name.empty();
    for (const given_argument& g : given) {
        if (g.name.empty() == named)
            return failed("cannot mix named and nameless arguments");
    }
    std::vector<expression_ptr> slots;
    if (what.variadic) {
        for (std::size_t i = 0; named && i < given.size(); ++i) {
            const auto same = [&](const given_argument& g) { return g.name == given[i].name; };
            if (std::any_of(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(i), same))
                return failed("duplicate named arg: " + given[i].name);
        }
        if (named)
            return failed("named arguments are not supported");
        for (given_argument& g : given)
            slots.push_back(std::move(g.item));
        return slots;
    }
    slots.resize(what.parameters.size());
    std::vector<std::string> strange;
    if (!named && given.size() > slots.size()) {
        return failed("wrong number of arguments, expected " + std::to_string(slots.size()) + ", got " + std::to_string(given.size()));
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
        std::size_t at = i;
        if (named) {
            const auto found = std::find_if(what.parameters.begin(), what.parameters.end(),
                [&](const parameter& p) { return p.name == given[i].name; });
            if (found == what.parameters.end()) {
                strange.push_back(given[i].name);
                continue;
            }
            at = static_cast<std::size_t>(found - what.parameters.begin());
            if (slots[at])
                return failed("duplicate named arg: " + given[i].name);
        }
        slots[at] = std::move(given[i].item);
    }
    std::vector<std::string> lacking;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const parameter& p = what.parameters[i];
        // What is given and wrong is said before what is missing or unknown.
        if (problem wrong = slots[i] ? mistyped(p, *slots[i]) : nullptr)
            return wrong;
        if (!slots[i] && !p.otherwise && !p.optional)
            lacking.emplace_back(p.name);
    }
    if (!strange.empty())
        return unknown(std::move(strange), lacking);
    if (!lacking.empty())
        return missing(lacking);
    return slots;
}

} // namespace

answer converted(parameter_type type, const value& v)
{
    switch (type) {
    case parameter_type::string:
        if (!v.is_text())
            return wrong_argument("string", v);
        return value(v.text());
    case parameter_type::integer: {
        const auto i = integer_of(v);
        if (!i)
            return wrong_type("number", v);
        return value(*i);
    }
    case parameter_type::real: {
        const auto f = number_of(v);
        if (!f)
            return wrong_type("number", v);
        return value(*f);
    }
    case parameter_type::boolean: {
        const auto b = truth_of(v);
        if (!b)
            return wrong_type("bool", v);
        return value(*b);
    }
    case parameter_type::timestamp:
        return time_of(v);
    case parameter_type::array:
        if (!v.is_array())
            return wrong_argument("array", v);
        return v;
    case parameter_type::object:
        if (!v.is_object())
            return wrong_argument("object", v);
        return v;
    default:
        return v;
    }
}

std::variant<argument_plan, problem> argument_plan::bind(
    const definition& what, std::vector<given_argument> given, const environment& world)
{
    auto placed = ordered(what, std::move(given));
    if (auto* wrong = std::get_if<problem>(&placed))
        return std::move(*wrong);
    auto& slots = std::get<std::vector<expression_ptr>>(placed);
    argument_plan plan;
    plan.what_ = &what;
    plan.slots_.resize(slots.size());
    plan.fixed_.size_ = slots.size();
    plan.fixed_.slots_ = plan.slots_.data();
    for (std::size_t i = 0; i < slots.size(); ++i) {
        arguments::slot& slot = plan.fixed_.slot_at(i);
        const parameter_type type = what.variadic ? parameter_type::any : what.parameters[i].type;
        slot.given = slots[i] != nullptr;
        if (!slot.given) {
            if (what.parameters[i].otherwise) {
                slot.v = *what.parameters[i].otherwise;
                slot.query = plan.queries_.emplace_back(make_literal(slot.v)).get();
            }
            continue;
        }
        slot.query = plan.queries_.emplace_back(std::move(slots[i])).get();
        if (type == parameter_type::query)
            continue;
        const value* constant = slot.query->literal();
        if (constant == nullptr) {
            if (!what.variadic && what.parameters[i].fixed)
                return failed("param " + std::string(what.parameters[i].name) + " must not be dynamic");
            plan.dynamic_.push_back(i);
            continue;
        }
        slot.v = converted(type, *constant).value(); // checked when it was put into its place
    }
    if (plan.constant() && what.prepare != nullptr) {
        preparation ready = what.prepare(plan.fixed_, world);
        if (ready.wrong)
            return std::move(ready.wrong);
        plan.fixed_.prepared_ = std::move(ready.made);
    }
    return plan;
}

problem argument_plan::resolve(const frame& at, std::string_view noun, argument_room& into) const
{
    into.hold(fixed_);
    arguments& args = into.args_;
    std::size_t dynamic_before = 0;
    for (const std::size_t i : dynamic_) {
        const std::size_t nth = dynamic_before++;
        arguments::slot& slot = args.slot_at(i);
        answer v = slot.query->eval(at);
        if (v.ok() && !what_->variadic)
            v = converted(what_->parameters[i].type, v.value());
        if (!v.ok()) {
            const std::string which = what_->variadic ? std::to_string(nth) : std::string(what_->parameters[i].name);
            return within(std::string(noun) + " '" + std::string(what_->name) + "': failed to extract input arg '" + which + "': ",
                std::move(v).take_failure());
        }
        slot.v = std::move(v).value();
    }
    if (what_->prepare != nullptr) {
        preparation ready = what_->prepare(args, *at.world);
        if (ready.wrong)
            return std::move(ready.wrong);
        args.prepared_ = std::move(ready.made);
    }
    return nullptr;
}

} // namespace lambent::bloblang
