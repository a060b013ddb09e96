#include <lambent/bloblang/arguments.hpp>
#include <lambent/bloblang/meter.hpp>

namespace lambent::bloblang {
namespace {

using data::value;

/// What was made has to be paid for. A method that was refused something on the way has stopped early: what it made is not whole.
void pay(answer& made)
{
    if (made.ok() && (!spend(0, bytes_made(made.value())) || overspent()))
        made = spent_too_much();
}

class function_expression final : public expression
{
public:
    function_expression(const definition& what, argument_plan plan) : what_(what), plan_(std::move(plan)) {}

    std::string annotation() const override
    {
        if (what_.annotate != nullptr && plan_.constant())
            return what_.annotate(plan_.fixed());
        return "function " + std::string(what_.name);
    }

protected:
    answer run(const frame& at) const override
    {
        if (!spend(1))
            return spent_too_much();
        if (plan_.constant())
            return run_with(plan_.fixed(), at);
        argument_room room;
        if (problem wrong = plan_.resolve(at, "function", room))
            return wrong;
        return run_with(room.filled(), at);
    }

private:
    answer run_with(const arguments& args, const frame& at) const
    {
        static const value none;
        answer out = what_.run({none, args, at});
        pay(out);
        return out;
    }

    const definition& what_;
    argument_plan plan_;
};

class method_expression final : public expression
{
public:
    method_expression(expression_ptr target, const definition& what, argument_plan plan)
        : target_(std::move(target)), what_(what), plan_(std::move(plan))
    {
    }

    std::string annotation() const override
    {
        if (what_.annotate != nullptr && plan_.constant())
            return what_.annotate(plan_.fixed());
        if (what_.annotate_target != nullptr && plan_.constant())
            return what_.annotate_target(*target_, plan_.fixed());
        return "method " + std::string(what_.name);
    }

protected:
    answer run(const frame& at) const override
    {
        if (plan_.constant())
            return run_with(plan_.fixed(), at);
        argument_room room;
        if (problem wrong = plan_.resolve(at, "method", room))
            return wrong;
        return run_with(room.filled(), at);
    }

private:
    answer run_with(const arguments& args, const frame& at) const
    {
        if (what_.run_unevaluated != nullptr)
            return what_.run_unevaluated(*target_, args, at);
        answer target = target_->eval(at);
        if (!target.ok())
            return target;
        if (!spend(1 + steps_to_read(target.value())))
            return spent_too_much();
        return run_on(target.value(), args, at);
    }
    answer run_on(const value& target, const arguments& args, const frame& at) const
    {
        answer out = what_.run({target, args, at});
        pay(out);
        if (!out.ok() && !what_.unsourced)
            out = named_by(std::move(out).take_failure(), target_->annotation());
        return out;
    }

    expression_ptr target_;
    const definition& what_;
    argument_plan plan_;
};

} // namespace

std::variant<expression_ptr, problem> make_function_call(
    const definition& what, std::vector<given_argument> given, const environment& world)
{
    auto bound = argument_plan::bind(what, std::move(given), world);
    if (auto* wrong = std::get_if<problem>(&bound))
        return std::move(*wrong);
    const auto made = std::make_shared<function_expression>(what, std::move(std::get<argument_plan>(bound)));
    if (!what.constant)
        return made;
    frame none;
    none.world = &world;
    return make_literal(made->eval(none).value());
}

std::variant<expression_ptr, problem> make_method_call(
    expression_ptr target, const definition& what, std::vector<given_argument> given, const environment& world)
{
    auto bound = argument_plan::bind(what, std::move(given), world);
    if (auto* wrong = std::get_if<problem>(&bound))
        return std::move(*wrong);
    argument_plan& plan = std::get<argument_plan>(bound);
    if (what.rewrite != nullptr && plan.constant())
        return what.rewrite(std::move(target), plan.fixed());
    const value* constant = target->literal();
    const bool now = what.folds && constant != nullptr && plan.constant();
    const auto made = std::make_shared<method_expression>(target, what, std::move(plan));
    if (!now)
        return made;
    frame none;
    none.world = &world;
    answer a = made->eval(none);
    if (!a.ok())
        return std::move(a).take_failure();
    return make_literal(std::move(a).value(), made->annotation());
}

} // namespace lambent::bloblang
