#pragma once

#include <lambent/core/error.hpp>
#include <lambent/data/value.hpp>
#include <lambent/processor/jmespath/tree.hpp>

#include <string_view>

namespace lambent::processor::jmespath {

/// A compiled JMESPath expression. Immutable.
///
/// @see https://jmespath.org/specification.html. Where the original's library departs from it, so does this: a wildcard over
/// an object evaluates its right side on null first, once per member (which shows in errors of functions only).
class query
{
public:
    /// The error is the original's, "SyntaxError: ..." or the words of Go's JSON and number readers.
    static core::result<query> compile(std::string_view expression);

    /// `document` has its numbers as float64. Members of objects are visited in key order.
    core::result<data::value> search(const data::value& document) const;

private:
    explicit query(node root) : root_(std::move(root)) {}

    node root_;
};

} // namespace lambent::processor::jmespath
