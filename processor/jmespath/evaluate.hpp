#pragma once

#include <lambent/core/error.hpp>
#include <lambent/data/value.hpp>
#include <lambent/processor/jmespath/tree.hpp>

#include <span>
#include <string_view>

namespace lambent::processor::jmespath {

/// What an expression gives: a value, or a reference to an expression (&x), which only functions can use.
struct outcome
{
    data::value value;
    const node* reference = nullptr; ///< into the compiled expression; as a value it is an empty object
};

core::result<outcome> evaluate(const node& expression, const data::value& on);

/// False are: false, null, and whatever is empty.
bool is_false(const outcome& what) noexcept;
/// Deep equality of values whose numbers are float64.
bool equal(const outcome& a, const outcome& b) noexcept;

core::result<outcome> call_function(std::string_view name, std::span<const outcome> arguments);

} // namespace lambent::processor::jmespath
