#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/go_url.hpp>

#include <algorithm>

namespace lambent::bloblang {
namespace {

enum class part { path, user, host, zone, fragment };

bool is_alnum(char c) noexcept
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
int hex_of(char c) noexcept { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

/// Does Go escape this character in this part? RFC 3986, with Go's choices.
bool escapes(char c, part where) noexcept
{
    if (is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~')
        return false;
    const bool in_host = where == part::host || where == part::zone;
    if (in_host && std::string_view("!$&'()*+,;=:[]<>\"").find(c) != std::string_view::npos)
        return false;
    if (std::string_view("$&+,/:;=?@").find(c) != std::string_view::npos) {
        switch (where) {
        case part::path:
            return c == '?';
        case part::user:
            return c == '@' || c == '/' || c == '?' || c == ':';
        case part::fragment:
            return false;
        default:
            return true;
        }
    }
    return !(where == part::fragment && (c == '!' || c == '(' || c == ')' || c == '*'));
}

std::string escaped(std::string_view text, part where)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (!escapes(c, where)) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

problem bad_escape(std::string_view text) { return failed("invalid URL escape " + go_quote(text.substr(0, 3))); }

/// Null on success.
problem unescape(std::string_view text, part where, std::string& out)
{
    out.clear();
    const bool in_host = where == part::host || where == part::zone;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))
                return bad_escape(text.substr(i));
            const auto byte = static_cast<char>(hex_of(text[i + 1]) << 4 | hex_of(text[i + 2]));
            const bool percent = text.substr(i, 3) == "%25";
            if (where == part::host && hex_of(text[i + 1]) < 8 && !percent)
                return bad_escape(text.substr(i));
            if (where == part::zone && !percent && byte != ' ' && escapes(byte, part::host))
                return bad_escape(text.substr(i));
            out.push_back(byte);
            i += 2;
            continue;
        }
        if (in_host && static_cast<unsigned char>(c) < 0x80 && escapes(c, where))
            return failed("invalid character " + go_quote(text.substr(i, 1)) + " in host name");
        out.push_back(c);
    }
    return nullptr;
}

bool is_port(std::string_view text)
{
    if (text.empty())
        return true;
    return text[0] == ':' && std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

problem bad_port(std::string_view text) { return failed("invalid port " + go_quote(text) + " after host"); }

/// `one_host`: of http and https URLs; others may list several hosts with ports, as databases do.
problem read_host(std::string_view text, bool one_host, std::string& out)
{
    if (!text.starts_with('[')) {
        const auto colon = one_host ? text.find(':') : text.rfind(':');
        if (colon != std::string_view::npos && !is_port(text.substr(colon)))
            return bad_port(text.substr(colon));
        return unescape(text, part::host, out);
    }
    const auto close = text.rfind(']');
    if (close == std::string_view::npos)
        return failed("missing ']' in host");
    if (!is_port(text.substr(close + 1)))
        return bad_port(text.substr(close + 1));
    const auto zone = text.substr(0, close).find("%25");
    if (zone == std::string_view::npos)
        return unescape(text, part::host, out);
    std::string name;
    std::string rest;
    if (problem why = unescape(text.substr(0, zone), part::host, out))
        return why;
    if (problem why = unescape(text.substr(zone, close - zone), part::zone, name))
        return why;
    if (problem why = unescape(text.substr(close), part::host, rest))
        return why;
    out += name + rest;
    return nullptr;
}

problem read_authority(std::string_view text, go_url& out)
{
    const auto at = text.rfind('@');
    const bool one_host = out.scheme == "http" || out.scheme == "https";
    if (at == std::string_view::npos)
        return read_host(text, one_host, out.host);
    if (problem why = read_host(text.substr(at + 1), one_host, out.host))
        return why;
    const std::string_view user = text.substr(0, at);
    for (const char c : user) {
        if (!is_alnum(c) && std::string_view("-._:~!$&'()*+,;=%@").find(c) == std::string_view::npos)
            return failed("net/url: invalid userinfo");
    }
    const auto colon = user.find(':');
    if (problem why = unescape(user.substr(0, colon), part::user, out.user.emplace()))
        return why;
    if (colon == std::string_view::npos)
        return nullptr;
    return unescape(user.substr(colon + 1), part::user, out.password.emplace());
}

/// The scheme off the front, where there is one.
problem read_scheme(std::string_view& rest, std::string& out)
{
    for (std::size_t i = 0; i < rest.size(); ++i) {
        const char c = rest[i];
        const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        const bool later = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if (letter || (later && i > 0))
            continue;
        if (c != ':')
            return nullptr;
        if (i == 0)
            return failed("missing protocol scheme");
        out = rest.substr(0, i);
        for (char& each : out)
            each = each >= 'A' && each <= 'Z' ? static_cast<char>(each | 0x20) : each;
        rest.remove_prefix(i + 1);
        return nullptr;
    }
    return nullptr;
}

problem read_all(std::string_view rest, go_url& out)
{
    if (std::any_of(rest.begin(), rest.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
        return failed("net/url: invalid control character in URL");
    if (rest == "*") {
        out.path = "*";
        return nullptr;
    }
    if (problem why = read_scheme(rest, out.scheme))
        return why;
    if (const auto query = rest.find('?'); query != std::string_view::npos) {
        out.raw_query = rest.substr(query + 1);
        rest = rest.substr(0, query);
    }
    if (!rest.starts_with('/')) {
        if (!out.scheme.empty()) {
            out.opaque = rest;
            return nullptr;
        }
        if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos)
            return failed("first path segment in URL cannot contain colon");
    }
    if ((!out.scheme.empty() || !rest.starts_with("///")) && rest.starts_with("//")) {
        rest.remove_prefix(2);
        const auto slash = rest.find('/');
        if (problem why = read_authority(rest.substr(0, slash), out))
            return why;
        rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    }
    if (problem why = unescape(rest, part::path, out.path))
        return why;
    if (escaped(out.path, part::path) != rest)
        out.raw_path = rest;
    return nullptr;
}

} // namespace

std::variant<go_url, problem> parse_go_url(std::string_view text)
{
    go_url out;
    const auto hash = text.find('#');
    const std::string_view before = text.substr(0, hash);
    if (problem why = read_all(before, out))
        return within("parse " + go_quote(before) + ": ", std::move(why));
    if (hash == std::string_view::npos || hash + 1 == text.size())
        return out;
    const std::string_view fragment = text.substr(hash + 1);
    if (problem why = unescape(fragment, part::fragment, out.fragment))
        return within("parse " + go_quote(text) + ": ", std::move(why));
    if (escaped(out.fragment, part::fragment) != fragment)
        out.raw_fragment = fragment;
    return out;
}

} // namespace lambent::bloblang
