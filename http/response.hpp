#pragma once

#include <lambent/http/headers.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lambent::http {

/// A complete response; owns its bytes.
struct response
{
    int status = 0;
    std::string reason;
    http::headers fields;
    std::string body;
};

/// One header field, borrowed; blanks round the value are gone.
struct field_view
{
    std::string_view name;
    std::string_view value;
};

/// A complete response, borrowed from the connection it came over: valid during one call of `response_sink::take`.
struct response_view
{
    int status = 0;
    std::string_view reason;
    std::span<const field_view> fields;
    std::string_view body;
    std::string* body_storage = nullptr; ///< not null where the body stands alone in a string, which may be moved from

    /// The first of that name.
    std::optional<std::string_view> get(std::string_view name) const noexcept;
    /// A copy that owns its bytes; moves the body where it can.
    response own() const;
};

} // namespace lambent::http
