#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lambent::core {

/// Lower case.
std::string to_hex(std::string_view bytes);
/// Either case; nullopt for an odd length or another character.
std::optional<std::string> from_hex(std::string_view text);

/// RFC 4648 §4, padded.
std::string to_base64(std::string_view bytes);
/// RFC 4648 §4, strict: padded, no blanks, no bits in the padding.
std::optional<std::string> from_base64(std::string_view text);

/// The same bytes as text.
inline std::string_view as_text(std::span<const unsigned char> bytes) noexcept
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace lambent::core
