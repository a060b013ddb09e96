#include <lambent/bloblang/expression.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <cmath>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

std::string_view verb_of(operation op) noexcept
{
    switch (op) {
    case operation::add:
        return "add";
    case operation::subtract:
        return "subtract";
    case operation::multiply:
        return "multiply";
    case operation::divide:
        return "divide";
    case operation::modulo:
        return "modulo";
    default:
        return "compare";
    }
}

problem mismatch(operation op, const value& l, const expression& left, const value& r, const expression& right)
{
    problem why = failed("cannot " + std::string(verb_of(op)) + " types " + std::string(type_name(l)) + " (from " +
        left.annotation() + ") and " + std::string(type_name(r)) + " (from " + right.annotation() + ")");
    why->complete = true;
    return why;
}

problem by_zero(const expression& right) { return named_by(failed("attempted to divide by zero"), right.annotation()); }

// Go's integers wrap around: the sums are made unsigned, where that is defined.
value whole_result(operation op, const value& l, const value& r)
{
    const auto bits = [](const value& v) {
        return v.kind() == kind::uint64 ? v.as_uint64() : static_cast<std::uint64_t>(v.as_int64());
    };
    const std::uint64_t a = bits(l);
    const std::uint64_t b = bits(r);
    const std::uint64_t sum = op == operation::add ? a + b : op == operation::subtract ? a - b : a * b;
    if (l.kind() == kind::uint64 && r.kind() == kind::uint64)
        return value::unsigned_integer(sum);
    return value(static_cast<std::int64_t>(sum));
}

value real_result(operation op, double a, double b)
{
    switch (op) {
    case operation::add:
        return value(a + b);
    case operation::subtract:
        return value(a - b);
    default:
        return value(a * b);
    }
}

answer joined(std::string_view a, std::string_view b)
{
    if (!spend(0, a.size() + b.size()))
        return spent_too_much();
    return value::written(kind::string, a.size() + b.size(), [&](char* room) { b.copy(room + a.copy(room, a.size()), b.size()); });
}

answer calculated(operation op, const value& l, const expression& left, const value& r, const expression& right)
{
    if (op == operation::add && l.is_text() && r.is_text())
        return joined(l.text(), r.text());
    // The original adds to int64, uint64 and float64 only; its other operators take every number.
    const bool narrow = op == operation::add && l.width() != 0;
    if (!l.is_numeric() || !r.is_numeric() || narrow)
        return mismatch(op, l, left, r, right);
    if (op == operation::divide) {
        if (*number_of(r) == 0)
            return by_zero(right);
        return value(*number_of(l) / *number_of(r));
    }
    if (op == operation::modulo) {
        const std::int64_t divisor = *integer_of(r);
        if (divisor == 0)
            return by_zero(right);
        return value(divisor == -1 ? std::int64_t{0} : *integer_of(l) % divisor);
    }
    if (l.kind() == kind::float64 || r.kind() == kind::float64)
        return real_result(op, *number_of(l), *number_of(r));
    return whole_result(op, l, r);
}

template <class T>
bool ordered(operation op, const T& a, const T& b)
{
    switch (op) {
    case operation::less:
        return a < b;
    case operation::at_most:
        return a <= b;
    case operation::greater:
        return a > b;
    default:
        return a >= b;
    }
}

answer compared(operation op, const value& l, const expression& left, const value& r, const expression& right)
{
    if (l.is_numeric() && r.is_numeric()) {
        if (l.kind() == kind::float64 || r.kind() == kind::float64)
            return value(ordered(op, *number_of(l), *number_of(r)));
        return value(ordered(op, *integer_of(l), *integer_of(r)));
    }
    if (l.is_text() && r.is_text())
        return value(ordered(op, l.text(), r.text()));
    const auto text_like = [](const value& v) { return v.is_text() || v.kind() == kind::timestamp; };
    if (text_like(l) && text_like(r))
        return value(ordered(op, to_text(l), to_text(r)));
    return mismatch(op, l, left, r, right);
}

class arithmetic_expression final : public expression
{
public:
    arithmetic_expression(operation op, expression_ptr left, expression_ptr right)
        : op_(op), left_(std::move(left)), right_(std::move(right))
    {
    }

    std::string annotation() const override { return right_->annotation(); }

protected:
    answer run(const frame& at) const override
    {
        answer l = left_->eval(at);
        switch (op_) {
        case operation::coalesce:
            if (l.ok() && !l.value().is_null() && !l.value().is_deleted() && !l.value().is_nothing())
                return l;
            return right_->eval(at);
        case operation::both:
        case operation::either:
            return logical(std::move(l), at);
        default:
            break;
        }
        if (!l.ok())
            return l;
        answer r = right_->eval(at);
        if (!r.ok())
            return r;
        if (op_ == operation::add && l.value().is_text() && r.value().is_text())
            return joined(l.value().text(), r.value().text());
        if (op_ == operation::equals || op_ == operation::differs) {
            const bool same = equal(l.value(), r.value());
            if (overspent())
                return spent_too_much();
            return value(same == (op_ == operation::equals));
        }
        value a = settled(l.value());
        value b = settled(r.value());
        // A timestamp is a text for differences and products, and for sums and comparisons beside a number or a text.
        const bool product = op_ == operation::subtract || op_ == operation::multiply;
        const bool other = op_ != operation::divide && op_ != operation::modulo && !(op_ == operation::add && a.width() != 0);
        if (product && a.kind() == kind::timestamp)
            a = value(to_text(a));
        if ((product || (other && (a.is_numeric() || a.is_text()))) && b.kind() == kind::timestamp)
            b = value(to_text(b));
        if (op_ >= operation::less)
            return compared(op_, a, *left_, b, *right_);
        return calculated(op_, a, *left_, b, *right_);
    }

private:
    answer logical(answer l, const frame& at) const
    {
        if (!l.ok())
            return l;
        const auto first = truth_of(l.value());
        if (!first)
            return wrong_type("bool", l.value());
        if (*first == (op_ == operation::either))
            return value(*first);
        answer r = right_->eval(at);
        if (!r.ok())
            return r;
        const auto second = truth_of(r.value());
        if (!second)
            return wrong_type("bool", r.value());
        return value(*second);
    }

    operation op_;
    expression_ptr left_;
    expression_ptr right_;
};

int level_of(operation op) noexcept
{
    switch (op) {
    case operation::multiply:
    case operation::divide:
    case operation::modulo:
    case operation::coalesce:
        return 0;
    case operation::add:
    case operation::subtract:
        return 1;
    case operation::both:
    case operation::either:
        return 3;
    default:
        return 2;
    }
}

class not_expression final : public expression
{
public:
    explicit not_expression(expression_ptr inner) : inner_(std::move(inner)) {}

    std::string annotation() const override { return "not " + inner_->annotation(); }

protected:
    answer run(const frame& at) const override
    {
        answer a = inner_->eval(at);
        if (!a.ok())
            return a;
        if (a.value().kind() != kind::boolean)
            return named_by(wrong_type("bool", a.value()), inner_->annotation());
        return value(!a.value().as_bool());
    }

private:
    expression_ptr inner_;
};

} // namespace

expression_ptr make_not(expression_ptr inner) { return std::make_shared<not_expression>(std::move(inner)); }

folded make_arithmetic(std::vector<expression_ptr> terms, std::vector<operation> operations)
{
    for (int level = 0; level < 4 && !operations.empty(); ++level) {
        std::vector<expression_ptr> kept{terms.front()};
        std::vector<operation> left;
        for (std::size_t i = 0; i < operations.size(); ++i) {
            if (level_of(operations[i]) != level) {
                left.push_back(operations[i]);
                kept.push_back(terms[i + 1]);
                continue;
            }
            const bool constant = kept.back()->literal() != nullptr && terms[i + 1]->literal() != nullptr &&
                operations[i] < operation::both && operations[i] != operation::coalesce;
            expression_ptr made = std::make_shared<arithmetic_expression>(operations[i], kept.back(), terms[i + 1]);
            if (constant) {
                const frame none;
                answer a = made->eval(none);
                if (!a.ok())
                    return {nullptr, std::move(a).take_failure()};
                made = make_literal(std::move(a).value(), made->annotation());
            }
            kept.back() = std::move(made);
        }
        terms = std::move(kept);
        operations = std::move(left);
    }
    return {terms.front(), nullptr};
}

} // namespace lambent::bloblang
