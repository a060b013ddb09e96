#include <lambent/bloblang/html.hpp>

#include <lambent/data/utf8.hpp>

#include <algorithm>
#include <map>

namespace lambent::bloblang {
namespace {

using entity_table = std::map<std::string_view, std::string_view>;

const entity_table& entities()
{
    static const entity_table all = [] {
        entity_table made;
        std::string_view rest = html_entity_lines();
        while (!rest.empty()) {
            const auto blank = rest.find(' ');
            // The characters may be a line break themselves: the line ends at the one after them.
            const auto end = rest.find('\n', blank + 2);
            made.emplace(rest.substr(0, blank), rest.substr(blank + 1, end - blank - 1));
            rest.remove_prefix(end + 1);
        }
        return made;
    }();
    return all;
}

/// Windows-1252 for the C1 codes, as browsers read them.
constexpr char32_t c1_codes[] = {0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161,
    0x203A, 0x0153, 0x9D, 0x017E, 0x0178};

/// After "&#". Bytes taken, 0: not a reference.
std::size_t numeric(std::string_view rest, std::string& out)
{
    const bool hex = rest.starts_with('x') || rest.starts_with('X');
    std::size_t at = hex ? 1 : 0;
    const std::size_t start = at;
    char32_t code = 0;
    for (; at < rest.size(); ++at) {
        const char c = rest[at];
        const int digit = c >= '0' && c <= '9' ? c - '0' : hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
        if (digit < 0)
            break;
        if (code <= 0x10ffff)
            code = code * (hex ? 16 : 10) + static_cast<char32_t>(digit);
    }
    if (at == start)
        return 0;
    const bool closed = at < rest.size() && rest[at] == ';';
    if (!closed && !hex && at == 1)
        return 0; // Go's reader takes a single decimal digit for none
    if (closed)
        ++at;
    if (code >= 0x80 && code <= 0x9f)
        code = c1_codes[code - 0x80];
    data::append_utf8(out, code == 0 ? 0xfffd : code);
    return at;
}

/// After "&".
std::size_t named(std::string_view rest, std::string& out)
{
    std::size_t size = 0;
    while (size < rest.size() && (((rest[size] | 0x20) >= 'a' && (rest[size] | 0x20) <= 'z') || (rest[size] >= '0' && rest[size] <= '9')))
        ++size;
    if (size < rest.size() && rest[size] == ';')
        ++size;
    if (const auto found = entities().find(rest.substr(0, size)); found != entities().end()) {
        out += found->second;
        return size;
    }
    // Old references need no semicolon: the longest one that fits, six letters at most.
    for (std::size_t shorter = std::min<std::size_t>(size > 0 ? size - 1 : 0, 6); shorter > 1; --shorter) {
        if (const auto found = entities().find(rest.substr(0, shorter)); found != entities().end()) {
            out += found->second;
            return shorter;
        }
    }
    return 0;
}

} // namespace

std::string html_escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '\'': out += "&#39;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&#34;"; break;
        default: out.push_back(c);
        }
    }
    return out;
}

std::string html_unescaped(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const auto mark = text.find('&');
        out.append(text.substr(0, mark));
        if (mark == std::string_view::npos)
            break;
        text.remove_prefix(mark + 1);
        const bool number = text.starts_with('#');
        const std::size_t taken = number ? numeric(text.substr(1), out) : named(text, out);
        if (taken == 0)
            out.push_back('&');
        else
            text.remove_prefix(taken + (number ? 1 : 0));
    }
    return out;
}

} // namespace lambent::bloblang
