#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Keys are short and mostly differ in their first byte: what memcmp costs is mostly its call.
namespace lambent::data::detail {

template <class Word>
bool same_word(const char* a, const char* b) noexcept
{
    Word left;
    Word right;
    std::memcpy(&left, a, sizeof left);
    std::memcpy(&right, b, sizeof right);
    return left == right;
}

/// Words that may overlap, up to 16 bytes.
inline bool same_bytes(const char* a, const char* b, std::size_t size) noexcept
{
    if (size > 16)
        return std::memcmp(a, b, size) == 0;
    if (size >= 8)
        return same_word<std::uint64_t>(a, b) && same_word<std::uint64_t>(a + size - 8, b + size - 8);
    if (size >= 4)
        return same_word<std::uint32_t>(a, b) && same_word<std::uint32_t>(a + size - 4, b + size - 4);
    return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

inline bool same_key(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size() && same_bytes(a.data(), b.data(), a.size());
}

/// Bytewise: is `a` before `b`?
inline bool key_before(std::string_view a, std::string_view b) noexcept
{
    if (a.empty() || b.empty())
        return a.size() < b.size();
    if (a.front() != b.front())
        return static_cast<unsigned char>(a.front()) < static_cast<unsigned char>(b.front());
    return a < b;
}

} // namespace lambent::data::detail
