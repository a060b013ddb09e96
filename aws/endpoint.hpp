#pragma once

#include <lambent/core/error.hpp>
#include <lambent/http/url.hpp>

#include <string>
#include <string_view>

namespace lambent::aws {

/// Where Lambda is.
struct endpoint
{
    http::origin origin;
    std::string base_path; ///< percent-encoded, without a final slash; may be empty

    std::string url() const; ///< scheme://authority/base
};

struct endpoint_question
{
    std::string_view region;
    std::string_view custom; ///< base URL; empty: computed from the region
    bool fips = false;
    bool dual_stack = false;
};

/// The service's endpoint rules: a custom URL as it stands, else lambda[-fips].<region>.<suffix of the region's partition>.
///
/// @return invalid_configuration in the words of the AWS SDK for Go: "failed to resolve service endpoint, endpoint rule error,
///         Invalid Configuration: Missing Region".
/// @source the service's endpoint rule set and the SDKs' partition list.
core::result<endpoint> resolve_endpoint(const endpoint_question& question);

/// One DNS label (RFC 1123 §2.1): what may stand in a host name. Region names come from configuration, so nothing else is let in.
bool is_region_name(std::string_view region) noexcept;

} // namespace lambent::aws
