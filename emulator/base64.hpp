#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lambent::emulator {

/// RFC 4648 §4, with padding.
std::string encode_base64(std::string_view bytes);
/// Strict: padding required, no white space, unused bits zero. Nothing where `text` is not base64.
std::optional<std::string> decode_base64(std::string_view text);

} // namespace lambent::emulator
