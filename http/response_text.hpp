#pragma once

#include <lambent/core/time.hpp>
#include <lambent/http/server.hpp>

#include <string>
#include <string_view>

namespace lambent::http {

/// What the wire shows of a response besides what the response says itself.
struct response_frame
{
    bool to_head = false;    ///< answers HEAD: no body, whatever its length says
    bool closes = false;     ///< "Connection: close"
    bool announces_keep_alive = false; ///< HTTP/1.0 must be told
};

/// Pure. May the body be sent (not for HEAD, 1xx, 204, 304)?
bool carries_body(const server_response& response, const response_frame& frame) noexcept;

/// Appends status line, fields and the empty line. `date` is the value of the Date field.
/// A field whose name or value would break the line's frame makes it false, and nothing is appended.
bool append_head(std::string& out, const server_response& response, const response_frame& frame, std::string_view date);

/// IMF-fixdate (RFC 9110 section 5.6.7), recomputed once a second.
class date_text
{
public:
    std::string_view at(core::wall_time now);

private:
    std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();
    std::string text_;
};

} // namespace lambent::http
