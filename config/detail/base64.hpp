#pragma once

#include <string>
#include <string_view>

namespace lambent::config::detail {

/// Standard alphabet with padding (RFC 4648 §4); line breaks are skipped, as Go's decoder does. On failure `bad_at` is the offset
/// of the first wrong byte.
bool decode_base64(std::string_view text, std::string& out, std::size_t* bad_at = nullptr);

} // namespace lambent::config::detail
