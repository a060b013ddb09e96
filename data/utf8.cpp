#include <lambent/data/utf8.hpp>

#include <simdjson.h>

namespace lambent::data {

decoded_rune detail::decode_long(std::string_view text) noexcept
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    std::size_t size = 0;
    char32_t code = 0;
    if (first >= 0xc2 && first <= 0xdf) {
        size = 2;
        code = first & 0x1f;
    } else if (first >= 0xe0 && first <= 0xef) {
        size = 3;
        code = first & 0x0f;
    } else if (first >= 0xf0 && first <= 0xf4) {
        size = 4;
        code = first & 0x07;
    } else {
        return {};
    }
    if (text.size() < size)
        return {};
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80)
            return {};
        code = (code << 6) | (byte(i) & 0x3f);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return {};
    return {code, size, true};
}

void append_utf8(std::string& out, char32_t code)
{
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = 0xfffd;
    const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | (code >> 6));
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | (code >> 12));
        put(0x80 | ((code >> 6) & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | (code >> 18));
        put(0x80 | ((code >> 12) & 0x3f));
        put(0x80 | ((code >> 6) & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

bool is_utf8(std::string_view text) noexcept
{
    return simdjson::validate_utf8(text.data(), text.size());
}

} // namespace lambent::data
