#pragma once

#include <lambent/bloblang/mapping.hpp>
#include <lambent/processor/context.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::processor {

/// A mapping from a field's text. The error is `before` and the parser's words without a place, as the original has it.
core::result<bloblang::mapping> parse_mapping(const context& who, std::string_view text, std::string_view before);

/// The same for a field that may be empty: then nothing.
core::result<std::optional<bloblang::mapping>> parse_optional_mapping(
    const context& who, std::string_view text, std::string_view before);

/// A string with ${! } parts.
core::result<bloblang::interpolation> parse_text(const context& who, std::string_view text, std::string_view before);

/// The field of a config cannot be used, and why.
core::error unusable(std::string why);

/// The same for element `index` of a list: "case '1' parse error: ...". Errors of the config's reader name their field and stay.
core::error of_element(std::string_view what, std::size_t index, const core::error& why);

/// What Go's %T says of a value: "map[string]interface {}", "json.Number", "<nil>". The recorded error texts have these names.
std::string_view go_type_name(const data::value& v) noexcept;

} // namespace lambent::processor
