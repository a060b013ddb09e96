#include <lambent/bloblang/parse_mapping.hpp>

#include <lambent/data/utf8.hpp>

#include <algorithm>
#include <filesystem>

namespace lambent::bloblang {
namespace {

/// What may stand in a block of statements.
struct block_rules
{
    bool meta = true; ///< maps must not set metadata
};

class mapping_parser final : public query_parser
{
public:
    mapping_parser(std::string_view text, const environment& world, const import_place& place)
        : query_parser(text, world), place_(place), maps_(std::make_shared<map_table>())
    {
    }

    std::size_t place_now() const noexcept { return at_; }
    bool whole_file(compiled_mapping& out);
    bool statements(compiled_mapping& out);
    bool shorthand(compiled_mapping& out);

private:
    bool top_statement(std::vector<block::line>& into);
    bool import();
    bool read_mapping(const std::string& path, std::size_t at, compiled_mapping& out);
    bool map_definition();
    bool let(statement_ptr& out);
    bool meta(statement_ptr& out);
    bool if_statement(statement_ptr& out);
    bool if_branch_here(conditional_statements& out);
    void else_branches(std::vector<conditional_statements>& branches);
    bool assignment(statement_ptr& out);
    bool assignment_path(std::vector<std::string>& out);
    bool block_statement(statement_ptr& out, const block_rules& rules);
    bool braced_statements(std::vector<block::line>& out, const block_rules& rules, std::size_t lines_from);
    bool keyword(std::string_view word, std::string_view what);
    bool name(std::string& out, std::string what);
    bool value_after_equals(expression_ptr& out);
    /// Of what stands at `at`, in the text from `from` on.
    std::size_t line_at(std::size_t at, std::size_t from = 0) const { return place_of(text_.substr(from), at - from).line; }

    const import_place& place_;
    std::shared_ptr<map_table> maps_;
    unsigned blocks_ = 0;
};

/// A keyword and white space after it. Without the latter it may be a path that starts like the keyword.
bool mapping_parser::keyword(std::string_view text, std::string_view what)
{
    if (!token(text))
        return as(std::string(what));
    return spaces() || as("");
}

/// An identifier or a quoted text, required.
bool mapping_parser::name(std::string& out, std::string what)
{
    if (peek() == '"' ? quoted(out) : word(out, what))
        return true;
    as(std::move(what));
    return required();
}

bool mapping_parser::value_after_equals(expression_ptr& out) { return token("=") && spaces() && query(out); }

bool mapping_parser::whole_file(compiled_mapping& out)
{
    skip_blank();
    const std::size_t start = at_;
    std::string path;
    if (!token("from") || !spaces())
        return false;
    if (peek() != '"')
        return expect("filepath");
    return quoted(path) && read_mapping(path, start, out);
}

bool mapping_parser::read_mapping(const std::string& path, std::size_t at, compiled_mapping& out)
{
    const auto bad = [&](const std::string& why) { return fatal_at(at, why); };
    const bool absolute = path.starts_with('/');
    const std::string joined = absolute || place_.directory.empty() ? path : place_.directory + "/" + path;
    const std::string full = std::filesystem::path(joined).lexically_normal().string();
    if (place_.depth >= import_depth_max)
        return bad("failed to read import: more than " + std::to_string(import_depth_max) + " files import one another");
    const core::result<std::string> text = world_.read_file(full);
    if (!text)
        return bad("failed to read import: " + text.error().text());
    const auto slash = full.rfind('/');
    const import_place inner{slash == std::string::npos ? std::string() : full.substr(0, slash), place_.depth + 1};
    auto parsed = parse_mapping(text.value(), world_, inner);
    if (const auto* why = std::get_if<parse_error>(&parsed))
        return bad("failed to parse import: " + why->text());
    out = std::get<compiled_mapping>(std::move(parsed));
    return true;
}

bool mapping_parser::import()
{
    const std::size_t start = at_;
    std::string path;
    if (!keyword("import", "import"))
        return false;
    if (peek() != '"') {
        expect("filepath");
        return required();
    }
    compiled_mapping other;
    if (!quoted(path) || !read_mapping(path, start, other))
        return false;
    std::vector<std::string> collisions;
    for (const auto& [key, item] : *other.maps) {
        if (!maps_->emplace(key, item).second)
            collisions.push_back(key);
    }
    if (collisions.empty())
        return true;
    std::string all;
    for (const std::string& c : collisions)
        all += (all.empty() ? "" : ", ") + c;
    return fatal_at(start, "map name collisions from import: [" + all + "]");
}

bool mapping_parser::map_definition()
{
    const std::size_t start = at_;
    std::string label;
    std::vector<block::line> body;
    if (!keyword("map", "map") || !name(label, "map name") || !spaces())
        return false;
    if (!braced_statements(body, {.meta = false}, start))
        return false;
    if (!maps_->emplace(label, std::make_shared<block>(std::move(body))).second)
        return fatal_at(start, "map name collision: " + label);
    return true;
}

bool mapping_parser::let(statement_ptr& out)
{
    assignment_target target{target_kind::variable, {{}}};
    expression_ptr what;
    if (!keyword("let", "assignment") || !name(target.path.front(), "variable name") || !spaces() || !value_after_equals(what))
        return false;
    out = make_assignment(std::move(target), std::move(what));
    return true;
}

bool mapping_parser::meta(statement_ptr& out)
{
    assignment_target target{target_kind::meta, {{}}};
    expression_ptr what;
    if (!keyword("meta", "assignment"))
        return false;
    bool named = true;
    if (peek() == '"') {
        if (!quoted(target.path.front()))
            return false;
    } else {
        named = word(target.path.front(), "");
    }
    if (named)
        skip_spaces();
    else
        target = {target_kind::all_meta, {}};
    if (!value_after_equals(what))
        return named ? false : as("");
    out = make_assignment(std::move(target), as_assigned(std::move(what)));
    return true;
}

bool mapping_parser::assignment_path(std::vector<std::string>& out)
{
    out.emplace_back();
    if (!word(out.back(), "assignment"))
        return false;
    // The segments after the first count all together or not at all.
    const std::size_t after_first = at_;
    while (peek() == '.') {
        ++at_;
        out.emplace_back();
        if (peek() == '"') {
            if (!quoted(out.back()))
                return false;
        } else if (!word(out.back(), "path segment")) {
            at_ = after_first;
            out.resize(1);
            break;
        }
    }
    if (out.front() == "root")
        out.erase(out.begin());
    return true;
}

bool mapping_parser::assignment(statement_ptr& out)
{
    assignment_target target;
    expression_ptr what;
    if (!assignment_path(target.path) || !spaces() || !value_after_equals(what))
        return false;
    out = make_assignment(std::move(target), as_assigned(std::move(what)));
    return true;
}

bool mapping_parser::if_branch_here(conditional_statements& out)
{
    if (!query(out.condition))
        return required();
    skip_blank();
    std::vector<block::line> body;
    if (!braced_statements(body, {}, 0))
        return false;
    for (block::line& l : body)
        out.body.push_back(std::move(l.what));
    return true;
}

bool mapping_parser::if_statement(statement_ptr& out)
{
    if (!keyword("if", "assignment"))
        return false;
    std::vector<conditional_statements> branches(1);
    if (!if_branch_here(branches.front()))
        return false;
    else_branches(branches);
    if (wrong.is_fatal())
        return false;
    out = make_if_statement(std::move(branches));
    return true;
}

/// An `else` that does not fit is not part of the statement.
void mapping_parser::else_branches(std::vector<conditional_statements>& branches)
{
    wrong = {};
    for (;;) {
        const std::size_t before = at_;
        skip_blank();
        conditional_statements next;
        bool last = false;
        bool good = token("else");
        if (good) {
            const std::size_t after_else = at_;
            if (token(" if") && spaces()) {
                good = if_branch_here(next);
            } else {
                at_ = after_else;
                skip_blank();
                last = true;
                std::vector<block::line> body;
                good = braced_statements(body, {}, 0);
                for (block::line& l : body)
                    next.body.push_back(std::move(l.what));
            }
        }
        if (!good) {
            at_ = before;
            if (!wrong.is_fatal())
                wrong = {};
            return;
        }
        branches.push_back(std::move(next));
        if (last)
            return;
    }
}

bool mapping_parser::block_statement(statement_ptr& out, const block_rules& rules)
{
    const std::size_t start = at_;
    const bool good = one_of([&] { return let(out); },
        [&] {
            if (!meta(out))
                return false;
            return rules.meta || fatal_at(start, "setting meta fields is not allowed within this block");
        },
        [&] { return if_statement(out); }, [&] { return assignment(out); });
    if (!good && !wrong.is_fatal() && wrong.at == start)
        wrong.expected = {"", "assignment"};
    return good;
}

/// From the opening brace to the closing one. Lines are counted from the place `lines_from`.
bool mapping_parser::braced_statements(std::vector<block::line>& out, const block_rules& rules, std::size_t lines_from)
{
    if (!token("{"))
        return false;
    if (blocks_ >= nesting_max)
        return fatal_at(at_, "blocks are nested deeper than " + std::to_string(nesting_max) + " levels");
    ++blocks_;
    skip_blank();
    const auto statement = [&] {
        const std::size_t start = at_;
        statement_ptr next;
        if (!block_statement(next, rules))
            return false;
        out.push_back({line_at(start, lines_from), std::move(next)});
        return true;
    };
    bool good = false;
    for (;;) {
        const std::size_t start = at_;
        if (!statement()) {
            const fault why = wrong;
            at_ = start;
            good = !why.is_fatal() && token("}");
            if (!good)
                wrong = why;
            break;
        }
        skip_spaces();
        const std::size_t end = at_;
        if (!line_break()) {
            fault why = wrong;
            at_ = end;
            skip_blank();
            good = token("}");
            why.expected.push_back("}");
            if (!good)
                wrong = std::move(why);
            break;
        }
        skip_blank();
    }
    --blocks_;
    return good;
}

bool mapping_parser::top_statement(std::vector<block::line>& into)
{
    const std::size_t start = at_;
    statement_ptr made;
    const bool good = one_of([&] { return import(); }, [&] { return map_definition(); }, [&] { return let(made); },
        [&] { return meta(made); }, [&] { return if_statement(made); }, [&] { return assignment(made); });
    if (!good) {
        if (!wrong.is_fatal() && wrong.at == start)
            wrong.expected = {"import", "map", "assignment"};
        return false;
    }
    if (made)
        into.push_back({line_at(start), std::move(made)});
    return true;
}

bool mapping_parser::statements(compiled_mapping& out)
{
    std::vector<block::line> lines;
    skip_blank();
    for (;;) {
        if (!top_statement(lines))
            return false;
        skip_spaces();
        if (at_end())
            break;
        if (!line_break())
            return false;
        skip_blank();
        if (at_end())
            break;
    }
    out.statements = std::make_shared<block>(std::move(lines));
    out.maps = maps_;
    return true;
}

bool mapping_parser::shorthand(compiled_mapping& out)
{
    skip_blank();
    const std::size_t start = at_;
    expression_ptr what;
    if (!query(what))
        return false;
    std::string_view written = text_.substr(start, at_ - start);
    skip_blank();
    if (!at_end()) {
        std::string shown;
        std::size_t count = 0;
        for (; !written.empty() && count < 12; ++count) {
            const data::decoded_rune r = data::decode_utf8(written);
            data::append_utf8(shown, r.code);
            written.remove_prefix(r.size);
        }
        if (!written.empty())
            shown += "...";
        return expect("the mapping to end here as the beginning is shorthand for `root = " + shown +
            "`, but this shorthand form cannot be followed with more assignments");
    }
    std::vector<block::line> lines;
    lines.push_back({1, make_assignment({}, as_assigned(std::move(what)))});
    out.statements = std::make_shared<block>(std::move(lines));
    out.maps = maps_;
    return true;
}

} // namespace

std::variant<compiled_mapping, parse_error> parse_mapping(
    std::string_view text, const environment& world, const import_place& place)
{
    compiled_mapping out;
    mapping_parser file(text, world, place);
    if (file.whole_file(out))
        return out;
    if (file.wrong.is_fatal())
        return file.wrong.told(text);
    mapping_parser many(text, world, place);
    if (many.statements(out))
        return out;
    if (many.wrong.is_fatal())
        return many.wrong.told(text);
    mapping_parser one(text, world, place);
    if (one.shorthand(out))
        return out;
    return (one.wrong.at > many.wrong.at ? one : many).wrong.told(text);
}

} // namespace lambent::bloblang
