#pragma once

#include <array>
#include <string_view>

namespace lambent::bloblang {

inline constexpr std::array<std::string_view, 12> month_names = {"January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December"};
inline constexpr std::array<std::string_view, 7> day_names = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

} // namespace lambent::bloblang
