#pragma once

#include <lambent/aws/credentials.hpp>
#include <lambent/aws/environment.hpp>
#include <lambent/core/error.hpp>

#include <memory>
#include <string>

namespace lambent::aws {

struct lambda_options;

/// What a component's fields or a command's flags say; empty: not said.
struct session_settings
{
    std::string region;
    std::string endpoint;
    std::string profile;
    std::string id;          ///< with a profile, the three keys are ignored; a secret or token without an id too
    secret_string secret;
    secret_string token;
    std::string ca_file;
    bool retries_from_environment = false; ///< AWS_MAX_ATTEMPTS and the profile's max_attempts set `retry.retries`
};

/// Settles what a client needs from settings, environment and the shared files, in that order of rank:
///
///   region     setting > AWS_REGION > AWS_DEFAULT_REGION > profile's region; none is not an error here
///   endpoint   setting > AWS_ENDPOINT_URL_LAMBDA > AWS_ENDPOINT_URL > profile's services > profile's endpoint_url > computed;
///              AWS_IGNORE_CONFIGURED_ENDPOINT_URLS (or the profile's ignore_configured_endpoint_urls) leaves first and last
///   keys       profile setting > id setting > AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY > profile (AWS_PROFILE, AWS_DEFAULT_PROFILE, default)
///   CA bundle  setting > AWS_CA_BUNDLE > profile's ca_bundle
///   FIPS and dual stack: AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT > profile's
///
/// Reads files, does not connect. `from` must outlive the source that is returned.
/// @return the credentials' source; it answers with an error where there are none, at each call, as the original does. Errors here end
///         the start: a named profile that does not exist ("failed to get shared config profile, <name>"), half a pair of keys, a source of
///         credentials that is not supported, an unreadable file, a value that is no number or no boolean.
core::result<std::shared_ptr<credentials_source>> resolve(
    lambda_options& options, const environment& from, const session_settings& settings);

} // namespace lambent::aws
