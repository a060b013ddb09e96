#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/go_url.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <map>
#include <vector>

namespace lambent::bloblang {
namespace {

using data::value;
using unescaped = std::variant<std::string, problem>;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
unsigned hex_value(char c)
{
    return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/// As Go's net/url: `extra` are the characters besides letters, digits and -_.~ that stay.
std::string escape(std::string_view text, std::string_view extra, bool plus_for_blank)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' ||
            c == '~' || extra.find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else if (c == ' ' && plus_for_blank) {
            out += '+';
        } else {
            out += '%';
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 15];
        }
    }
    return out;
}

unescaped unescape(std::string_view text, bool plus_for_blank)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))
                return failed("invalid URL escape " + go_quote(text.substr(i, 3)));
            out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' && plus_for_blank ? ' ' : text[i];
        }
    }
    return out;
}

answer escaped(const call& c, std::string_view extra, bool plus_for_blank)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    return value(escape(*text, extra, plus_for_blank));
}
answer escape_url_query(const call& c) { return escaped(c, {}, true); }
// net/url's PathEscape keeps what a path segment may hold.
answer escape_url_path(const call& c) { return escaped(c, "$&+=:@", false); }

answer plain(const call& c, bool plus_for_blank)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    unescaped made = unescape(*text, plus_for_blank);
    if (auto* why = std::get_if<problem>(&made))
        return std::move(*why);
    return value(std::get<std::string>(made));
}
answer unescape_url_query(const call& c) { return plain(c, true); }
answer unescape_url_path(const call& c) { return plain(c, false); }

answer parse_form_url_encoded(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    std::map<std::string, std::vector<value>> fields;
    problem wrong; // the first one; Go reads on, but the error wins
    std::string_view rest = *text;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        std::string_view pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (pair.find(';') != std::string_view::npos) {
            wrong = failed("invalid semicolon separator in query"); // wins over what was wrong before
            continue;
        }
        if (pair.empty())
            continue;
        const std::size_t equals = pair.find('=');
        unescaped name = unescape(pair.substr(0, equals), true);
        unescaped item = unescape(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        for (unescaped* part : {&name, &item})
            if (auto* why = std::get_if<problem>(part); why != nullptr && !wrong)
                wrong = std::move(*why);
        if (std::holds_alternative<std::string>(name) && std::holds_alternative<std::string>(item))
            fields[std::get<std::string>(name)].emplace_back(std::get<std::string>(item));
    }
    if (wrong)
        return within("failed to parse value as url-encoded data: ", std::move(wrong));
    std::vector<data::member> members;
    for (auto& [name, items] : fields) {
        value item = items.size() == 1 ? std::move(items.front()) : value::array(std::move(items));
        members.push_back({value(name), std::move(item)});
    }
    return value::object(std::move(members));
}

answer parse_url(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    auto read = parse_go_url(*text);
    if (auto* why = std::get_if<problem>(&read))
        return std::move(*why);
    const go_url& u = std::get<go_url>(read);
    std::vector<data::member> out = {{value("scheme"), value(u.scheme)}, {value("opaque"), value(u.opaque)},
        {value("host"), value(u.host)}, {value("path"), value(u.path)}, {value("raw_path"), value(u.raw_path)},
        {value("raw_query"), value(u.raw_query)}, {value("fragment"), value(u.fragment)},
        {value("raw_fragment"), value(u.raw_fragment)}};
    if (u.user) {
        std::vector<data::member> user = {{value("name"), value(*u.user)}};
        if (u.password)
            user.push_back({value("password"), value(*u.password)});
        out.push_back({value("user"), value::object(std::move(user))});
    }
    return value::object(std::move(out));
}

} // namespace

const definitions& url_methods()
{
    static const definitions all{
        {.name = "escape_url_query", .run = escape_url_query},
        {.name = "unescape_url_query", .run = unescape_url_query},
        {.name = "escape_url_path", .run = escape_url_path},
        {.name = "unescape_url_path", .run = unescape_url_path},
        {.name = "parse_url", .run = parse_url},
        {.name = "parse_form_url_encoded", .run = parse_form_url_encoded, .unsourced = true},
    };
    return all;
}

} // namespace lambent::bloblang
