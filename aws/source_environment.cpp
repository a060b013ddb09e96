#include <lambent/aws/credentials_sources.hpp>

#include <initializer_list>
#include <string_view>

namespace lambent::aws {
namespace {

std::string first_of(const environment& from, std::initializer_list<std::string_view> names)
{
    for (const std::string_view name : names)
        if (auto value = from.variable(name); value && !value->empty())
            return std::move(*value);
    return {};
}

} // namespace

std::optional<credentials> environment_credentials(const environment& from)
{
    credentials found;
    found.id = first_of(from, {"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"});
    found.secret = secret_string(first_of(from, {"AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"}));
    found.token = secret_string(first_of(from, {"AWS_SESSION_TOKEN"}));
    if (found.id.empty() || found.secret.empty())
        return std::nullopt;
    return found;
}

} // namespace lambent::aws
