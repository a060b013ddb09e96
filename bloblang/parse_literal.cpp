#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/parse_query.hpp>

#include <lambent/data/number_text.hpp>

namespace lambent::bloblang {

bool query_parser::literal(expression_ptr& out)
{
    const auto constant = [&](std::string_view text, data::value v) {
        if (!token(text))
            return false;
        out = make_literal(std::move(v));
        return true;
    };
    const auto text = [&] {
        std::string t;
        const std::size_t start = at_;
        if (!raw_quoted(t)) {
            if (wrong.is_fatal())
                return false;
            at_ = start;
            if (!quoted(t))
                return false;
        }
        out = make_literal(data::value(t));
        return true;
    };
    return one_of([&] { return constant("true", data::value(true)); }, [&] { return constant("false", data::value(false)); },
        [&] { return constant("null", data::value()); }, text, [&] { return number(out); }, [&] { return array(out); },
        [&] { return object(out); });
}

bool query_parser::number(expression_ptr& out)
{
    const std::size_t start = at_;
    const auto digits = [&] {
        const std::size_t first = at_;
        while (peek() >= '0' && peek() <= '9')
            ++at_;
        return at_ > first;
    };
    // A sign here is one after another sign or a `!`: a first one belongs to the term.
    if (peek() == '-')
        ++at_;
    if (!digits())
        return expect("number");
    const std::size_t whole = at_;
    bool fraction = false;
    if (peek() == '.') {
        ++at_;
        fraction = digits();
    }
    if (!fraction)
        at_ = whole;
    const std::string_view text = text_.substr(start, at_ - start);
    if (fraction) {
        out = make_literal(data::value(data::float64_of(text).value_or(0)));
        return true;
    }
    auto read = parse_int(text, 10, 64);
    if (auto* why = std::get_if<problem>(&read))
        return fatal_at(start, "failed to parse '" + std::string(text) + "' as integer: " + (*why)->text);
    out = make_literal(data::value(std::get<std::int64_t>(read)));
    return true;
}

bool query_parser::array(expression_ptr& out)
{
    if (!token("["))
        return false;
    const list_scope elements(*this, true);
    skip_blank();
    std::vector<expression_ptr> items;
    for (;;) {
        if (peek() == ']') {
            ++at_;
            out = make_array(std::move(items));
            return true;
        }
        expression_ptr item;
        if (!query(item))
            return false;
        items.push_back(std::move(item));
        skip_spaces();
        const std::size_t end = at_;
        if (peek() == ',') {
            ++at_;
            skip_blank();
            continue;
        }
        skip_blank();
        if (peek() != ']') {
            at_ = end;
            return expect("array delimiter");
        }
    }
}

bool query_parser::object(expression_ptr& out)
{
    const std::size_t start = at_;
    if (!token("{"))
        return false;
    const list_scope members(*this, true);
    skip_blank();
    std::vector<object_part> parts;
    for (;;) {
        if (peek() == '}') {
            ++at_;
            break;
        }
        object_part part;
        if (!object_member(part))
            return false;
        parts.push_back(std::move(part));
        skip_spaces();
        const std::size_t end = at_;
        if (peek() == ',') {
            ++at_;
            skip_blank();
            continue;
        }
        skip_blank();
        if (peek() != '}') {
            at_ = end;
            return expect("object delimiter");
        }
    }
    if (answer keys = checked_object(parts); !keys.ok())
        return fatal_at(start, keys.why().words());
    out = make_object(std::move(parts));
    return true;
}

bool query_parser::object_member(object_part& out)
{
    const auto name = [&] {
        std::string text;
        if (!quoted(text))
            return false;
        out.key = make_literal(data::value(text));
        return true;
    };
    if (!one_of(name, [&] { return query(out.key); }))
        return false;
    skip_spaces();
    if (!token(":"))
        return false;
    skip_blank();
    return query(out.item);
}

} // namespace lambent::bloblang
