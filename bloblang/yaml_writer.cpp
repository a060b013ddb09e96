#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/value_rules.hpp>
#include <lambent/bloblang/yaml_text.hpp>

#include <lambent/data/time_text.hpp>
#include <lambent/data/utf8.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace lambent::bloblang {
namespace {

using data::kind;
using data::value;

constexpr unsigned depth_max = 1'000;

std::u32string runes_of(std::string_view text)
{
    std::u32string out;
    for (; !text.empty(); text.remove_prefix(data::decode_utf8(text).size))
        out.push_back(data::decode_utf8(text).code);
    return out;
}

bool is_digit(char32_t c) noexcept { return c >= '0' && c <= '9'; }

/// yaml.v3's order of keys: numbers inside by size, letters after other characters unless digits came before.
bool before(const std::u32string& a, const std::u32string& b)
{
    bool digits = false;
    const auto letter = [](char32_t c) { return is_letter_or_digit(c) && !is_digit(c); };
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        if (a[i] == b[i]) {
            digits = is_digit(a[i]);
            continue;
        }
        const bool al = letter(a[i]);
        const bool bl = letter(b[i]);
        if (al && bl)
            return a[i] < b[i];
        if (al || bl)
            return digits ? al : bl;
        std::uint64_t an = 0;
        std::uint64_t bn = 0;
        if (a[i] == '0' || b[i] == '0') {
            for (std::size_t j = i; j > 0 && is_digit(a[j - 1]); --j) {
                if (a[j - 1] != '0') {
                    an = bn = 1;
                    break;
                }
            }
        }
        std::size_t ai = i;
        std::size_t bi = i;
        for (; ai < a.size() && is_digit(a[ai]); ++ai)
            an = an * 10 + (a[ai] - '0');
        for (; bi < b.size() && is_digit(b[bi]); ++bi)
            bn = bn * 10 + (b[bi] - '0');
        if (an != bn)
            return an < bn;
        return ai != bi ? ai < bi : a[i] < b[i];
    }
    return a.size() < b.size();
}

/// What libyaml's emitter looks for in a text before it chooses a style.
struct traits
{
    bool plain = true;
    bool single = true;
    bool block = true;
};

traits traits_of(std::string_view text)
{
    const std::u32string runes = runes_of(text);
    traits t;
    const auto blank = [&](std::size_t i) { return i >= runes.size() || runes[i] == ' ' || runes[i] == '\t' || runes[i] == '\n' || runes[i] == '\r'; };
    bool special = !data::is_utf8(text);
    bool indicators = text.starts_with("---") || text.starts_with("...");
    bool breaks = false;
    bool break_then_space = false;
    bool space_then_break = false;
    for (std::size_t i = 0; i < runes.size(); ++i) {
        const char32_t c = runes[i];
        const bool next_blank = blank(i + 1);
        if (i == 0)
            indicators = indicators || (c < 0x80 && std::string_view("#,[]{}&*!|>'\"%@`").find(static_cast<char>(c)) != std::string_view::npos) ||
                ((c == '?' || c == ':' || c == '-') && next_blank);
        else
            indicators = indicators || (c == ':' && next_blank) || (c == '#' && blank(i - 1));
        const bool line_break = c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
        const bool printable = c == '\n' || (c >= 0x20 && c <= 0x7e) || c == 0x85 || (c >= 0xa0 && c <= 0xd7ff) ||
            (c >= 0xe000 && c <= 0xfffd && c != 0xfeff);
        special = special || !printable || c == '\r';
        breaks = breaks || line_break;
        if (i > 0) {
            const bool was_break = runes[i - 1] == '\n';
            break_then_space = break_then_space || (was_break && c == ' ');
            space_then_break = space_then_break || (runes[i - 1] == ' ' && line_break);
        }
    }
    const bool edges = !runes.empty() && (blank(0) || blank(runes.size() - 1));
    const bool trailing_space = !runes.empty() && runes.back() == ' ';
    t.plain = !edges && !break_then_space && !space_then_break && !special && !breaks && !indicators;
    t.single = !break_then_space && !space_then_break && !special;
    t.block = !trailing_space && !space_then_break && !special;
    return t;
}

std::string double_quoted(std::string_view text)
{
    std::string out = "\"";
    for (; !text.empty(); text.remove_prefix(data::decode_utf8(text).size)) {
        const char32_t c = data::decode_utf8(text).code;
        static constexpr std::u32string_view codes{U"\0\a\b\t\n\v\f\r\x1b\"\\\x85\xa0\x2028\x2029", 15}; // with the zero in front
        static constexpr std::string_view names = "0abtnvfre\"\\N_LP";
        const auto named = codes.find(c);
        const bool plain = (c >= 0x20 && c <= 0x7e) || (c > 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd && c != 0xfeff);
        char room[16];
        if (named != std::u32string_view::npos)
            out.append("\\").push_back(names[named]);
        else if (plain)
            data::append_utf8(out, c);
        else if (c <= 0xff && std::snprintf(room, sizeof room, "\\x%02X", static_cast<unsigned>(c)) > 0)
            out += room;
        else if (std::snprintf(room, sizeof room, c <= 0xffff ? "\\u%04X" : "\\U%08X", static_cast<unsigned>(c)) > 0)
            out += room;
    }
    return out + "\"";
}

std::string single_quoted(std::string_view text)
{
    std::string out = "'";
    for (const char c : text)
        out.append(c == '\'' ? 2 : 1, c);
    return out + "'";
}

/// Texts that YAML 1.1 readers take for booleans or sexagesimal numbers.
bool misread_by_old_readers(std::string_view text)
{
    for (const std::string_view old : {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF"}) {
        if (text == old)
            return true;
    }
    const auto first = text.find_first_not_of("0123456789_", text.starts_with('-') || text.starts_with('+') ? 1 : 0);
    return first != std::string_view::npos && first > 0 && text[first] == ':' &&
        text.find_first_not_of("0123456789:._+-") == std::string_view::npos;
}

class yaml_writer
{
public:
    std::string out;
    void write(const value& v, std::size_t indent, std::size_t inner, bool at_line_start, unsigned depth);
    std::string flow_text(std::string_view text, bool may_be_plain) const;

private:
    void literal(std::string_view text, std::size_t indent);
    void write_map(const value& v, std::size_t indent, bool at_line_start, unsigned depth);
    void write_list(const value& v, std::size_t indent, bool at_line_start, unsigned depth);
    void pad(std::size_t indent) { out.append(indent, ' '); }
};

std::string yaml_writer::flow_text(std::string_view text, bool may_be_plain) const
{
    const traits t = traits_of(text);
    const bool other = !resolve_yaml_scalar(text).is_string() || misread_by_old_readers(text);
    if (other || !may_be_plain)
        return double_quoted(text);
    return t.plain ? std::string(text) : t.single ? single_quoted(text) : double_quoted(text);
}

void yaml_writer::literal(std::string_view text, std::size_t indent)
{
    out.push_back('|');
    if (text[0] == ' ' || text[0] == '\n')
        out.push_back('4');
    if (!text.ends_with('\n'))
        out.push_back('-');
    else if (text.size() == 1 || text.ends_with("\n\n"))
        out.push_back('+');
    out.push_back('\n');
    // A break at the beginning is the header's own.
    std::string_view rest = text.starts_with('\n') ? text.substr(1) : text;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        if (!line.empty()) {
            pad(indent);
            out += line;
        }
        out.push_back('\n');
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
}

void yaml_writer::write_map(const value& v, std::size_t indent, bool at_line_start, unsigned depth)
{
    std::vector<std::pair<std::u32string, const data::member*>> order;
    for (const data::member& m : v.members())
        order.emplace_back(runes_of(m.name()), &m);
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return before(a.first, b.first); });
    for (const auto& [runes, m] : order) {
        if (at_line_start)
            pad(indent);
        at_line_start = true;
        out += m->name().find('\n') != std::string_view::npos ? double_quoted(m->name()) : flow_text(m->name(), true);
        out.push_back(':');
        const std::size_t below = 4 * ((indent + 4) / 4); // to the next multiple of four
        write(m->item, below, below, false, depth + 1);
    }
}

void yaml_writer::write_list(const value& v, std::size_t indent, bool at_line_start, unsigned depth)
{
    for (const value& item : v.items()) {
        if (at_line_start)
            pad(indent);
        at_line_start = true;
        out.push_back('-');
        write(item, indent + 2, indent + 2, false, depth + 1);
    }
}

/// `at_line_start` only at the very top; else a key's colon or a dash stands before, and a container after a dash begins in
/// the same line.
void yaml_writer::write(const value& v, std::size_t indent, std::size_t inner, bool at_line_start, unsigned depth)
{
    if (!spend(1) || !can_make(out.size()))
        return;
    const bool container = (v.is_array() || v.is_object() || v.kind() == kind::bytes) && depth < depth_max;
    const bool after_dash = !at_line_start && out.ends_with('-');
    if (container && (v.kind() == kind::bytes ? !v.text().empty() : v.size() > 0)) {
        if (after_dash)
            out.push_back(' ');
        else if (!at_line_start)
            out.push_back('\n');
        const bool fresh = !after_dash;
        if (v.is_object())
            return write_map(v, indent, fresh, depth);
        if (v.is_array())
            return write_list(v, indent, fresh, depth);
        std::vector<value> numbers;
        for (const char c : v.text())
            numbers.emplace_back(static_cast<std::int64_t>(static_cast<unsigned char>(c)));
        return write_list(value::array(std::move(numbers)), indent, fresh, depth);
    }
    if (!at_line_start)
        out.push_back(' ');
    switch (v.kind()) {
    case kind::string:
        if (v.text().find('\n') != std::string_view::npos && traits_of(v.text()).block)
            return literal(v.text(), inner);
        out += flow_text(v.text(), v.text().find('\n') == std::string_view::npos);
        break;
    case kind::number:
        out += double_quoted(v.text());
        break;
    case kind::float64:
        out += std::isnan(v.as_float64()) ? ".nan" : std::isinf(v.as_float64()) ? (v.as_float64() < 0 ? "-.inf" : ".inf") : to_text(v);
        break;
    case kind::array:
    case kind::bytes:
        out += "[]";
        break;
    case kind::object:
        out += "{}";
        break;
    default:
        out += to_text(v);
    }
    out.push_back('\n');
}

} // namespace

std::string write_yaml(const value& v)
{
    yaml_writer w;
    w.write(v, 0, 4, true, 0);
    return std::move(w.out);
}

} // namespace lambent::bloblang
