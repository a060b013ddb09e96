#include <lambent/http/headers.hpp>

#include <algorithm>

namespace lambent::http {
namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

} // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size()
        && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
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
