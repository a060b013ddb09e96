#pragma once

#include <lambent/core/error.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lambent::cli {

/// An HTTP request as a text: request line, headers, an empty line, and the body, which is all that remains.
struct raw_request
{
    using header_list = std::vector<std::pair<std::string, std::string>>;

    std::string method;
    std::string target;      ///< literally: blanks in it are kept
    std::string version;     ///< "HTTP/1.1"; may be empty
    header_list headers;     ///< values as written, without the blanks around them; a folded value keeps its line breaks as "\n"
    std::string body;
    std::string line_end = "\n"; ///< as the request line ended: "\n" or "\r\n"

    /// The first of that name, without case; null: none.
    const std::string* header(std::string_view name) const noexcept;
    void erase(std::string_view name);
    std::string_view path() const noexcept;
    std::string_view query() const noexcept;
};

/// Lines end in LF or CRLF. Errors name the line.
core::result<raw_request> parse_raw_request(std::string_view text);
std::string to_text(const raw_request& request);
/// A command line that sends it over HTTPS to its Host. An error where no command line can: no Host, or a body with NUL bytes.
core::result<std::string> to_curl(const raw_request& request);

} // namespace lambent::cli
