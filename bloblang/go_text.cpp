#include <lambent/bloblang/go_text.hpp>

#include <lambent/data/utf8.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <locale.h>
#include <wctype.h>

namespace lambent::bloblang {
namespace {

/// glibc's Unicode tables, whatever the process's locale is. Made once, never freed.
locale_t unicode() noexcept
{
    static const locale_t made = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return made;
}

void append_escaped(std::string& out, char32_t code, bool ascii_only, char quote)
{
    char room[16];
    if (code == static_cast<char32_t>(quote) || code == '\\') {
        out.push_back('\\');
        out.push_back(static_cast<char>(code));
        return;
    }
    if (ascii_only ? (code < 0x7f && code >= 0x20) : is_printable(code)) {
        data::append_utf8(out, code);
        return;
    }
    static constexpr std::string_view codes = "\a\b\f\n\r\t\v";
    static constexpr std::string_view names = "abfnrtv";
    const std::size_t named = code < 0x20 ? codes.find(static_cast<char>(code)) : std::string_view::npos;
    if (named != std::string_view::npos) {
        out.push_back('\\');
        out.push_back(names[named]);
        return;
    }
    if (code < 0x20 || code == 0x7f)
        std::snprintf(room, sizeof room, "\\x%02x", static_cast<unsigned>(code));
    else if (code < 0x10000)
        std::snprintf(room, sizeof room, "\\u%04x", static_cast<unsigned>(code));
    else
        std::snprintf(room, sizeof room, "\\U%08x", static_cast<unsigned>(code));
    out += room;
}

int digit_of(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return 99;
}

} // namespace

bool is_printable(char32_t code) noexcept
{
    if (code < 0x80)
        return code >= 0x20 && code < 0x7f;
    // Go: letters, marks, numbers, punctuation, symbols; of the spaces only U+0020.
    if (code < 0xa1 || code == 0xad)
        return false;
    return iswprint_l(static_cast<wint_t>(code), unicode()) != 0 && iswspace_l(static_cast<wint_t>(code), unicode()) == 0 &&
        code != 0x2007 && code != 0x202f && !(code >= 0x200b && code <= 0x200f) && !(code >= 0x202a && code <= 0x202e) &&
        !(code >= 0x2060 && code <= 0x206f) && code != 0xfeff && !(code >= 0xe000 && code <= 0xf8ff);
}

char32_t upper_of(char32_t code) noexcept
{
    if (code < 0x80)
        return code >= 'a' && code <= 'z' ? code - 0x20 : code;
    return static_cast<char32_t>(towupper_l(static_cast<wint_t>(code), unicode()));
}

char32_t title_of(char32_t code) noexcept
{
    if (code < 0x80)
        return upper_of(code);
    static const wctrans_t to_title = wctrans_l("totitle", unicode());
    return static_cast<char32_t>(towctrans_l(static_cast<wint_t>(code), to_title, unicode()));
}

char32_t lower_of(char32_t code) noexcept
{
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code + 0x20 : code;
    return static_cast<char32_t>(towlower_l(static_cast<wint_t>(code), unicode()));
}

bool is_letter_or_digit(char32_t code) noexcept
{
    if (code < 0x80)
        return (code >= '0' && code <= '9') || ((code | 0x20) >= 'a' && (code | 0x20) <= 'z');
    return iswalnum_l(static_cast<wint_t>(code), unicode()) != 0;
}

bool is_space(char32_t code) noexcept
{
    switch (code) {
    case '\t': case '\n': case '\v': case '\f': case '\r': case ' ': case 0x85: case 0xa0: case 0x1680: case 0x2028:
    case 0x2029: case 0x202f: case 0x205f: case 0x3000:
        return true;
    default:
        return code >= 0x2000 && code <= 0x200a;
    }
}

std::string mapped(std::string_view text, char32_t (*map)(char32_t) noexcept)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        if (const auto c = static_cast<unsigned char>(text[0]); c < 0x80) {
            if (const char32_t made = map(c); made < 0x80)
                out.push_back(static_cast<char>(made));
            else
                data::append_utf8(out, made);
            text.remove_prefix(1);
            continue;
        }
        const data::decoded_rune r = data::decode_utf8(text);
        data::append_utf8(out, map(r.code));
        text.remove_prefix(r.size);
    }
    return out;
}

std::string go_quote(std::string_view text, bool ascii_only)
{
    std::string out = "\"";
    while (!text.empty()) {
        const data::decoded_rune r = data::decode_utf8(text);
        if (!r.valid) {
            char room[8];
            std::snprintf(room, sizeof room, "\\x%02x", static_cast<unsigned char>(text[0]));
            out += room;
        } else {
            append_escaped(out, r.code, ascii_only, '"');
        }
        text.remove_prefix(r.size);
    }
    return out + "\"";
}

std::string go_quote_rune(char32_t code, bool ascii_only)
{
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = 0xfffd;
    std::string out = "'";
    append_escaped(out, code, ascii_only, '\'');
    return out + "'";
}

namespace {

/// One escape after the backslash; false: invalid. `quote` may be escaped, the other quote may not.
bool unescape(std::string_view& text, std::string& out, char quote)
{
    if (text.empty())
        return false;
    const char c = text.front();
    text.remove_prefix(1);
    static constexpr std::string_view names = "abfnrtv\\";
    static constexpr std::string_view codes = "\a\b\f\n\r\t\v\\";
    if (const auto named = names.find(c); named != std::string_view::npos) {
        out.push_back(codes[named]);
        return true;
    }
    if (c == '\'' || c == '"') {
        out.push_back(c);
        return c == quote;
    }
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    unsigned long code = 0;
    if (digits > 0) {
        if (text.size() < digits)
            return false;
        const auto read = std::from_chars(text.data(), text.data() + digits, code, 16);
        if (read.ec != std::errc{} || read.ptr != text.data() + digits)
            return false;
        text.remove_prefix(digits);
        if (c == 'x')
            out.push_back(static_cast<char>(code));
        else if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return false;
        else
            data::append_utf8(out, static_cast<char32_t>(code));
        return true;
    }
    if (c < '0' || c > '7' || text.size() < 2)
        return false;
    code = static_cast<unsigned long>(c - '0');
    for (int i = 0; i < 2; ++i) {
        if (text.front() < '0' || text.front() > '7')
            return false;
        code = code * 8 + static_cast<unsigned long>(text.front() - '0');
        text.remove_prefix(1);
    }
    if (code > 255)
        return false;
    out.push_back(static_cast<char>(code));
    return true;
}

} // namespace

std::optional<std::string> go_unquote(std::string_view text)
{
    if (text.size() < 2 || text.front() != text.back())
        return std::nullopt;
    const char quote = text.front();
    text = text.substr(1, text.size() - 2);
    std::string out;
    if (quote == '`') {
        if (text.find('`') != std::string_view::npos)
            return std::nullopt;
        for (const char c : text) {
            if (c != '\r')
                out.push_back(c);
        }
        return out;
    }
    if (quote != '"' && quote != '\'')
        return std::nullopt;
    std::size_t runes = 0;
    while (!text.empty()) {
        const char c = text.front();
        if (c == quote || c == '\n')
            return std::nullopt;
        ++runes;
        if (c == '\\') {
            text.remove_prefix(1);
            if (!unescape(text, out, quote))
                return std::nullopt;
            continue;
        }
        const data::decoded_rune r = data::decode_utf8(text);
        if (r.valid)
            out.append(text.substr(0, r.size));
        else
            data::append_utf8(out, 0xfffd);
        text.remove_prefix(r.size);
    }
    if (quote == '\'' && runes != 1)
        return std::nullopt;
    return out;
}

std::optional<bool> parse_bool(std::string_view text) noexcept
{
    for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
        if (text == yes)
            return true;
    }
    for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
        if (text == no)
            return false;
    }
    return std::nullopt;
}

namespace {

problem number_error(std::string_view function, std::string_view text, std::string_view why)
{
    return failed("strconv." + std::string(function) + ": parsing " + go_quote(text) + ": " + std::string(why));
}

/// Go's rule for base prefix 0: an underscore only between digits or after the prefix.
bool underscores_fit(std::string_view text)
{
    if (!text.empty() && (text[0] == '-' || text[0] == '+'))
        text.remove_prefix(1);
    char before = '^';
    bool hex = false;
    if (text.size() >= 2 && text[0] == '0') {
        const char p = static_cast<char>(text[1] | 0x20);
        if (p == 'b' || p == 'o' || p == 'x') {
            before = '0';
            hex = p == 'x';
            text.remove_prefix(2);
        }
    }
    for (const char c : text) {
        const bool digit = (c >= '0' && c <= '9') || (hex && digit_of(c) < 16);
        if (digit) {
            before = '0';
        } else if (c == '_') {
            if (before != '0')
                return false;
            before = '_';
        } else {
            if (before == '_')
                return false;
            before = '!';
        }
    }
    return before != '_';
}

std::string without_underscores(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c != '_')
            out.push_back(c);
    }
    return out;
}

bool same_ignoring_case(std::string_view a, std::string_view b)
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if ((a[i] | 0x20) != (b[i] | 0x20))
            return false;
    }
    return true;
}

std::optional<double> special_float(std::string_view text)
{
    double sign = 1;
    bool with_sign = false;
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
        sign = text[0] == '-' ? -1 : 1;
        with_sign = true;
        text.remove_prefix(1);
    }
    if (same_ignoring_case(text, "inf") || same_ignoring_case(text, "infinity"))
        return sign * std::numeric_limits<double>::infinity();
    if (!with_sign && same_ignoring_case(text, "nan"))
        return std::numeric_limits<double>::quiet_NaN();
    return std::nullopt;
}

} // namespace

std::variant<double, problem> parse_float(std::string_view text, int bits)
{
    if (const auto special = special_float(text))
        return *special;
    std::string digits = without_underscores(text);
    const auto invalid = [&] { return number_error("ParseFloat", text, "invalid syntax"); };
    std::string_view rest = digits;
    const bool minus = rest.starts_with('-');
    if (minus || rest.starts_with('+'))
        rest.remove_prefix(1);
    const bool hex = rest.size() > 2 && rest[0] == '0' && (rest[1] | 0x20) == 'x';
    if (hex)
        rest.remove_prefix(2);
    if (digits.size() != text.size() && !underscores_fit(text))
        return invalid();
    if (rest.empty() || !(digit_of(rest[0]) < (hex ? 16 : 10) || rest[0] == '.'))
        return invalid();
    if (hex && rest.find_first_of("pP") == std::string_view::npos)
        return invalid();
    double f = 0;
    float narrow = 0;
    const char* end = rest.data() + rest.size();
    const auto form = hex ? std::chars_format::hex : std::chars_format::general;
    const auto read = bits == 32 ? std::from_chars(rest.data(), end, narrow, form) : std::from_chars(rest.data(), end, f, form);
    if (read.ptr != end || read.ec == std::errc::invalid_argument)
        return invalid();
    if (bits == 32)
        f = narrow;
    if (read.ec == std::errc::result_out_of_range) {
        // from_chars does not say which end it is; the exponent's sign does, or a leading zero.
        const auto e = rest.find_first_of(hex ? "pP" : "eE");
        const bool small = e != std::string_view::npos ? rest.substr(e + 1).starts_with('-') : rest[0] == '0' || rest[0] == '.';
        if (!small)
            return number_error("ParseFloat", text, "value out of range");
        f = 0;
    }
    return minus ? -f : f;
}

std::variant<std::uint64_t, problem> parse_uint(std::string_view text, int base, int bits)
{
    const auto invalid = [&] { return number_error("ParseUint", text, "invalid syntax"); };
    const std::uint64_t most = bits == 64 ? std::numeric_limits<std::uint64_t>::max() : (std::uint64_t{1} << bits) - 1;
    if (text.empty())
        return invalid();
    std::string_view rest = text;
    const bool any_base = base == 0;
    if (any_base) {
        base = 10;
        if (rest[0] == '0') {
            const char p = rest.size() >= 3 ? static_cast<char>(rest[1] | 0x20) : '\0';
            base = p == 'b' ? 2 : p == 'o' ? 8 : p == 'x' ? 16 : 8;
            rest.remove_prefix(p == 'b' || p == 'o' || p == 'x' ? 2 : 1);
        }
    }
    std::uint64_t n = 0;
    bool underscores = false;
    bool beyond = false;
    for (const char c : rest) {
        if (c == '_' && any_base) {
            underscores = true;
            continue;
        }
        const int d = digit_of(c);
        if (d >= base)
            return invalid();
        const auto digit = static_cast<std::uint64_t>(d);
        if (n > (most - digit) / static_cast<std::uint64_t>(base)) {
            beyond = true;
            break;
        }
        n = n * static_cast<std::uint64_t>(base) + digit;
    }
    if (beyond)
        return number_error("ParseUint", text, "value out of range");
    if (underscores && !underscores_fit(text))
        return invalid();
    return n;
}

std::variant<std::int64_t, problem> parse_int(std::string_view text, int base, int bits)
{
    std::string_view rest = text;
    const bool minus = rest.starts_with('-');
    if (minus || rest.starts_with('+'))
        rest.remove_prefix(1);
    auto size = parse_uint(rest, base, 64);
    const std::uint64_t limit = std::uint64_t{1} << (bits - 1);
    if (auto* wrong = std::get_if<problem>(&size)) {
        const bool range = (*wrong)->text.ends_with("value out of range");
        return number_error("ParseInt", text, range ? "value out of range" : "invalid syntax");
    }
    const std::uint64_t n = std::get<std::uint64_t>(size);
    if (n > (minus ? limit : limit - 1))
        return number_error("ParseInt", text, "value out of range");
    return minus ? static_cast<std::int64_t>(0 - n) : static_cast<std::int64_t>(n);
}

} // namespace lambent::bloblang
