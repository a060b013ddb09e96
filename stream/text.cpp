#include <lambent/stream/text.hpp>

#include <lambent/data/utf8.hpp>

#include <array>
#include <cctype>
#include <cstdio>
#include <cstring>

namespace lambent::stream {

namespace {

/// Go's strconv.IsPrint for what log lines meet: control, format, private and separator characters are not.
bool printable(char32_t p)
{
    if (p < 0x20 || p == 0x7f || (p >= 0x80 && p <= 0xa0) || p == 0xad)
        return false;
    if ((p >= 0x200b && p <= 0x200f) || (p >= 0x2028 && p <= 0x202f) || (p >= 0x205f && p <= 0x206f) || (p >= 0x2000 && p <= 0x200a))
        return false;
    return !(p == 0x3000 || p == 0xfeff || (p >= 0xe000 && p <= 0xf8ff) || (p >= 0xfff0 && p <= 0xfffb) || (p & 0xfffe) == 0xfffe);
}

void append_hex(std::string& out, const char* format, char32_t value)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), format, static_cast<unsigned>(value));
    out += text.data();
}

} // namespace

void append_go_quoted(std::string& out, std::string_view text)
{
    out += '"';
    while (!text.empty()) {
        const data::decoded_rune d = data::decode_utf8(text);
        if (!d.valid) {
            append_hex(out, "\\x%02x", static_cast<unsigned char>(text.front()));
            text.remove_prefix(1);
            continue;
        }
        switch (d.code) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\a': out += "\\a"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        case '\v': out += "\\v"; break;
        default:
            if (printable(d.code))
                out += text.substr(0, d.size);
            else if (d.code < 0x20 || d.code == 0x7f)
                append_hex(out, "\\x%02x", d.code);
            else
                append_hex(out, d.code < 0x10000 ? "\\u%04x" : "\\U%08x", d.code);
        }
        text.remove_prefix(d.size);
    }
    out += '"';
}

std::string errno_text(int number)
{
    std::string text = std::strerror(number);
    if (!text.empty())
        text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
    return text;
}

} // namespace lambent::stream
