#include <lambent/processor/jq/words.hpp>

#include <lambent/data/json.hpp>
#include <lambent/data/utf8.hpp>
#include <lambent/processor/jmespath/lexer.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace lambent::processor::jq {
namespace {

constexpr bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The end of the string that begins at `from`; past the text: it has none. Bounded in depth by the text's length.
std::size_t end_of_string(std::string_view text, std::size_t from)
{
    std::vector<char> open; // '"' a string, '(' parentheses inside an interpolation
    open.push_back('"');
    std::size_t at = from + 1;
    while (at < text.size()) {
        const char c = text[at];
        if (open.back() == '"') {
            if (c == '\\' && at + 1 < text.size()) {
                if (text[at + 1] == '(')
                    open.push_back('(');
                at += 2;
                continue;
            }
            if (c == '"')
                open.pop_back();
        } else if (c == '"' || c == '(') {
            open.push_back(c);
        } else if (c == ')') {
            open.pop_back();
        }
        ++at;
        if (open.empty())
            return at;
    }
    return text.size() + 1;
}

constexpr std::array<std::string_view, 20> signs{"?//=", "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "//", "==", "!=",
    "<=", ">=", "..", "and", "or", "?", ".", "|"};

std::size_t name_end(std::string_view text, std::size_t at)
{
    while (at < text.size() && (starts_name(text[at]) || is_digit(text[at])
            || (text[at] == ':' && text.substr(at, 2) == "::" && at + 2 < text.size() && starts_name(text[at + 2]))))
        at += text[at] == ':' ? 2 : 1;
    return at;
}

std::size_t piece_end(std::string_view text, std::size_t at)
{
    const char c = text[at];
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (c == '"')
        return end_of_string(text, at);
    if (starts_name(c))
        return name_end(text, at);
    if ((c == '.' || c == '$' || c == '@') && starts_name(next))
        return name_end(text, at + 1);
    if (is_digit(c) || (c == '.' && is_digit(next))) {
        while (at < text.size() && (is_digit(text[at]) || text[at] == '.' || text[at] == 'e' || text[at] == 'E'
                || ((text[at] == '-' || text[at] == '+') && (text[at - 1] == 'e' || text[at - 1] == 'E'))))
            ++at;
        return at;
    }
    for (const std::string_view sign : signs) {
        if (text.substr(at).starts_with(sign))
            return at + sign.size();
    }
    return at + data::decode_utf8(text.substr(at)).size;
}

/// What `rewritten` knows of an open bracket or `if`.
struct open_at
{
    char sign;             ///< { [ ( or i for if
    bool pattern = false;  ///< of a destructuring
    bool in_value = false; ///< of an object: between a colon and the next comma
    bool has_else = false;
};

} // namespace

std::vector<piece> pieces_of(std::string_view query)
{
    std::vector<piece> found;
    std::size_t at = 0;
    while (at < query.size()) {
        if (query[at] == '#') {
            at = std::min(query.size(), query.find('\n', at));
            continue;
        }
        if (query[at] == ' ' || query[at] == '\t' || query[at] == '\n' || query[at] == '\r') {
            ++at;
            continue;
        }
        const std::size_t end = piece_end(query, at);
        found.push_back({query.substr(at, end - at), end > query.size()});
        at = end;
    }
    return found;
}

std::string rewritten(std::span<const piece> pieces)
{
    std::string made;
    std::vector<open_at> open;
    std::string_view before;
    const auto close_value = [&] {
        if (!open.empty() && open.back().sign == '{' && std::exchange(open.back().in_value, false))
            made += ") ";
    };
    for (const piece& one : pieces) {
        const std::string_view t = one.text;
        if (t == "}" || t == ",")
            close_value();
        if (t == "end" && !open.empty() && open.back().sign == 'i' && !open.back().has_else)
            made += "else . ";
        made += t;
        made += ' ';
        if (t == "{" || t == "[" || t == "(") {
            const bool pattern = before == "as" || before == "?//"
                || (!open.empty() && open.back().pattern && t != "(" && open.back().sign != '(');
            open.push_back({t[0], pattern});
        } else if (t == "if") {
            open.push_back({'i'});
        } else if (t == "else" && !open.empty()) {
            open.back().has_else = true;
        } else if ((t == "}" || t == "]" || t == ")" || t == "end") && !open.empty()) {
            open.pop_back();
        } else if (t == ":" && !open.empty() && open.back().sign == '{' && !open.back().pattern) {
            made += "( ";
            open.back().in_value = true;
        }
        before = t;
    }
    return made;
}

std::string_view type_name(const data::value& v) noexcept
{
    switch (v.kind()) {
    case data::kind::null: return "null";
    case data::kind::boolean: return "boolean";
    case data::kind::array: return "array";
    case data::kind::object: return "object";
    case data::kind::string: return "string";
    default: return "number";
    }
}

std::string preview(const data::value& v)
{
    constexpr std::size_t longest = 30;
    auto text = data::write_json(v);
    std::string shown = text ? std::move(*text) : std::string("null");
    if (shown.size() <= longest)
        return shown;
    const std::string_view tail = v.is_string() ? " ...\"" : v.is_array() ? " ...]" : v.is_object() ? " ...}" : " ...";
    std::size_t keep = 0;
    while (keep < shown.size()) {
        const std::size_t size = data::decode_utf8(std::string_view(shown).substr(keep)).size;
        if (keep + size > longest - tail.size())
            break;
        keep += size;
    }
    shown.resize(keep);
    return shown.append(tail);
}

std::string typed_preview(const data::value& v)
{
    if (v.is_null())
        return "null";
    return std::string(type_name(v)) + " (" + preview(v) + ")";
}

namespace {

constexpr std::string_view indexing = "Cannot index ";
constexpr std::string_view iterating = "Cannot iterate over ";

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

} // namespace

std::string_view blamed_type(std::string_view complaint)
{
    for (const std::string_view start : {indexing, iterating}) {
        if (complaint.starts_with(start))
            return first_word(complaint.substr(start.size()));
    }
    return {};
}

std::optional<std::string> access_error(std::string_view complaint, const data::value* of)
{
    const std::string_view type = blamed_type(complaint);
    const std::string shown = of != nullptr ? typed_preview(*of) : std::string(type);
    if (complaint.starts_with(iterating))
        return "cannot iterate over: " + shown;
    if (complaint.starts_with(indexing)) {
        // `Cannot index number with "a"` (or `string "a"`), `... with number`, `... with object` (a slice)
        const std::string_view with = complaint.substr(complaint.find(" with ") + 6);
        if (with.starts_with('"') || with.starts_with("string"))
            return "expected an object but got: " + shown;
        if (type == "array")
            return "expected a number for indexing an array but got: " + std::string(with);
        return "expected an array but got: " + shown;
    }
    return std::nullopt;
}

std::string failure_text(const data::value& details)
{
    const auto parts = details.items();
    const std::string_view kind = parts[0].text();
    const std::string name(parts[1].text());
    if (kind == "two") // an operator
        return "cannot " + name + ": " + typed_preview(parts[2]) + " and " + typed_preview(parts[3]);
    if (kind == "zero")
        return "cannot " + name + " " + typed_preview(parts[2]) + " by: " + typed_preview(parts[3]);
    if (kind == "one")
        return "cannot " + name + ": " + typed_preview(parts[2]);
    if (kind == "key")
        return "expected a string for object key but got: " + typed_preview(parts[2]);
    if (kind == "json") {
        const auto read = jmespath::read_literal(parts[2].text());
        return name + " cannot be applied to " + preview(parts[2]) + ": " + (read ? "invalid json" : read.error().text());
    }
    if (kind == "number")
        return name + " cannot be applied to " + preview(parts[2]) + ": invalid number";
    // A function: its arguments after the value it was called on.
    std::string said = name;
    if (parts.size() > 3) {
        said += '(';
        for (std::size_t i = 3; i < parts.size(); ++i)
            said += (i > 3 ? "; " : "") + preview(parts[i]);
        said += ')';
    }
    return said + " cannot be applied to: " + typed_preview(parts[2]);
}

} // namespace lambent::processor::jq
