#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::emulator {

/// Nesting beyond this is refused, as the service's own parser does.
inline constexpr std::size_t json_depth_max = 1000;

/// Why a text is not one JSON document (RFC 8259, UTF-8 only), in the words of the service's parser.
struct json_flaw
{
    std::string message;
    std::size_t offset = 0; ///< of the offending byte
};

/// Nothing where `text` is exactly one JSON document, white space around it allowed.
std::optional<json_flaw> find_json_flaw(std::string_view text);

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_quoted(std::string& out, std::string_view text);

/// Length of the well-formed UTF-8 sequence at the start of `text` (RFC 3629); 0 where there is none.
std::size_t utf8_length(std::string_view text) noexcept;

} // namespace lambent::emulator
