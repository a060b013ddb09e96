#include <lambent/bloblang/expression.hpp>
#include <lambent/bloblang/go_format.hpp>
#include <lambent/bloblang/value_rules.hpp>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

class if_expression final : public expression
{
public:
    if_expression(std::vector<if_branch> branches, expression_ptr otherwise)
        : branches_(std::move(branches)), otherwise_(std::move(otherwise))
    {
    }

    std::string annotation() const override { return "if expression"; }

protected:
    answer run(const frame& at) const override
    {
        for (std::size_t i = 0; i < branches_.size(); ++i) {
            const if_branch& branch = branches_[i];
            answer a = branch.condition->eval(at);
            if (!a.ok()) {
                const std::string nth = i == 0 ? "" : " " + std::to_string(i);
                return within("failed to check if condition" + nth + ": ", std::move(a).take_failure());
            }
            if (a.value().is_null())
                continue;
            if (a.value().kind() != kind::boolean)
                return failed(branch.condition->annotation() + " resolved to a non-boolean value " + go_value_and_type(a.value()));
            if (a.value().as_bool())
                return branch.result->eval(at);
        }
        return otherwise_ ? otherwise_->eval(at) : answer(value::nothing());
    }

private:
    std::vector<if_branch> branches_;
    expression_ptr otherwise_;
};

class match_expression final : public expression
{
public:
    match_expression(expression_ptr subject, std::vector<match_case> cases)
        : subject_(std::move(subject)), cases_(std::move(cases))
    {
    }

    std::string annotation() const override { return "match expression"; }

protected:
    answer run(const frame& at) const override
    {
        if (subject_) {
            answer subject = subject_->eval(at);
            return subject.ok() ? choose(at, subject.value()) : std::move(subject);
        }
        // Without a subject it is `this`, and null where that cannot be had.
        static const expression_ptr whole = make_field(path_start::self, {}, {});
        const answer self = whole->eval(at);
        return choose(at, self.ok() ? self.value() : value());
    }

private:
    answer choose(const frame& outer, const value& subject) const
    {
        const binding link{&subject, outer.self};
        const frame at = outer.bound(link);
        for (std::size_t i = 0; i < cases_.size(); ++i) {
            const match_case& c = cases_[i];
            if (!c.condition)
                return c.result->eval(at);
            const value* wanted = c.condition->literal();
            if (wanted != nullptr) {
                if (equal(subject, *wanted))
                    return c.result->eval(at);
                continue;
            }
            answer a = c.condition->eval(at);
            if (!a.ok())
                return within("failed to check match case " + std::to_string(i) + ": ", std::move(a).take_failure());
            if (a.value().kind() == kind::boolean && a.value().as_bool())
                return c.result->eval(at);
        }
        return value::nothing();
    }

    expression_ptr subject_;
    std::vector<match_case> cases_;
};

} // namespace

std::string go_value_and_type(const value& v)
{
    const bool marker = v.is_deleted() || v.is_nothing();
    return (marker ? "<nil>" : go_print(v)) + " (" + go_type(v) + ")";
}

expression_ptr make_if(std::vector<if_branch> branches, expression_ptr otherwise)
{
    return std::make_shared<if_expression>(std::move(branches), std::move(otherwise));
}

expression_ptr make_match(expression_ptr subject, std::vector<match_case> cases)
{
    return std::make_shared<match_expression>(std::move(subject), std::move(cases));
}

} // namespace lambent::bloblang
