#include <lambent/config/detail/lint_rules.hpp>

#include <algorithm>
#include <numeric>

namespace lambent::config {
namespace {

/// Edits of one character, swapped neighbours counting once ("lable").
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::vector<std::size_t> row(b.size() + 1, i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = std::move(last);
        last = std::move(row);
    }
    return last.back();
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
        if (d > 0 && d < best_distance) {
            best_distance = d;
            best = name;
        }
    }
    if (!best.empty())
        return best;
    for (const std::string& name : names)
        if (name.starts_with(wrong) && name != wrong) // addr for address
            return name;
    return {};
}

std::string detail::suggestion(std::string_view wrong, const std::vector<std::string>& names)
{
    const std::string name = nearest_name(wrong, names);
    return name.empty() ? name : "did you mean `" + name + "`?";
}

} // namespace lambent::config
