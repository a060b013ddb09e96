#include <lambent/bloblang/registry.hpp>

#include <lambent/core/bytes.hpp>
#include <lambent/data/utf8.hpp>
#include <lambent/bloblang/go_text.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <optional>

namespace lambent::bloblang {
namespace {

using data::value;
using coded = std::variant<std::string, problem>;

constexpr std::string_view base64_standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64_url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// ZeroMQ RFC 32.
constexpr std::string_view z85_digits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

std::string to_base64(std::string_view bytes, std::string_view digits, bool padded)
{
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) {
            if (k <= have)
                out += digits[group >> (18 - 6 * k) & 63U];
            else if (padded)
                out += '=';
        }
    }
    return out;
}

/// One group of up to four characters: the bytes it gives, or where in `quad` it is wrong.
struct quantum
{
    std::string bytes;
    std::optional<std::size_t> wrong;
    bool last = false; ///< padding was seen
};

quantum decode_quantum(std::string_view quad, std::string_view digits, bool padded)
{
    quantum out;
    std::uint32_t group = 0;
    std::size_t have = 0;
    for (; have < quad.size(); ++have) {
        const std::size_t digit = digits.find(quad[have]);
        if (digit == std::string_view::npos)
            break;
        group = group << 6 | static_cast<std::uint32_t>(digit);
    }
    if (have < quad.size()) {
        out.last = padded && quad[have] == '=' && have >= 2;
        if (!out.last || (have == 2 && quad[3] != '='))
            out.wrong = have;
    } else if (have == 1) {
        out.wrong = 0;
    }
    for (std::size_t k = 1; k < have; ++k)
        out.bytes += static_cast<char>(group >> (6 * have - 8 * k));
    return out;
}

/// As Go's streaming decoder: line breaks are passed over, bits behind the last byte do not matter, and what does not fill a
/// group of four is looked at last, by itself.
coded from_base64(std::string_view text, std::string_view digits, bool padded)
{
    const auto illegal = [](std::size_t at) { return failed("illegal base64 data at input byte " + std::to_string(at)); };
    std::string plain;
    plain.reserve(text.size());
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '\n' && c != '\r'; });
    const std::string_view all = plain;
    const std::size_t whole = all.size() / 4 * 4;
    std::string out;
    out.reserve(all.size() / 4 * 3 + 3);
    for (std::size_t i = 0; i < whole; i += 4) {
        const quantum q = decode_quantum(all.substr(i, 4), digits, padded);
        if (q.wrong)
            return illegal(i + *q.wrong);
        out += q.bytes;
        if (q.last && i + 4 < whole)
            return illegal(i + 4);
    }
    if (whole == all.size())
        return out;
    if (padded)
        return failed("unexpected EOF");
    const quantum rest = decode_quantum(all.substr(whole), digits, padded);
    if (rest.wrong)
        return illegal(*rest.wrong);
    return out + rest.bytes;
}

/// fmt's %#U of one byte taken as a code point: U+007A 'z'
std::string code_point_words(unsigned char byte)
{
    std::array<char, 16> code{};
    std::snprintf(code.data(), code.size(), "U+%04X", byte);
    std::string words = code.data();
    if (is_printable(byte)) {
        words += " '";
        data::append_utf8(words, byte);
        words += '\'';
    }
    return words;
}

coded from_hex(std::string_view text)
{
    for (const char c : text) {
        const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!digit)
            return failed("encoding/hex: invalid byte: " + code_point_words(static_cast<unsigned char>(c)));
    }
    if (text.size() % 2 != 0)
        return failed("unexpected EOF");
    return *core::from_hex(text);
}

std::string to_ascii85(std::string_view bytes)
{
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
        const std::size_t have = std::min<std::size_t>(4, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 4; ++k)
            group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        if (group == 0 && have == 4) {
            out += 'z';
            continue;
        }
        std::array<char, 5> digits{};
        for (std::size_t k = 5; k-- > 0; group /= 85)
            digits[k] = static_cast<char>('!' + group % 85);
        out.append(digits.data(), have + 1);
    }
    return out;
}

coded from_ascii85(std::string_view text)
{
    std::string out;
    std::uint32_t group = 0;
    std::size_t have = 0;
    const auto flush = [&](std::size_t count) {
        for (std::size_t k = 0; k < count; ++k)
            out += static_cast<char>(group >> (24 - 8 * k));
        group = 0;
        have = 0;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) <= ' ')
            continue;
        if (c == 'z' && have == 0) {
            out.append(4, '\0');
            continue;
        }
        if (c < '!' || c > 'u')
            return failed("illegal ascii85 data at input byte " + std::to_string(i));
        group = group * 85 + static_cast<std::uint32_t>(c - '!');
        if (++have == 5)
            flush(4);
    }
    if (have == 1)
        return failed("illegal ascii85 data at input byte 1"); // Go's stream counts from the last whole group
    if (have > 0) {
        const std::size_t count = have - 1;
        for (std::size_t k = have; k < 5; ++k)
            group = group * 85 + 84;
        flush(count);
    }
    return out;
}

coded to_z85(std::string_view bytes)
{
    if (bytes.size() % 4 != 0)
        return failed("z85: wrongly aligned input data");
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 4; ++k)
            group = group << 8 | static_cast<unsigned char>(bytes[i + k]);
        std::array<char, 5> digits{};
        for (std::size_t k = 5; k-- > 0; group /= 85)
            digits[k] = z85_digits[group % 85];
        out.append(digits.data(), 5);
    }
    return out;
}

coded from_z85(std::string_view text)
{
    if (text.size() % 5 != 0)
        return failed("z85: wrongly aligned input data");
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 5) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 5; ++k) {
            const std::size_t digit = z85_digits.find(text[i + k]);
            if (digit == std::string_view::npos)
                return failed("z85: invalid input byte: " + code_point_words(static_cast<unsigned char>(text[i + k])));
            group = group * 85 + static_cast<std::uint32_t>(digit);
        }
        for (std::size_t k = 0; k < 4; ++k)
            out += static_cast<char>(group >> (24 - 8 * k));
    }
    return out;
}

struct scheme
{
    std::string_view name;
    coded (*encode)(std::string_view);
    coded (*decode)(std::string_view);
};
constexpr std::array<scheme, 6> schemes{{
    {"base64", [](std::string_view s) -> coded { return to_base64(s, base64_standard, true); },
        [](std::string_view s) { return from_base64(s, base64_standard, true); }},
    {"base64url", [](std::string_view s) -> coded { return to_base64(s, base64_url, true); },
        [](std::string_view s) { return from_base64(s, base64_url, true); }},
    {"base64rawurl", [](std::string_view s) -> coded { return to_base64(s, base64_url, false); },
        [](std::string_view s) { return from_base64(s, base64_url, false); }},
    {"hex", [](std::string_view s) -> coded { return core::to_hex(s); }, from_hex},
    {"ascii85", [](std::string_view s) -> coded { return to_ascii85(s); }, from_ascii85},
    {"z85", to_z85, from_z85},
}};

const scheme* scheme_of(std::string_view name)
{
    for (const auto& s : schemes)
        if (s.name == name)
            return &s;
    return nullptr;
}

preparation check_scheme(const arguments& args, const environment&)
{
    if (scheme_of(args.text(0)) == nullptr)
        return {nullptr, failed("unrecognized encoding type: " + std::string(args.text(0)))};
    return {};
}

answer encode(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    coded made = scheme_of(c.args.text(0))->encode(c.target.text());
    if (auto* why = std::get_if<problem>(&made))
        return std::move(*why);
    return value(std::get<std::string>(made));
}

answer decode(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    coded made = scheme_of(c.args.text(0))->decode(c.target.text());
    if (auto* why = std::get_if<problem>(&made))
        return std::move(*why);
    return value::bytes(std::get<std::string>(made));
}

} // namespace

const definitions& encoding_methods()
{
    static const definitions all{
        {.name = "encode", .parameters = {{"scheme", parameter_type::string}}, .run = encode, .prepare = check_scheme},
        {.name = "decode", .parameters = {{"scheme", parameter_type::string}}, .run = decode, .prepare = check_scheme},
    };
    return all;
}

} // namespace lambent::bloblang
