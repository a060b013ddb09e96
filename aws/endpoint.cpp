#include <lambent/aws/endpoint.hpp>

#include <lambent/aws/errc.hpp>

#include <algorithm>

namespace lambent::aws {
namespace {

struct partition
{
    std::string_view region_prefix;
    std::string_view suffix;
    std::string_view dual_stack_suffix; ///< empty: the partition has none
};

// The longer prefixes stand before those they begin with. Every partition has FIPS endpoints by the rules.
constexpr partition partitions[] = {
    {"us-gov-", "amazonaws.com", "api.aws"},
    {"us-isob-", "sc2s.sgov.gov", ""},
    {"us-isof-", "csp.hci.ic.gov", ""},
    {"us-iso-", "c2s.ic.gov", ""},
    {"eu-isoe-", "cloud.adc-e.uk", ""},
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
};
// The standard one, also for regions that nobody knows yet.
constexpr partition standard{"", "amazonaws.com", "api.aws"};

const partition& partition_of(std::string_view region) noexcept
{
    for (const partition& one : partitions)
        if (region.starts_with(one.region_prefix))
            return one;
    return standard;
}

core::error unusable(std::string why)
{
    return {errc::invalid_configuration, std::move(why)};
}

core::error broken_rule(std::string_view why)
{
    return unusable("failed to resolve service endpoint, endpoint rule error, " + std::string(why));
}

core::result<endpoint> custom_endpoint(std::string_view text)
{
    auto parsed = http::url::parse(text);
    std::string refused = "failed to resolve service endpoint, Failed to parse uri: " + std::string(text);
    if (!parsed) {
        if (text.find("://") == text.npos)
            return unusable(std::move(refused));
        return unusable(std::move(refused) + " (" + parsed.error().text() + ")");
    }
    if (!parsed->query.empty())
        return unusable(std::move(refused) + " (an endpoint has no query)");
    endpoint found;
    found.origin = std::move(parsed->origin);
    found.base_path = std::move(parsed->path);
    while (!found.base_path.empty() && found.base_path.back() == '/')
        found.base_path.pop_back();
    return found;
}

} // namespace

std::string endpoint::url() const
{
    return (origin.tls ? "https://" : "http://") + origin.authority() + base_path;
}

bool is_region_name(std::string_view region) noexcept
{
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; };
    return !region.empty() && region.size() <= 63 && std::all_of(region.begin(), region.end(), allowed) && region.front() != '-'
        && region.back() != '-';
}

core::result<endpoint> resolve_endpoint(const endpoint_question& question)
{
    if (!question.region.empty() && !is_region_name(question.region))
        return unusable("failed to bind endpoint params, invalid input region " + std::string(question.region));
    if (!question.custom.empty()) {
        if (question.fips)
            return broken_rule("Invalid Configuration: FIPS and custom endpoint are not supported");
        if (question.dual_stack)
            return broken_rule("Invalid Configuration: Dualstack and custom endpoint are not supported");
        return custom_endpoint(question.custom);
    }
    if (question.region.empty())
        return broken_rule("Invalid Configuration: Missing Region");
    const partition& where = partition_of(question.region);
    if (question.dual_stack && where.dual_stack_suffix.empty())
        return broken_rule(question.fips ? "FIPS and DualStack are enabled, but this partition does not support one or both"
                                         : "DualStack is enabled but this partition does not support DualStack");
    endpoint found;
    found.origin.tls = true;
    found.origin.port = 443;
    found.origin.host.append(question.fips ? "lambda-fips." : "lambda.").append(question.region).append(".");
    found.origin.host.append(question.dual_stack ? where.dual_stack_suffix : where.suffix);
    return found;
}

} // namespace lambent::aws
