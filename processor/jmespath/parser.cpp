#include <lambent/processor/jmespath/parser.hpp>

#include <lambent/bloblang/go_text.hpp>
#include <lambent/processor/detail/expressions.hpp>
#include <lambent/processor/jmespath/lexer.hpp>

#include <algorithm>
#include <utility>

namespace lambent::processor::jmespath {
namespace {

using enum token_kind;
using what = node::what;

/// Nesting of an expression; each level is a few frames of the parser and of the evaluator.
constexpr std::size_t depth_max = 500;
/// Chains such as a.b.c make trees as deep as they are long.
constexpr std::size_t tokens_max = 4096;

int power(token_kind kind) noexcept
{
    switch (kind) {
    case pipe: return 1;
    case or_: return 2;
    case and_: return 3;
    case equal: case less: case at_most: case more: case at_least: case unequal: return 5;
    case flatten: return 9;
    case star: return 20;
    case filter: return 21;
    case dot: return 40;
    case not_: return 45;
    case left_brace: return 50;
    case left_bracket: return 55;
    case left_paren: return 60;
    default: return 0;
    }
}

node::comparison comparison_of(token_kind kind) noexcept
{
    switch (kind) {
    case less: return node::comparison::less;
    case at_most: return node::comparison::at_most;
    case more: return node::comparison::more;
    case at_least: return node::comparison::at_least;
    case unequal: return node::comparison::unequal;
    default: return node::comparison::equal;
    }
}

node of(what kind, std::vector<node> children = {})
{
    node made;
    made.kind = kind;
    made.children = std::move(children);
    return made;
}

node of(what kind, node first) { return of(kind, std::vector<node>{std::move(first)}); }

node of(what kind, node first, node second)
{
    std::vector<node> children;
    children.push_back(std::move(first));
    children.push_back(std::move(second));
    return of(kind, std::move(children));
}

/// A Pratt parser: `prefix` reads what begins an expression, `infix` what continues one.
class parser
{
public:
    explicit parser(std::vector<token> tokens) : tokens_(std::move(tokens)) {}

    core::result<node> run()
    {
        auto all = expression(0);
        if (all && current() != end)
            return syntax_error("Unexpected token at the end of the expression: " + std::string(name_of(current())));
        return all;
    }

private:
    token_kind current(std::size_t ahead = 0) const { return at(ahead).kind; }
    const token& at(std::size_t ahead = 0) const { return tokens_[std::min(next_ + ahead, tokens_.size() - 1)]; }
    void advance() { ++next_; }

    core::result<void> match(token_kind kind)
    {
        if (current() != kind)
            return syntax_error("Expected " + std::string(name_of(kind)) + ", received: " + std::string(name_of(current())));
        advance();
        return {};
    }

    core::result<node> expression(int binding)
    {
        if (++depth_ > depth_max)
            return syntax_error("The expression is nested deeper than " + std::to_string(depth_max) + " levels");
        const token first = at();
        advance();
        auto left = prefix(first);
        while (left && binding < power(current())) {
            const token_kind kind = current();
            advance();
            left = infix(kind, std::move(*left));
        }
        --depth_;
        return left;
    }

    core::result<node> prefix(const token& first)
    {
        switch (first.kind) {
        case json: {
            auto parsed = read_literal(first.text);
            if (!parsed)
                return parsed.error();
            node made = of(what::literal);
            made.literal = std::move(*parsed);
            return made;
        }
        case raw: {
            node made = of(what::literal);
            made.literal = data::value(first.text);
            return made;
        }
        case unquoted:
        case quoted: {
            if (first.kind == quoted && current() == left_paren)
                return syntax_error("Can't have quoted identifier as function name.");
            node made = of(what::field);
            made.name = first.text;
            return made;
        }
        case star: {
            core::result<node> right = of(what::identity);
            if (current() != right_bracket)
                right = projected(power(star));
            return joined(what::value_projection, of(what::identity), std::move(right));
        }
        case filter: return filtered(of(what::identity));
        case left_brace: return select_hash();
        case flatten: return joined(what::projection, of(what::flatten, of(what::identity)), projected(power(flatten)));
        case left_bracket: return bracket();
        case token_kind::current: return of(what::current);
        case reference: return wrapped(what::reference, expression(power(reference)));
        case not_: return wrapped(what::not_, expression(power(not_)));
        case left_paren: {
            auto inside = expression(0);
            if (!inside)
                return inside;
            if (auto closed = match(right_paren); !closed)
                return closed.error();
            return inside;
        }
        case end: return syntax_error("Incomplete expression");
        default: return syntax_error("Invalid token: " + std::string(name_of(first.kind)));
        }
    }

    core::result<node> bracket()
    {
        if (current() == number || current() == colon) {
            auto right = index_or_slice();
            if (!right)
                return node{}; // as the original, which drops this error: what follows is then out of place
            return sliced(of(what::identity), std::move(*right));
        }
        if (current() == star && current(1) == right_bracket) {
            advance();
            advance();
            return joined(what::projection, of(what::identity), projected(power(star)));
        }
        return select_list();
    }

    core::result<node> infix(token_kind kind, node left)
    {
        switch (kind) {
        case dot:
            if (current() != star)
                return joined(what::left_right, std::move(left), after_dot(power(dot)));
            advance();
            return joined(what::value_projection, std::move(left), projected(power(dot)));
        case pipe: return joined(what::left_right, std::move(left), expression(power(pipe)));
        case or_: return joined(what::or_, std::move(left), expression(power(or_)));
        case and_: return joined(what::and_, std::move(left), expression(power(and_)));
        case left_paren: return call(std::move(left));
        case filter: return filtered(std::move(left));
        case flatten:
            return joined(what::projection, of(what::flatten, std::move(left)), projected(power(flatten)));
        case equal: case unequal: case more: case at_least: case less: case at_most: {
            auto made = joined(what::comparator, std::move(left), expression(power(kind)));
            if (made)
                made->compared = comparison_of(kind);
            return made;
        }
        case left_bracket: {
            if (current() == number || current() == colon) {
                auto right = index_or_slice();
                if (!right)
                    return right;
                return sliced(std::move(left), std::move(*right));
            }
            if (auto ok = match(star); !ok)
                return ok.error();
            if (auto ok = match(right_bracket); !ok)
                return ok.error();
            return joined(what::projection, std::move(left), projected(power(star)));
        }
        default: return syntax_error("Unexpected token: " + std::string(name_of(kind)));
        }
    }

    core::result<node> call(node left)
    {
        node made = of(what::call);
        made.named = left.kind == what::field;
        made.name = std::move(left.name);
        while (current() != right_paren) {
            auto argument = expression(0);
            if (!argument)
                return argument;
            if (current() == comma)
                advance();
            made.children.push_back(std::move(*argument));
        }
        advance();
        return made;
    }

    core::result<node> index_or_slice()
    {
        if (current() == colon || current(1) == colon)
            return slice();
        auto read = integer(at().text);
        if (!read)
            return read.error();
        node made = of(what::index);
        made.number = *read;
        advance();
        if (auto closed = match(right_bracket); !closed)
            return closed.error();
        return made;
    }

    core::result<node> slice()
    {
        node made = of(what::slice);
        std::size_t part = 0;
        while (current() != right_bracket && part < 3) {
            if (current() == colon) {
                ++part;
            } else if (current() == number) {
                auto read = integer(at().text);
                if (!read)
                    return read.error();
                made.bounds[part] = *read;
            } else {
                return syntax_error("Expected tColon or tNumber, received: " + std::string(name_of(current())));
            }
            advance();
        }
        if (auto closed = match(right_bracket); !closed)
            return closed.error();
        return made;
    }

    core::result<node> sliced(node left, node right)
    {
        const bool projects = right.kind == what::slice;
        node indexed = of(what::left_right, std::move(left), std::move(right));
        if (!projects)
            return indexed;
        return joined(what::projection, std::move(indexed), projected(power(star)));
    }

    core::result<node> filtered(node left)
    {
        auto condition = expression(0);
        if (!condition)
            return condition;
        if (auto closed = match(right_bracket); !closed)
            return closed.error();
        core::result<node> right = of(what::identity);
        if (current() != flatten)
            right = projected(power(filter));
        auto made = joined(what::filter_projection, std::move(left), std::move(right));
        if (made)
            made->children.push_back(std::move(*condition));
        return made;
    }

    core::result<node> select_list()
    {
        node made = of(what::select_list);
        for (;;) {
            auto item = expression(0);
            if (!item)
                return item;
            made.children.push_back(std::move(*item));
            if (current() == right_bracket)
                break;
            if (auto more_follow = match(comma); !more_follow)
                return more_follow.error();
        }
        advance();
        return made;
    }

    core::result<node> select_hash()
    {
        node made = of(what::select_hash);
        for (;;) {
            const token key = at();
            if (key.kind != unquoted && key.kind != quoted)
                return syntax_error("Expected tQuotedIdentifier or tUnquotedIdentifier");
            advance();
            if (auto ok = match(colon); !ok)
                return ok.error();
            auto item = expression(0);
            if (!item)
                return item;
            node pair = of(what::pair, std::move(*item));
            pair.name = key.text;
            made.children.push_back(std::move(pair));
            if (current() == comma) {
                advance();
            } else if (current() == right_brace) {
                advance();
                return made;
            }
        }
    }

    core::result<node> after_dot(int binding)
    {
        if (current() == quoted || current() == unquoted || current() == star)
            return expression(binding);
        if (current() == left_bracket) {
            advance();
            return select_list();
        }
        if (current() == left_brace) {
            advance();
            return select_hash();
        }
        return syntax_error("Expected identifier, lbracket, or lbrace");
    }

    core::result<node> projected(int binding)
    {
        if (power(current()) < 10)
            return of(what::identity);
        if (current() == left_bracket || current() == filter)
            return expression(binding);
        if (current() != dot)
            return syntax_error("Error");
        advance();
        return after_dot(binding);
    }

    static core::result<std::int64_t> integer(std::string_view text)
    {
        auto read = bloblang::parse_int(text, 10, 64);
        if (const auto* flaw = std::get_if<bloblang::problem>(&read)) {
            // The same failure, in the words of the function that the original calls.
            constexpr std::string_view long_name = "strconv.ParseInt: ";
            std::string why = (*flaw)->text;
            if (why.starts_with(long_name))
                why.replace(0, long_name.size(), "strconv.Atoi: ");
            return unusable(std::move(why));
        }
        return std::get<std::int64_t>(read);
    }

    static core::result<node> wrapped(what kind, core::result<node> inside)
    {
        if (!inside)
            return inside;
        return of(kind, std::move(*inside));
    }

    static core::result<node> joined(what kind, node left, core::result<node> right)
    {
        if (!right)
            return right;
        return of(kind, std::move(left), std::move(*right));
    }

    std::vector<token> tokens_;
    std::size_t next_ = 0;
    std::size_t depth_ = 0;
};

} // namespace

core::result<node> parse(std::string_view expression)
{
    auto tokens = tokens_of(expression);
    if (!tokens)
        return tokens.error();
    if (tokens->size() > tokens_max)
        return syntax_error("The expression is longer than " + std::to_string(tokens_max) + " tokens");
    return parser(std::move(*tokens)).run();
}

} // namespace lambent::processor::jmespath
