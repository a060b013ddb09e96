#pragma once

#include <lambent/bloblang/failure.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lambent::bloblang {

using csv_records = std::vector<std::vector<std::string>>;

/// Go's encoding/csv Reader.ReadAll, its words included. All records have as many fields as the first one.
std::variant<csv_records, problem> read_csv(std::string_view text, char32_t delimiter, bool lazy_quotes);

} // namespace lambent::bloblang
