#include <lambent/bloblang/assign_path.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/statement.hpp>
#include <lambent/bloblang/value_rules.hpp>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

class assignment final : public statement
{
public:
    assignment(assignment_target target, expression_ptr what) : target_(std::move(target)), what_(std::move(what)) {}

    problem run(const frame& at, outcome_slots& into) const override
    {
        answer a = what_->eval(at);
        if (!a.ok())
            return std::move(a).take_failure();
        if (a.value().is_nothing())
            return nullptr;
        value v = std::move(a).value();
        switch (target_.kind) {
        case target_kind::root:
            return to_root(std::move(v), into);
        case target_kind::variable:
            if (v.is_deleted())
                at.variables->erase(target_.path.front());
            else
                (*at.variables)[target_.path.front()] = std::move(v);
            return nullptr;
        case target_kind::meta:
            if (into.message == nullptr)
                return failed("unable to assign metadata in the current context");
            if (v.is_deleted())
                into.message->erase_meta(target_.path.front());
            else
                into.message->set_meta(target_.path.front(), std::move(v));
            return nullptr;
        case target_kind::all_meta:
            return to_all_meta(v, into);
        }
        return nullptr;
    }

private:
    problem to_root(value v, outcome_slots& into) const
    {
        if (!target_.path.empty())
            return assign_path(into.root, target_.path, std::move(v));
        if (into.live != nullptr && into.live->tree == &into.root) {
            into.kept = std::move(into.root);
            into.live->tree = &into.kept;
        }
        into.root = std::move(v);
        return nullptr;
    }
    static problem to_all_meta(const value& v, outcome_slots& into)
    {
        if (into.message == nullptr)
            return failed("unable to assign metadata in the current context");
        if (!v.is_deleted() && !v.is_object())
            return failed("setting root meta object requires object value, received: " + go_type(v));
        into.message->clear_meta();
        if (v.is_object()) {
            for (const data::member& m : v.members())
                into.message->set_meta(m.name(), m.item);
        }
        return nullptr;
    }

    assignment_target target_;
    expression_ptr what_;
};

class if_statement final : public statement
{
public:
    explicit if_statement(std::vector<conditional_statements> branches) : branches_(std::move(branches)) {}

    problem run(const frame& at, outcome_slots& into) const override
    {
        for (std::size_t i = 0; i < branches_.size(); ++i) {
            const conditional_statements& branch = branches_[i];
            if (branch.condition) {
                answer a = branch.condition->eval(at);
                if (!a.ok()) {
                    return within("failed to check if condition " + std::to_string(i + 1) + ": ", std::move(a).take_failure());
                }
                if (a.value().kind() != kind::boolean) {
                    return failed(
                        branch.condition->annotation() + " resolved to a non-boolean value " + go_value_and_type(a.value()));
                }
                if (!a.value().as_bool())
                    continue;
            }
            for (const statement_ptr& s : branch.body) {
                if (problem why = s->run(at, into))
                    return why;
            }
            return nullptr;
        }
        return nullptr;
    }

private:
    std::vector<conditional_statements> branches_;
};

} // namespace

statement_ptr make_assignment(assignment_target target, expression_ptr what)
{
    return std::make_unique<assignment>(std::move(target), std::move(what));
}

statement_ptr make_if_statement(std::vector<conditional_statements> branches)
{
    return std::make_unique<if_statement>(std::move(branches));
}

problem block::run_lines(const frame& at, outcome_slots& into, bool inner) const
{
    for (const line& l : lines_) {
        problem why = l.what->run(at, into);
        if (!why)
            continue;
        if (inner && why->lined)
            return why;
        if (!why->document_words.empty())
            why = failed(std::exchange(why->document_words, {}));
        why = within("failed assignment (line " + std::to_string(l.number) + "): ", std::move(why));
        why->lined = true;
        return why;
    }
    return nullptr;
}

problem block::run(const frame& at, outcome_slots& into) const { return run_lines(at, into, false); }

answer block::apply(const value& subject, const frame& at, std::string_view name) const
{
    if (at.maps_entered >= maps_entered_max) {
        return failed("entering map " + std::string(name) + " exceeded maximum allowed stacks of " +
            std::to_string(maps_entered_max) + ", this could be due to unbounded recursion");
    }
    if (!spend(1))
        return spent_too_much();
    outcome_slots into;
    variable_table variables;
    const binding link{&subject, at.self};
    frame inner = at.bound(link);
    inner.variables = &variables;
    inner.root = &into.root;
    inner.names = nullptr;
    ++inner.maps_entered;
    if (problem why = run_lines(inner, into, true))
        return why;
    return std::move(into.root);
}

} // namespace lambent::bloblang
