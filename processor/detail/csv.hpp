#pragma once

#include <lambent/core/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lambent::processor {

/// All records of a CSV text by the rules of Go's encoding/csv (RFC 4180): quoted fields may hold the delimiter, line breaks and
/// doubled quotes; empty lines are passed by; CR LF inside a field becomes LF. Records after the first must have as many fields.
/// @param delimiter  one character, in UTF-8.
/// Errors are Go's words with line and column: `record on line 3: wrong number of fields`.
core::result<std::vector<std::vector<std::string>>> read_csv(std::string_view text, std::string_view delimiter);

} // namespace lambent::processor
