#pragma once

#include <string_view>

namespace lambent::bloblang {

/// The `format` keyword of JSON Schema; formats that are not known hold for every text.
bool has_format(std::string_view text, std::string_view format);
bool is_known_format(std::string_view format);

} // namespace lambent::bloblang
