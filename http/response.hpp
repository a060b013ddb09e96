#pragma once

#include <lambent/http/headers.hpp>

#include <string>

namespace lambent::http {

/// A complete response; owns its bytes.
struct response
{
    int status = 0;
    std::string reason;
    http::headers fields;
    std::string body;
};

} // namespace lambent::http
