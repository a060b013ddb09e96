#pragma once

#include <lambent/bloblang/failure.hpp>
#include <lambent/data/value.hpp>

#include <string_view>

namespace lambent::bloblang {

/// Is `schema` a JSON Schema, with everything below it? Null, or the first fault: "minLength must be of an integer".
problem check_schema_form(const data::value& schema);

/// What `#/definitions/x` leads to inside of `root`. Null with the missing key in `missing` when it leads nowhere.
const data::value* schema_reference(const data::value& root, std::string_view reference, std::string& missing);

} // namespace lambent::bloblang
