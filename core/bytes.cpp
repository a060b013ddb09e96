#include <lambent/core/bytes.hpp>

#include <array>
#include <cstdint>

namespace lambent::core {
namespace {

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<signed char, 256> base64_values = [] {
    std::array<signed char, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < base64_alphabet.size(); ++i)
        table[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<signed char>(i);
    return table;
}();

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::uint32_t byte_at(std::string_view bytes, std::size_t i) noexcept
{
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
}

} // namespace

std::string to_hex(std::string_view bytes)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string text(bytes.size() * 2, '0');
    char* at = text.data();
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 15];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text)
{
    if (text.size() % 2 != 0)
        return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return bytes;
}

std::string to_base64(std::string_view bytes)
{
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::uint32_t group = byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
        text.push_back(base64_alphabet[group >> 18]);
        text.push_back(base64_alphabet[group >> 12 & 63]);
        text.push_back(i + 1 < bytes.size() ? base64_alphabet[group >> 6 & 63] : '=');
        text.push_back(i + 2 < bytes.size() ? base64_alphabet[group & 63] : '=');
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text)
{
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::size_t digits = text.size();
    while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=')
        --digits;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t held = 0;
    int bits = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const int value = base64_values[static_cast<unsigned char>(text[i])];
        if (value < 0)
            return std::nullopt;
        held = held << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<char>(held >> bits & 255));
        }
    }
    // What is left over is padding and must be zero, or two texts would mean the same bytes.
    if ((held & ((1U << bits) - 1)) != 0)
        return std::nullopt;
    return bytes;
}

} // namespace lambent::core
