#include <lambent/bloblang/parse_query.hpp>
#include <lambent/bloblang/stack_room.hpp>

#include <algorithm>
#include <utility>

namespace lambent::bloblang {

bool query_parser::query(expression_ptr& out)
{
    if (nesting_ >= nesting_max)
        return fatal_at(at_, "the text is nested deeper than " + std::to_string(nesting_max) + " levels");
    ++nesting_;
    bool good = false;
    if (!stack_is_low()) {
        good = query_here(out);
    } else {
        struct errand
        {
            query_parser& parser;
            expression_ptr& out;
            bool good;
        };
        errand e{*this, out, false};
        const bool ran = run_on_fresh_stack(
            [](void* context) {
                auto& mine = *static_cast<errand*>(context);
                mine.good = mine.parser.query_here(mine.out);
            },
            &e);
        good = ran ? e.good : fatal_at(at_, "the text is nested too deeply");
    }
    --nesting_;
    return good;
}

bool query_parser::query_here(expression_ptr& out)
{
    const std::size_t start = at_;
    std::vector<expression_ptr> terms(1);
    std::vector<operation> operations;
    if (!negated_term(terms.back(), start))
        return false;
    for (;;) {
        const std::size_t before = at_;
        skip_spaces();
        operation op{};
        if (!operator_sign(op)) {
            at_ = before;
            break;
        }
        skip_blank();
        operations.push_back(op);
        terms.emplace_back();
        if (!negated_term(terms.back(), start))
            return false;
    }
    folded all = make_arithmetic(std::move(terms), std::move(operations));
    if (!all.made)
        return fatal_at(start, all.wrong->words());
    out = std::move(all.made);
    return true;
}

/// `-x` is `0 - x`, before any other operator. Its failure is told at the start of the whole chain.
bool query_parser::negated_term(expression_ptr& out, std::size_t start)
{
    const bool minus = peek() == '-';
    if (minus) {
        ++at_;
        skip_blank();
    }
    if (!term(out))
        return false;
    if (!minus)
        return true;
    folded made = make_arithmetic({make_literal(data::value(0)), std::move(out)}, {operation::subtract});
    if (!made.made)
        return fatal_at(start, made.wrong->words());
    out = std::move(made.made);
    return true;
}

bool query_parser::operator_sign(operation& out)
{
    // Longer signs first: `<=` is not `<`.
    static constexpr std::pair<std::string_view, operation> signs[] = {
        {"&&", operation::both}, {"||", operation::either}, {"==", operation::equals}, {"!=", operation::differs},
        {"<=", operation::at_most}, {">=", operation::at_least}, {"+", operation::add}, {"-", operation::subtract},
        {"*", operation::multiply}, {"/", operation::divide}, {"%", operation::modulo}, {"|", operation::coalesce},
        {"<", operation::less}, {">", operation::greater}};
    for (const auto& [sign, op] : signs) {
        if (rest().starts_with(sign)) {
            at_ += sign.size();
            out = op;
            return true;
        }
    }
    return expect("operator");
}

bool query_parser::term(expression_ptr& out)
{
    bool inverted = false;
    if (peek() == '!') {
        ++at_;
        skip_spaces();
        inverted = true;
    }
    if (!primary(out))
        return as("query");
    std::size_t count = 0;
    for (bool any = true; any; ++count) {
        if (count > tails_max)
            return fatal_at(at_, "more than " + std::to_string(tails_max) + " methods and fields in a row");
        if (!tail(out, any))
            return false;
    }
    if (inverted)
        out = make_not(std::move(out));
    return true;
}

bool query_parser::primary(expression_ptr& out)
{
    return one_of([&] { return match(out); }, [&] { return if_query(out); }, [&] { return lambda(out); },
        [&] { return brackets(out); }, [&] { return literal(out); }, [&] { return function(out); },
        [&] { return meta_reference(out); }, [&] { return variable(out); }, [&] { return field(out); });
}

bool query_parser::tail(expression_ptr& target, bool& any)
{
    any = peek() == '.';
    if (!any)
        return true;
    ++at_;
    skip_blank();
    if (peek() == '(')
        return bracket_tail(target);
    const std::size_t start = at_;
    if (method_tail(target))
        return true;
    if (wrong.is_fatal())
        return false;
    at_ = start;
    std::string segment;
    if (peek() == '"') {
        if (!quoted(segment))
            return false;
    } else if (!word(segment, "method or field path")) {
        return required();
    }
    target = make_path(std::move(target), {std::move(segment)});
    return true;
}

bool query_parser::method_tail(expression_ptr& target)
{
    std::string name;
    if (!snake_word(name, "method or field path") || !token("("))
        return false;
    std::vector<given_argument> given;
    if (!call_arguments(given))
        return false;
    const definition* method = find_method(name);
    // The methods whose failures do not name their target are not of the original's core.
    if (method == nullptr || (world_.nested() && (method->unsourced || method->not_nested)))
        return fatal_at(at_, "unrecognised method '" + name + "'");
    auto made = make_method_call(std::move(target), *method, std::move(given), world_);
    if (auto* why = std::get_if<problem>(&made))
        return fatal_at(at_, (*why)->words());
    target = std::get<expression_ptr>(std::move(made));
    return true;
}

bool query_parser::bracket_tail(expression_ptr& target)
{
    const list_scope apart(*this, false);
    ++at_;
    skip_blank();
    expression_ptr inner;
    if (!query(inner))
        return required();
    skip_blank();
    if (!token(")"))
        return required();
    target = make_map_query(std::move(target), std::move(inner));
    return true;
}

bool query_parser::match(expression_ptr& out)
{
    if (!token("match") || !spaces())
        return false;
    const std::size_t start = at_;
    expression_ptr subject;
    if (!query(subject)) {
        if (wrong.is_fatal())
            return false;
        at_ = start;
        subject = nullptr;
    }
    skip_blank();
    std::vector<match_case> cases;
    if (!token("{") || !match_cases(cases))
        return required();
    out = make_match(std::move(subject), std::move(cases));
    return true;
}

/// After the opening brace, up to the closing one.
bool query_parser::match_cases(std::vector<match_case>& out)
{
    skip_blank();
    for (;;) {
        const std::size_t start = at_;
        match_case next;
        if (!one_case(next)) {
            const fault why = wrong;
            at_ = start;
            if (!why.is_fatal() && token("}"))
                return true;
            wrong = why;
            return false;
        }
        out.push_back(std::move(next));
        skip_spaces();
        const std::size_t end = at_;
        if (!one_of([&] { return token(","); }, [&] { return line_break(); })) {
            fault why = wrong;
            at_ = end;
            skip_blank();
            if (token("}"))
                return true;
            why.expected.push_back("}");
            wrong = std::move(why);
            return false;
        }
        skip_blank();
    }
}

bool query_parser::one_case(match_case& out)
{
    const auto anything = [&] {
        if (!token("_"))
            return as("");
        skip_spaces();
        out.condition = nullptr;
        return token("=>") || as("");
    };
    const auto condition = [&] {
        if (!query(out.condition))
            return as("match case");
        skip_spaces();
        return token("=>");
    };
    if (!one_of(anything, condition))
        return false;
    skip_spaces();
    return query(out.result);
}

bool query_parser::if_query(expression_ptr& out)
{
    if (!token("if") || !spaces())
        return false;
    std::vector<if_branch> branches(1);
    expression_ptr otherwise;
    if (!if_part(branches.front()) || !else_parts(branches, otherwise))
        return required();
    out = make_if(std::move(branches), std::move(otherwise));
    return true;
}

/// Condition and result. Called where both are required.
bool query_parser::if_part(if_branch& out)
{
    if (!query(out.condition))
        return false;
    skip_blank();
    return braced_query(out.result);
}

bool query_parser::braced_query(expression_ptr& out)
{
    if (!token("{"))
        return false;
    skip_blank();
    if (!query(out))
        return false;
    skip_blank();
    return token("}");
}

bool query_parser::else_parts(std::vector<if_branch>& branches, expression_ptr& otherwise)
{
    for (;;) {
        const std::size_t before = at_;
        skip_blank();
        if (!token("else")) {
            at_ = before;
            return true;
        }
        const std::size_t after_else = at_;
        // One space exactly, then white space again.
        if (token(" if") && spaces()) {
            branches.emplace_back();
            if (!if_part(branches.back()))
                return false;
            continue;
        }
        at_ = after_else;
        skip_blank();
        return braced_query(otherwise);
    }
}

bool query_parser::lambda(expression_ptr& out)
{
    const std::size_t start = at_;
    std::string name;
    if (!word(name, "context name") || !spaces() || !token("->") || !spaces())
        return false;
    if (name == "root" || name == "this")
        return fatal_at(start, "context label `" + name + "` is not allowed");
    const auto before = std::find_if(siblings_.begin(), siblings_.end(), [&](const sibling& s) { return s.name == name; });
    if (std::find(names_.begin(), names_.end(), name) != names_.end() || (before != siblings_.end() && before->at != start))
        return fatal_at(start, "context label `" + name + "` would shadow a parent context");
    const bool named = name != "_";
    if (named)
        names_.push_back(name);
    expression_ptr body;
    const bool good = query(body);
    if (named)
        names_.pop_back();
    if (!good)
        return required();
    if (const std::string* inner = lambda_name(*body)) {
        return fatal_at(
            start, "it would be in poor taste to capture the same context under both '" + name + "' and '" + *inner + "'");
    }
    if (named && in_list_ && before == siblings_.end())
        siblings_.push_back({name, start});
    out = make_lambda(std::move(name), std::move(body));
    return true;
}

bool query_parser::brackets(expression_ptr& out)
{
    if (!token("("))
        return false;
    const list_scope apart(*this, false);
    skip_blank();
    if (!query(out))
        return false;
    skip_blank();
    if (peek() != ')') {
        expect("closing bracket");
        return required();
    }
    ++at_;
    return true;
}

bool query_parser::function(expression_ptr& out)
{
    std::string name;
    if (!snake_word(name, "function") || !token("("))
        return false;
    std::vector<given_argument> given;
    if (!call_arguments(given))
        return false;
    const definition* what = find_function(name);
    if (what == nullptr || (what->of_world && !world_.has_world()) || (what->not_nested && world_.nested()))
        return fatal_at(at_, "unrecognised function '" + name + "'");
    auto made = make_function_call(*what, std::move(given), world_);
    if (auto* why = std::get_if<problem>(&made))
        return fatal_at(at_, (*why)->words());
    out = std::get<expression_ptr>(std::move(made));
    return true;
}

/// After the opening bracket, up to the closing one. Whatever fails is required.
bool query_parser::call_arguments(std::vector<given_argument>& out)
{
    const list_scope elements(*this, true);
    skip_blank();
    for (;;) {
        if (peek() == ')') {
            ++at_;
            return true;
        }
        given_argument next;
        if (!argument(next)) {
            as("function argument");
            return required();
        }
        out.push_back(std::move(next));
        skip_spaces();
        const std::size_t end = at_;
        if (peek() == ',') {
            ++at_;
            skip_blank();
            continue;
        }
        skip_blank();
        if (peek() == ')')
            continue;
        at_ = end;
        expect("comma or closing bracket");
        return required();
    }
}

bool query_parser::argument(given_argument& out)
{
    const std::size_t start = at_;
    if (snake_word(out.name, "argument") && token(":")) {
        skip_spaces();
        if (query(out.item))
            return true;
        as("argument value");
        return required();
    }
    at_ = start;
    out.name.clear();
    return query(out.item);
}

bool query_parser::meta_reference(expression_ptr& out)
{
    if (!token("@"))
        return false;
    std::string name;
    if (peek() == '"') {
        if (!quoted(name))
            return false;
        out = make_meta_field(std::move(name));
    } else if (word(name, "metadata name")) {
        out = make_meta_field(std::move(name));
    } else {
        out = make_meta_object();
    }
    return true;
}

bool query_parser::variable(expression_ptr& out)
{
    const std::size_t start = at_;
    std::string name;
    if (!token("$"))
        return false;
    if (!word(name, "variable name")) {
        wrong.at = start + 1;
        return false;
    }
    out = make_variable(std::move(name));
    return true;
}

bool query_parser::field(expression_ptr& out)
{
    std::string name;
    if (!word(name, "field path"))
        return false;
    if (name == "this")
        out = make_field(path_start::self, {}, {});
    else if (name == "root")
        out = make_field(path_start::root, {}, {});
    else if (std::find(names_.begin(), names_.end(), name) != names_.end())
        out = make_field(path_start::name, std::move(name), {});
    else
        out = make_field(path_start::self, {}, {std::move(name)});
    return true;
}

} // namespace lambent::bloblang
