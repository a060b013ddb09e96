#pragma once

#include <lambent/bloblang/failure.hpp>
#include <lambent/data/value.hpp>

#include <string>
#include <vector>

namespace lambent::bloblang {

/// Sets (or, for deleted(), removes) what `path` leads to below `root`, making objects on the way where there is nothing or null.
/// Array elements are addressed by index; `-` appends.
problem assign_path(data::value& root, const std::vector<std::string>& path, data::value v);

} // namespace lambent::bloblang
