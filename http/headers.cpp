#include <lambent/http/headers.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lambent::http {
namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_lowered(const char* a, const char* b, std::size_t size) noexcept
{
    return std::equal(a, a + size, b, [](char x, char y) { return lower(x) == lower(y); });
}

/// Eight at a time: where they differ in nothing but the bit of the case, each must be a letter.
bool same_eight(const char* a, const char* b) noexcept
{
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t tops = ones * 0x80;
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    std::memcpy(&x, a, 8);
    std::memcpy(&y, b, 8);
    const std::uint64_t difference = x ^ y;
    if (difference == 0)
        return true;
    if ((difference & ~(ones * 0x20)) != 0)
        return false;
    if ((x & tops) != 0)
        return same_lowered(a, b, 8);
    // Below 0x80 no sum carries into the next byte: the top bits say "at least a" and "behind z".
    const std::uint64_t low = x | ones * 0x20;
    const std::uint64_t letters = (low + ones * (0x80 - 'a')) & ~(low + ones * (0x80 - 'z' - 1)) & tops;
    return ((difference << 2) & ~letters) == 0;
}

} // namespace

bool same_letters(std::string_view a, std::string_view b) noexcept
{
    const std::size_t size = a.size();
    if (size < 8)
        return same_lowered(a.data(), b.data(), size);
    for (std::size_t at = 0; at + 8 < size; at += 8)
        if (!same_eight(a.data() + at, b.data() + at))
            return false;
    return same_eight(a.data() + size - 8, b.data() + size - 8);
}

void headers::set(std::string_view name, std::string_view value)
{
    const auto same = [name](const header& h) { return equal_ignoring_case(h.name, name); };
    const auto first = std::find_if(list_.begin(), list_.end(), same);
    if (first == list_.end()) {
        add(name, value);
        return;
    }
    first->value = value;
    list_.erase(std::remove_if(first + 1, list_.end(), same), list_.end());
}

void headers::erase(std::string_view name)
{
    std::erase_if(list_, [name](const header& h) { return equal_ignoring_case(h.name, name); });
}

std::optional<std::string_view> headers::get(std::string_view name) const noexcept
{
    for (const header& h : list_)
        if (equal_ignoring_case(h.name, name))
            return h.value;
    return std::nullopt;
}

} // namespace lambent::http
