#pragma once

#include <string>
#include <string_view>

namespace lambent::stream {

/// As Go's %q: double quotes, escapes for what is not printable.
void append_go_quoted(std::string& out, std::string_view text);
/// "no such file or directory": strerror in Go's lower case.
std::string errno_text(int number);

} // namespace lambent::stream
