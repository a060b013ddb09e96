#pragma once

#include <lambent/data/value.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lambent::processor::jmespath {

/// A parsed expression: a tree of these.
struct node
{
    enum class what : std::uint8_t {
        empty,             ///< what an index too large for a number leaves behind; cannot be evaluated
        comparator,        ///< two children
        current,
        reference,         ///< &expression
        call,              ///< name; children are the arguments
        field,             ///< name
        filter_projection, ///< list, right side, condition
        flatten,
        identity,
        index,             ///< number
        left_right,        ///< the right child on the left one's result: sub-expression, index expression, pipe
        pair,              ///< name, one child; inside select_hash only
        literal,
        select_hash,
        select_list,
        or_,
        and_,
        not_,
        projection,
        slice,             ///< bounds
        value_projection,
    };
    enum class comparison : std::uint8_t { less, at_most, more, at_least, equal, unequal };

    what kind = what::empty;
    comparison compared = comparison::equal;
    bool named = false;     ///< a call has a name only where its left side was a field
    std::int64_t number = 0;
    std::array<std::optional<std::int64_t>, 3> bounds{};
    std::string name;
    data::value literal;
    std::vector<node> children;
};

} // namespace lambent::processor::jmespath
