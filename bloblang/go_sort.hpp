#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace lambent::bloblang {

/// Is element `left` before element `right`? The places are where the two stand now, as Go's sort.Slice would index them.
using element_order = std::function<bool(std::size_t left, std::size_t right, std::size_t left_place, std::size_t right_place)>;

/// The order that Go's sort.Slice gives to `count` elements (pattern-defeating quicksort: equal elements keep no order, but
/// always the same one). Makes the same comparisons in the same sequence, so that the first failing one is the same, too.
std::vector<std::size_t> go_sort(std::size_t count, const element_order& less);

} // namespace lambent::bloblang
