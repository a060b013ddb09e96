#pragma once

#include <lambent/data/detail/block_pool.hpp>
#include <lambent/data/value.hpp>

#include <cstddef>
#include <vector>

namespace lambent::data::detail {

struct array_node : value::node, pooled<array_node>
{
    std::vector<value> items;
};

using member_list = std::vector<member, pool_allocator<member>>;

struct object_node : value::node, pooled<object_node>
{
    member_list members; ///< sorted by key, without duplicates
};

/// Sorts by key; of equal keys the last one stays.
void order_members(member_list& members);

} // namespace lambent::data::detail
