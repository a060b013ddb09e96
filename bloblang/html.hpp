#pragma once

#include <string>
#include <string_view>

namespace lambent::bloblang {

/// Go's html.EscapeString and html.UnescapeString.
std::string html_escaped(std::string_view text);
std::string html_unescaped(std::string_view text);

/// "name characters\n" for every named reference, `name` with its semicolon where it needs one; sorted by name.
std::string_view html_entity_lines() noexcept;

} // namespace lambent::bloblang
