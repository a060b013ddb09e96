#include <lambent/aws/session.hpp>

#include <lambent/aws/credentials_sources.hpp>
#include <lambent/aws/detail/profile_keys.hpp>
#include <lambent/aws/errc.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/http/headers.hpp>

#include <charconv>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace lambent::aws {
namespace {

core::error unusable(std::string why)
{
    return {errc::invalid_configuration, std::move(why)};
}

std::string variable(const environment& from, std::string_view name)
{
    return from.variable(name).value_or(std::string());
}

std::string first_set(std::initializer_list<std::string> values)
{
    for (const std::string& value : values)
        if (!value.empty())
            return value;
    return {};
}

// One setting that two places can make; the environment's wins.
struct twin
{
    std::string_view variable;
    std::string_view key;
};

struct found_value
{
    std::string text;
    std::string_view name;
};

found_value find(const environment& from, const profile_section& profile, const twin& where)
{
    if (std::string text = variable(from, where.variable); !text.empty())
        return {std::move(text), where.variable};
    return {std::string(setting(profile, where.key)), where.key};
}

core::result<bool> flag(const environment& from, const profile_section& profile, const twin& where)
{
    const found_value value = find(from, profile, where);
    if (value.text.empty() || http::equal_ignoring_case(value.text, "false"))
        return false;
    if (http::equal_ignoring_case(value.text, "true"))
        return true;
    return unusable("invalid value for " + std::string(value.name) + ", " + value.text + ": it must be true or false");
}

core::result<void> settle_retries(lambda_options& options, const environment& from, const profile_section& profile)
{
    const found_value value = find(from, profile, {"AWS_MAX_ATTEMPTS", "max_attempts"});
    if (value.text.empty())
        return {};
    unsigned attempts = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [stop, failed] = std::from_chars(value.text.data(), end, attempts);
    if (failed != std::errc{} || stop != end || attempts == 0)
        return unusable("invalid value for " + std::string(value.name) + ", " + value.text + ": it must be a number of attempts, 1 or more");
    options.retry.retries = attempts - 1;
    return {};
}

core::result<void> settle_endpoint(
    lambda_options& options, const environment& from, const profile_file& files, const profile_section& profile, const session_settings& settings)
{
    const auto fips = flag(from, profile, {"AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"});
    if (!fips)
        return fips.error();
    const auto dual_stack = flag(from, profile, {"AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"});
    if (!dual_stack)
        return dual_stack.error();
    const auto ignore = flag(from, profile, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"});
    if (!ignore)
        return ignore.error();
    options.fips = *fips;
    options.dual_stack = *dual_stack;
    options.endpoint = settings.endpoint;
    if (!options.endpoint.empty() || *ignore)
        return {};
    std::string of_service;
    if (const auto services = files.services.find(setting(profile, "services")); services != files.services.end())
        of_service = setting(services->second, "lambda.endpoint_url");
    options.endpoint = first_set({variable(from, "AWS_ENDPOINT_URL_LAMBDA"), variable(from, "AWS_ENDPOINT_URL"), of_service,
        std::string(setting(profile, "endpoint_url"))});
    return {};
}

core::result<void> settle_ca(lambda_options& options, const environment& from, const profile_section& profile, const session_settings& settings)
{
    options.http.tls.ca_file = first_set({settings.ca_file, find(from, profile, {"AWS_CA_BUNDLE", "ca_bundle"}).text});
    if (options.http.tls.ca_file.empty())
        return {};
    if (auto readable = from.read_file(options.http.tls.ca_file); !readable)
        return unusable("failed to load custom CA bundle file, " + readable.error().text());
    return {};
}

// What would be asked behind the shared files, were it there: refused by name, so that nobody is left to wonder.
std::optional<core::error> later_source(const environment& from)
{
    for (const std::string_view name :
        {"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"})
        if (!variable(from, name).empty())
            return unusable("credentials from " + std::string(name)
                + " are not supported yet: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a profile that holds its keys");
    return std::nullopt;
}

core::error nothing_found(const environment& from)
{
    if (http::equal_ignoring_case(variable(from, "AWS_EC2_METADATA_DISABLED"), "true"))
        return {errc::no_credentials,
            "no EC2 IMDS role found, operation error ec2imds: GetMetadata, access disabled to EC2 IMDS via client option, or "
            "\"AWS_EC2_METADATA_DISABLED\" environment variable"};
    return {errc::no_credentials,
        "no credentials found: set the fields credentials.id and credentials.secret, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a "
        "profile in ~/.aws/credentials (roles of instances and containers are not supported yet)"};
}

core::result<std::shared_ptr<credentials_source>> settle_credentials(
    const environment& from, const profile_section& profile, const std::string& name, const session_settings& settings)
{
    if (settings.profile.empty()) {
        if (!settings.id.empty())
            return make_static_source(credentials{settings.id, settings.secret, settings.token, std::nullopt});
        if (auto keys = environment_credentials(from))
            return make_static_source(std::move(*keys));
        if (!variable(from, "AWS_WEB_IDENTITY_TOKEN_FILE").empty())
            return std::move(*later_source(from));
    }
    auto keys = profile_credentials(profile, name);
    if (!keys)
        return keys.error();
    if (*keys)
        return make_profile_source(from, name, std::move(**keys));
    if (auto later = later_source(from))
        return std::move(*later);
    return make_static_source(nothing_found(from));
}

} // namespace

core::result<std::shared_ptr<credentials_source>> resolve(lambda_options& options, const environment& from, const session_settings& settings)
{
    auto files = load_profiles(from);
    if (!files)
        return files.error();
    const std::string named = first_set({settings.profile, variable(from, "AWS_PROFILE")});
    const std::string name = first_set({named, variable(from, "AWS_DEFAULT_PROFILE"), "default"});
    const auto found = files->profiles.find(name);
    if (found == files->profiles.end() && !named.empty())
        return unusable("failed to get shared config profile, " + name);
    const profile_section& profile = found == files->profiles.end() ? files->profiles[name] : found->second;

    options.region = first_set({settings.region, variable(from, "AWS_REGION"), variable(from, "AWS_DEFAULT_REGION"), std::string(setting(profile, "region"))});
    if (auto settled = settle_endpoint(options, from, *files, profile, settings); !settled)
        return settled.error();
    if (auto settled = settle_ca(options, from, profile, settings); !settled)
        return settled.error();
    if (settings.retries_from_environment)
        if (auto settled = settle_retries(options, from, profile); !settled)
            return settled.error();
    // Inside a function: the service finds loops of functions by the trace it passed in.
    if (!variable(from, "AWS_LAMBDA_FUNCTION_NAME").empty())
        options.trace_id = variable(from, "_X_AMZN_TRACE_ID");
    return settle_credentials(from, profile, name, settings);
}

} // namespace lambent::aws
