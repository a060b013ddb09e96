#include <lambent/http/response.hpp>

#include <utility>

namespace lambent::http {

std::optional<std::string_view> response_view::get(std::string_view name) const noexcept
{
    for (const field_view& field : fields)
        if (equal_ignoring_case(field.name, name))
            return field.value;
    return std::nullopt;
}

response response_view::own() const
{
    response out;
    out.status = status;
    out.reason = reason;
    for (const field_view& field : fields)
        out.fields.add(field.name, field.value);
    if (body_storage != nullptr)
        out.body = std::move(*body_storage);
    else
        out.body = body;
    return out;
}

} // namespace lambent::http
