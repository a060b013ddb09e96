#pragma once

#include <string>
#include <string_view>

namespace lambent::sigv4 {

/// RFC 3986 §2.3: A-Z a-z 0-9 - . _ ~
bool is_unreserved(unsigned char c) noexcept;

/// Every byte outside the unreserved ones becomes %XX, upper case. `keep` names one further byte that stays ('/' in paths).
void append_encoded(std::string& out, std::string_view bytes, char keep = '\0');

/// The inverse; a '%' without two hex digits behind it stands for itself, '+' too (it is a blank in forms only).
void append_decoded(std::string& out, std::string_view text);

/// Removes "." and ".." segments and empty ones; keeps a final slash. The result begins with '/'.
void append_normalized_path(std::string& out, std::string_view path);

} // namespace lambent::sigv4
