#include <lambent/config/detail/lint_rules.hpp>

#include <algorithm>
#include <numeric>

namespace lambent::config {
namespace {

/// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

} // namespace

std::string nearest_name(std::string_view wrong, const std::vector<std::string>& names)
{
    constexpr std::size_t name_bytes_max = 64; // no field is longer; bounds the work on garbage
    if (wrong.size() < 3 || wrong.size() > name_bytes_max)
        return {};
    std::string best;
    std::size_t best_distance = wrong.size() / 3 + 1;
    for (const std::string& name : names) {
        const std::size_t d = distance(wrong, name);
        if (d < best_distance) {
            best_distance = d;
            best = name;
        }
    }
    if (!best.empty())
        return best;
    for (const std::string& name : names)
        if (name.starts_with(wrong)) // addr for address
            return name;
    return {};
}

std::string detail::suggestion(std::string_view wrong, const std::vector<std::string>& names)
{
    const std::string name = nearest_name(wrong, names);
    return name.empty() ? name : "did you mean `" + name + "`?";
}

} // namespace lambent::config
