#include <lambent/config/detail/base64.hpp>

#include <cstdint>

namespace lambent::config::detail {
namespace {

int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool is_break(char c) { return c == '\n' || c == '\r'; }

} // namespace

bool decode_base64(std::string_view text, std::string& out, std::size_t* bad_at)
{
    const auto fail = [&](std::size_t at) {
        if (bad_at)
            *bad_at = at;
        return false;
    };
    std::string bytes;
    std::uint32_t group = 0;
    int digits = 0;
    std::size_t i = 0;
    for (; i < text.size() && text[i] != '='; ++i) {
        if (is_break(text[i]))
            continue;
        const int digit = digit_of(text[i]);
        if (digit < 0)
            return fail(i);
        group = group << 6 | static_cast<std::uint32_t>(digit);
        if (++digits == 4) {
            bytes.push_back(static_cast<char>(group >> 16));
            bytes.push_back(static_cast<char>(group >> 8));
            bytes.push_back(static_cast<char>(group));
            group = 0;
            digits = 0;
        }
    }
    if (i == text.size()) {
        if (digits != 0)
            return fail(text.size() - static_cast<std::size_t>(digits)); // where the broken group starts, as Go counts
        out = std::move(bytes);
        return true;
    }
    if (digits < 2)
        return fail(i);
    int padding = 0;
    for (; i < text.size(); ++i) {
        if (is_break(text[i]))
            continue;
        if (digits + padding == 4)
            return fail(i);
        if (text[i] != '=')
            return fail(i - 1);
        ++padding;
    }
    if (digits + padding != 4)
        return fail(text.size());
    bytes.push_back(static_cast<char>(group >> (digits == 3 ? 10 : 4)));
    if (digits == 3)
        bytes.push_back(static_cast<char>(group >> 2));
    out = std::move(bytes);
    return true;
}

} // namespace lambent::config::detail
