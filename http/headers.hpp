#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::http {

/// One field; what may stand in it is checked when it is sent.
struct header
{
    std::string name;
    std::string value;
    friend bool operator==(const header&, const header&) = default;
};

/// A flat list in wire order; names compare without case; a name may stand more than once.
class headers
{
public:
    headers() = default;
    headers(std::initializer_list<header> list) : list_(list) {}

    void add(std::string_view name, std::string_view value) { list_.push_back({std::string(name), std::string(value)}); }
    /// Replaces every header of that name by one.
    void set(std::string_view name, std::string_view value);
    void erase(std::string_view name);
    /// The first of that name.
    std::optional<std::string_view> get(std::string_view name) const noexcept;
    bool contains(std::string_view name) const noexcept { return get(name).has_value(); }

    auto begin() const noexcept { return list_.begin(); }
    auto end() const noexcept { return list_.end(); }
    std::size_t size() const noexcept { return list_.size(); }
    void clear() noexcept { list_.clear(); }

    friend bool operator==(const headers&, const headers&) = default;

private:
    std::vector<header> list_;
};

/// Of two texts of one length.
bool same_letters(std::string_view a, std::string_view b) noexcept;
/// ASCII only, as field names are. Most pairs differ in length already.
inline bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept { return a.size() == b.size() && same_letters(a, b); }

} // namespace lambent::http
