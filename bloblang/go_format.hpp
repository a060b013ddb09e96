#pragma once

#include <lambent/data/value.hpp>

#include <span>
#include <string>
#include <string_view>

namespace lambent::bloblang {

/// Go's fmt.Sprintf, its complaints included (`%!d(string=x)`, `%!v(MISSING)`). Result and widths are bounded: see the .cpp.
std::string go_format(std::string_view format, std::span<const data::value> args);
/// Go's fmt.Sprint of one value (%v): null is <nil>, containers are [1 a] and map[a:1].
std::string go_print(const data::value& v);

} // namespace lambent::bloblang
