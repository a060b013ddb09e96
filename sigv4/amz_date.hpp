#pragma once

#include <lambent/core/time.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::sigv4 {

/// "20150830T123600Z" (ISO 8601 basic, UTC, whole seconds, truncated). False outside the years 1 to 9999; then nothing is appended.
bool append_amz_date(std::string& out, core::wall_time at);
/// The inverse, strict; nullopt for anything else.
std::optional<core::wall_time> parse_amz_date(std::string_view text);

/// "Sun, 30 Aug 2015 12:36:00 GMT" (RFC 9110 §5.6.7, the one form that is sent today), as the Date header of a response has it.
std::optional<core::wall_time> parse_http_date(std::string_view text);

} // namespace lambent::sigv4
