#include <lambent/config/detail/base64.hpp>
#include <lambent/config/errc.hpp>
#include <lambent/config/substitute.hpp>

#include <algorithm>

namespace lambent::config {
namespace {

constexpr auto none = std::string_view::npos;

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_name(char c) { return is_word(c) || c == '_' || c == '.'; }

std::size_t end_of_name(std::string_view text, std::size_t from)
{
    while (from < text.size() && is_name(text[from]))
        ++from;
    return from;
}

/// Where the default that starts at `from` ends so that `closer` follows: `((\${[^}]+})|[^}])*` matched as a backtracking
/// regular expression does it: as much as possible, nested `${...}` taken whole unless then nothing closes.
std::size_t end_of_default(std::string_view text, std::size_t from, std::string_view closer)
{
    std::size_t last_nested = none;
    for (std::size_t i = from; i < text.size();) {
        if (text[i] == '}') {
            if (text.substr(i).starts_with(closer))
                return i;
            break;
        }
        if (text.substr(i).starts_with("${")) {
            const std::size_t close = text.find('}', i);
            if (close != none && close > i + 2) {
                if (text.substr(close).starts_with(closer))
                    last_nested = close;
                i = close + 1;
                continue;
            }
        }
        ++i;
    }
    return last_nested;
}

struct reference
{
    std::string_view name;
    std::optional<std::string_view> fallback;
    std::string_view function;   ///< after the last |, may be empty
    std::size_t end = 0;         ///< past the closing brace
};

/// The reference at `from`, which holds "${".
std::optional<reference> reference_at(std::string_view text, std::size_t from)
{
    reference out;
    const std::size_t name_end = end_of_name(text, from + 2);
    if (name_end == from + 2 || name_end == text.size())
        return {};
    out.name = text.substr(from + 2, name_end - from - 2);
    if (text[name_end] == ':') {
        const std::size_t end = end_of_default(text, name_end + 1, "}");
        if (end == none)
            return {};
        std::string_view fallback = text.substr(name_end + 1, end - name_end - 1);
        if (const std::size_t bar = fallback.rfind('|'); bar != none) {
            out.function = fallback.substr(bar + 1);
            fallback = fallback.substr(0, bar);
        }
        out.fallback = fallback;
        out.end = end + 1;
        return out;
    }
    std::size_t end = name_end;
    if (text[end] == '|') {
        while (++end < text.size() && is_word(text[end]))
            ;
        out.function = text.substr(name_end + 1, end - name_end - 1);
        if (out.function.empty())
            return {};
    }
    if (end >= text.size() || text[end] != '}')
        return {};
    out.end = end + 1;
    return out;
}

core::error failed(std::string why)
{
    core::error e;
    e.code = errc::invalid_variable;
    e.detail = std::move(why);
    return e;
}

core::result<std::string> decoded(std::string value, std::string_view function)
{
    if (function.empty())
        return value;
    if (function != "base64decode")
        return failed("unknown env var decode function: " + std::string(function));
    std::string out;
    std::size_t bad_at = 0;
    if (!detail::decode_base64(value, out, &bad_at))
        return failed("failed to decode base64-encoded env var: illegal base64 data at input byte " + std::to_string(bad_at));
    return out;
}

/// A line break would break the YAML around it; as \n it survives inside double quotes.
void append_on_one_line(std::string& out, std::string_view value)
{
    for (const char c : value) {
        if (c == '\n')
            out += "\\n";
        else
            out.push_back(c);
    }
}

/// Second pass: `${{NAME}}` and `${{NAME:default}}` lose one pair of braces.
std::string unescaped(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = none;
        if (text.substr(i).starts_with("${{")) {
            const std::size_t name_end = end_of_name(text, i + 3);
            if (name_end > i + 3) {
                if (text.substr(name_end).starts_with("}}"))
                    end = name_end;
                else if (text.substr(name_end).starts_with(":"))
                    end = end_of_default(text, name_end + 1, "}}");
            }
        }
        if (end == none) {
            out.push_back(text[i++]);
            continue;
        }
        out.push_back('$');
        out += text.substr(i + 2, end + 1 - (i + 2));
        i = end + 2;
    }
    return out;
}

} // namespace

core::result<substituted> substitute(
    std::string_view text, const std::function<std::optional<std::string>(std::string_view)>& variable)
{
    substituted out;
    std::string replaced;
    replaced.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        std::optional<reference> found;
        if (text[i] == '$' && text.substr(i).starts_with("${"))
            found = reference_at(text, i);
        if (!found) {
            replaced.push_back(text[i++]);
            continue;
        }
        i = found->end;
        std::optional<std::string> value = variable(found->name);
        if (found->fallback && (!value || value->empty()))
            value = std::string(*found->fallback);
        else if (!value)
            out.missing.emplace_back(found->name);
        auto plain = decoded(std::move(value).value_or(std::string{}), found->function);
        if (!plain)
            return plain.error();
        append_on_one_line(replaced, *plain);
    }
    out.text = unescaped(replaced);
    return out;
}

} // namespace lambent::config
