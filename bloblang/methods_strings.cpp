#include <lambent/bloblang/go_format.hpp>
#include <lambent/bloblang/go_text.hpp>
#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/utf8.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <span>

namespace lambent::bloblang {
namespace {

using data::value;

/// Larger results are an error: a mapping must not be able to take all memory.
constexpr std::size_t text_max = 256u << 20;

/// A text of the target's kind: bytes stay bytes. What is the whole target shares it.
value like(const value& target, std::string_view text)
{
    if (text.data() == target.text().data() && text.size() == target.text().size())
        return target;
    return target.is_string() ? value(text) : value::bytes(text);
}

template <class Change>
answer changed(const call& c, Change change)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    return like(c.target, change(c.target.text()));
}

/// Every letter from `first` to `first + 25` moved to the other case; the text is ASCII.
value shifted(const value& target, char first)
{
    const std::string_view text = target.text();
    return value::written(target.kind(), text.size(), [&](char* room) {
        for (std::size_t i = 0; i < text.size(); ++i)
            room[i] = static_cast<char>(text[i] ^ (static_cast<unsigned char>(text[i] - first) < 26 ? 0x20 : 0));
    });
}

answer in_case(const call& c, char first, char32_t (*map)(char32_t) noexcept)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    if (data::is_ascii(c.target.text()))
        return shifted(c.target, first);
    return like(c.target, mapped(c.target.text(), map));
}

answer uppercase(const call& c) { return in_case(c, 'a', upper_of); }
answer lowercase(const call& c) { return in_case(c, 'A', lower_of); }

/// Letters that have a case though nothing maps them: modifier letters and ordinals.
bool is_cased(char32_t code) noexcept
{
    return upper_of(code) != code || lower_of(code) != code || title_of(code) != code || code == 0xdf || code == 0x149
        || (code >= 0xfb00 && code <= 0xfb06) || code == 0xaa || code == 0xba || (code >= 0x2b0 && code <= 0x2b8)
        || (code >= 0x1d2c && code <= 0x1d6a);
}

/// What one letter becomes at the head of a word, where that is more than one letter (Unicode's SpecialCasing).
std::string_view long_title_of(char32_t code) noexcept
{
    switch (code) {
    case 0xdf:
        return "Ss";
    case 0x149:
        return "\u02bcN";
    case 0xfb00:
        return "Ff";
    case 0xfb01:
        return "Fi";
    case 0xfb02:
        return "Fl";
    case 0xfb03:
        return "Ffi";
    case 0xfb04:
        return "Ffl";
    case 0xfb05:
    case 0xfb06:
        return "St";
    default:
        return {};
    }
}

/// Every ideograph and syllable is a word by itself (UAX 29).
bool stands_alone(char32_t code) noexcept
{
    return (code >= 0xe00 && code <= 0xeff) || (code >= 0x3040 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x9fff)
        || (code >= 0xf900 && code <= 0xfaff) || (code >= 0x20000 && code <= 0x3ffff);
}

bool is_word_part(char32_t code) noexcept
{
    return code == '_' || (code >= 0x300 && code <= 0x36f) || (is_letter_or_digit(code) && !stands_alone(code));
}

/// Joins two parts of a word when it stands alone between them.
bool is_inside_words(char32_t code) noexcept
{
    return code == '\'' || code == '.' || code == ':' || code == 0xb7 || code == 0x2018 || code == 0x2019 || code == 0x2024 || code == 0x2027;
}

char32_t first_of(std::string_view text) noexcept { return text.empty() ? U' ' : data::decode_utf8(text).code; }

/// `title_case` of a text that is ASCII, in place.
void title_ascii(char* at, std::size_t size) noexcept
{
    const auto code = [&](std::size_t i) { return static_cast<char32_t>(at[i]); };
    bool begun = false;
    for (std::size_t i = 0; i < size; ++i) {
        if ((code(i) | 0x20) >= 'a' && (code(i) | 0x20) <= 'z') {
            at[i] = static_cast<char>(begun ? at[i] | 0x20 : at[i] & ~0x20);
            begun = true;
        } else if (begun && !is_word_part(code(i))) {
            begun = is_inside_words(code(i)) && i > 0 && is_word_part(code(i - 1)) && i + 1 < size && is_word_part(code(i + 1));
        }
    }
}

/// The first letter that has a case in each word is its title form, the others are small.
std::string title_case(std::string_view t)
{
    std::string out;
    bool begun = false; // the word has its capital
    char32_t before = ' ';
    while (!t.empty()) {
        const data::decoded_rune r = data::decode_utf8(t);
        t.remove_prefix(r.size);
        const char32_t after = first_of(t);
        if (is_cased(r.code) && !begun) {
            if (const std::string_view long_form = long_title_of(r.code); !long_form.empty())
                out += long_form;
            else
                data::append_utf8(out, title_of(r.code));
            begun = true;
        } else if (is_cased(r.code)) {
            if (r.code == 0x3a3 && !is_cased(after))
                data::append_utf8(out, 0x3c2); // a word's last sigma
            else if (r.code == 0x130)
                out += "i\u0307";
            else
                data::append_utf8(out, lower_of(r.code));
        } else {
            data::append_utf8(out, r.code);
            if (!is_word_part(r.code) && !(is_inside_words(r.code) && is_word_part(before) && is_word_part(after)))
                begun = false;
        }
        before = r.code;
    }
    return out;
}

answer capitalize(const call& c)
{
    if (!c.target.is_text() || !data::is_ascii(c.target.text()))
        return changed(c, title_case);
    const std::string_view text = c.target.text();
    return value::written(c.target.kind(), text.size(), [&](char* room) {
        text.copy(room, text.size());
        title_ascii(room, text.size());
    });
}

template <class Cut>
std::string_view trimmed(std::string_view text, Cut cut)
{
    while (!text.empty()) {
        const data::decoded_rune r = data::decode_utf8(text);
        if (!cut(r.code))
            break;
        text.remove_prefix(r.size);
    }
    while (!text.empty()) {
        std::size_t start = text.size() - 1;
        while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xc0) == 0x80 && text.size() - start < 4)
            --start;
        data::decoded_rune r = data::decode_utf8(text.substr(start));
        if (r.size != text.size() - start)
            r = {};
        if (!cut(r.code))
            break;
        text.remove_suffix(r.size);
    }
    return text;
}

answer trim(const call& c)
{
    if (!c.args.given(0))
        return changed(c, [](std::string_view t) { return trimmed(t, is_space); });
    std::u32string set;
    for (std::string_view rest = c.args.text(0); !rest.empty();) {
        const data::decoded_rune r = data::decode_utf8(rest);
        set.push_back(r.code);
        rest.remove_prefix(r.size);
    }
    const auto cut = [&](char32_t code) { return set.find(code) != std::u32string::npos; };
    return changed(c, [&](std::string_view t) { return trimmed(t, cut); });
}

answer trim_prefix(const call& c)
{
    return changed(c, [&](std::string_view t) {
        if (t.starts_with(c.args.text(0)))
            t.remove_prefix(c.args.text(0).size());
        return t;
    });
}

answer trim_suffix(const call& c)
{
    return changed(c, [&](std::string_view t) {
        if (t.ends_with(c.args.text(0)))
            t.remove_suffix(c.args.text(0).size());
        return t;
    });
}

answer split(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    const std::string_view delimiter = c.args.text(0);
    std::string_view rest = c.target.text();
    std::vector<value> out;
    const auto add = [&](std::string_view part) {
        out.push_back(part.empty() && c.args.flag(1) ? value() : like(c.target, part));
    };
    const auto room = [&] { return can_make(out.size() * sizeof(value)); };
    if (delimiter.empty()) {
        for (; !rest.empty() && room(); rest.remove_prefix(data::decode_utf8(rest).size))
            add(rest.substr(0, data::decode_utf8(rest).size));
        return value::array(std::move(out));
    }
    out.reserve(4); // what is split has a few parts in most cases
    for (;;) {
        const auto at = rest.find(delimiter);
        add(rest.substr(0, at));
        if (at == std::string_view::npos || !room())
            return value::array(std::move(out));
        rest.remove_prefix(at + delimiter.size());
    }
}

answer has_prefix(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    return value(c.target.text().starts_with(c.args.text(0)));
}

answer has_suffix(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    return value(c.target.text().ends_with(c.args.text(0)));
}

answer index_of(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    const auto at = c.target.text().find(c.args.text(0));
    return value(at == std::string_view::npos ? std::int64_t{-1} : static_cast<std::int64_t>(at));
}

std::string replaced(std::string_view text, std::string_view old, std::string_view with)
{
    std::string out;
    if (old.empty()) {
        // Go puts the new text before every character and at the end.
        for (; !text.empty() && can_make(out.size() + with.size()); text.remove_prefix(data::decode_utf8(text).size))
            out.append(with).append(text.substr(0, data::decode_utf8(text).size));
        return out.append(with);
    }
    for (;;) {
        const auto at = text.find(old);
        out.append(text.substr(0, at));
        if (at == std::string_view::npos || !can_make(out.size() + with.size()))
            return out;
        out.append(with);
        text.remove_prefix(at + old.size());
    }
}

answer replace_all(const call& c)
{
    return changed(c, [&](std::string_view t) { return replaced(t, c.args.text(0), c.args.text(1)); });
}

preparation check_pairs(const arguments& args, const environment&)
{
    const auto items = args.any(0).items();
    if (items.size() % 2 != 0) {
        return {nullptr,
            failed("invalid arg, replacements should be in pairs and must therefore be even: " + go_print(args.any(0)))};
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!loose_text(items[i]))
            return {nullptr, within("invalid replacement value at index " + std::to_string(i) + ": ", wrong_type("string", items[i]))};
    }
    return {};
}

answer replace_all_many(const call& c)
{
    return changed(c, [&](std::string_view t) {
        std::string text(t);
        const auto items = c.args.any(0).items();
        for (std::size_t i = 0; i < items.size(); i += 2)
            text = replaced(text, *loose_text(items[i]), *loose_text(items[i + 1]));
        return text;
    });
}

preparation check_count(const arguments& args, const environment&)
{
    if (args.integer(0) < 0)
        return {nullptr, failed("invalid count, must be greater than or equal to zero: " + std::to_string(args.integer(0)))};
    return {};
}

answer repeat(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    const auto count = static_cast<std::size_t>(c.args.integer(0));
    const std::string_view text = c.target.text();
    if (!text.empty() && count > static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max()) / text.size())
        return failed("invalid count, would overflow: " + std::to_string(text.size()) + "*" + std::to_string(count));
    if (!text.empty() && count > text_max / text.size())
        return failed("the repeated text would be longer than " + std::to_string(text_max) + " bytes");
    if (!can_make(count * text.size()))
        return spent_too_much();
    std::string out;
    for (std::size_t i = 0; i < count && !text.empty(); ++i)
        out += text;
    return like(c.target, out);
}

/// Strings by characters, bytes by bytes.
answer reverse(const call& c)
{
    if (c.target.kind() == data::kind::bytes) {
        const std::string_view t = c.target.text();
        return value::bytes(std::string(t.rbegin(), t.rend()));
    }
    return changed(c, [](std::string_view t) {
        std::u32string runes;
        for (; !t.empty(); t.remove_prefix(data::decode_utf8(t).size))
            runes.push_back(data::decode_utf8(t).code);
        std::string out;
        for (auto at = runes.rbegin(); at != runes.rend(); ++at)
            data::append_utf8(out, *at);
        return out;
    });
}

answer quote(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    return value(go_quote(*text));
}

answer unquote(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    const auto bare = go_unquote(*text);
    if (!bare)
        return failed("invalid syntax");
    return value(*bare);
}

answer format(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    constexpr std::size_t few = 4;
    std::array<value, few> room;
    std::vector<value> more(c.args.size() > few ? c.args.size() : 0);
    const std::span<value> args(more.empty() ? room.data() : more.data(), c.args.size());
    for (std::size_t i = 0; i < c.args.size(); ++i)
        args[i] = c.args.any(i);
    return value(go_format(*text, args));
}

} // namespace

const definitions& string_methods()
{
    using enum parameter_type;
    static const std::vector<parameter> old_new = {{"old", string}, {"new", string}};
    static const std::vector<parameter> pairs = {{"values", array}};
    static const definitions all = {
        {.name = "capitalize", .run = capitalize},
        {.name = "format", .run = format, .variadic = true},
        {.name = "has_prefix", .parameters = {{"value", string}}, .run = has_prefix},
        {.name = "has_suffix", .parameters = {{"value", string}}, .run = has_suffix},
        {.name = "index_of", .parameters = {{"value", string}}, .run = index_of},
        {.name = "lowercase", .run = lowercase},
        {.name = "quote", .run = quote},
        {.name = "repeat", .parameters = {{"count", integer}}, .run = repeat, .prepare = check_count},
        {.name = "replace", .parameters = old_new, .run = replace_all},
        {.name = "replace_all", .parameters = old_new, .run = replace_all},
        {.name = "replace_all_many", .parameters = pairs, .run = replace_all_many, .prepare = check_pairs},
        {.name = "replace_many", .parameters = pairs, .run = replace_all_many, .prepare = check_pairs},
        {.name = "reverse", .run = reverse},
        {.name = "split", .parameters = {{"delimiter", string}, {"empty_as_null", boolean, value(false)}}, .run = split},
        {.name = "trim", .parameters = {{"cutset", string, std::nullopt, true}}, .run = trim},
        {.name = "trim_prefix", .parameters = {{"prefix", string}}, .run = trim_prefix},
        {.name = "trim_suffix", .parameters = {{"suffix", string}}, .run = trim_suffix},
        {.name = "unquote", .run = unquote},
        {.name = "uppercase", .run = uppercase},
    };
    return all;
}

} // namespace lambent::bloblang
