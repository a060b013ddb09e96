#pragma once

#include <lambent/http/headers.hpp>
#include <lambent/http/url.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace lambent::http {

/// What is sent. Borrows; everything named must outlive the exchange.
///
/// The client writes `Host` and `Content-Length` itself; a request that carries them, a header with CR, LF or NUL,
/// or a target with blanks or controls is refused (`errc::invalid_request`) before a connection is touched.
struct request_view
{
    std::string_view method = "GET";
    std::string_view target = "/";              ///< origin-form, already percent-encoded
    const http::headers* fields = nullptr;      ///< may be null
    std::string_view body;
    std::uint64_t lane = 0;                     ///< see `request_source::lane`
};

} // namespace lambent::http
