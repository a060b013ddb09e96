#include <lambent/aws/endpoint.hpp>
#include <lambent/aws/errc.hpp>

#include <support/catch.hpp>

using namespace lambent;
using namespace lambent::aws;

namespace {

std::string url(std::string_view region, bool fips = false, bool dual_stack = false)
{
    auto found = resolve_endpoint({region, {}, fips, dual_stack});
    return found ? found->url() : found.error().detail;
}

std::string custom(std::string_view text, std::string_view region = "us-east-1", bool fips = false, bool dual_stack = false)
{
    auto found = resolve_endpoint({region, text, fips, dual_stack});
    return found ? found->url() : found.error().detail;
}

} // namespace

TEST_CASE("endpoint: each partition has its suffix", "[aws][endpoint]")
{
    CHECK(url("us-east-1") == "https://lambda.us-east-1.amazonaws.com");
    CHECK(url("mx-central-1") == "https://lambda.mx-central-1.amazonaws.com");
    CHECK(url("cn-north-1") == "https://lambda.cn-north-1.amazonaws.com.cn");
    CHECK(url("us-gov-west-1") == "https://lambda.us-gov-west-1.amazonaws.com");
    CHECK(url("us-iso-east-1") == "https://lambda.us-iso-east-1.c2s.ic.gov");
    CHECK(url("us-isob-east-1") == "https://lambda.us-isob-east-1.sc2s.sgov.gov");
    CHECK(url("us-isof-south-1") == "https://lambda.us-isof-south-1.csp.hci.ic.gov");
    CHECK(url("eu-isoe-west-1") == "https://lambda.eu-isoe-west-1.cloud.adc-e.uk");
    CHECK(url("eusc-de-east-1") == "https://lambda.eusc-de-east-1.amazonaws.eu");
    CHECK(url("xx-new-9") == "https://lambda.xx-new-9.amazonaws.com");
}

TEST_CASE("endpoint: FIPS and dual stack, where the partition has them", "[aws][endpoint]")
{
    CHECK(url("us-east-1", true) == "https://lambda-fips.us-east-1.amazonaws.com");
    CHECK(url("us-east-1", false, true) == "https://lambda.us-east-1.api.aws");
    CHECK(url("us-east-1", true, true) == "https://lambda-fips.us-east-1.api.aws");
    CHECK(url("cn-north-1", false, true) == "https://lambda.cn-north-1.api.amazonwebservices.com.cn");
    CHECK(url("us-iso-east-1", false, true)
        == "failed to resolve service endpoint, endpoint rule error, DualStack is enabled but this partition does not support DualStack");
    CHECK(url("us-iso-east-1", true, true)
        == "failed to resolve service endpoint, endpoint rule error, FIPS and DualStack are enabled, but this partition does not support one or both");
}

TEST_CASE("endpoint: a custom one is taken as it stands, without a final slash", "[aws][endpoint]")
{
    CHECK(custom("http://127.0.0.1:4566") == "http://127.0.0.1:4566");
    CHECK(custom("http://h/base/path/") == "http://h/base/path");
    CHECK(custom("http://h/") == "http://h");
    CHECK(custom("https://h:443") == "https://h");
    CHECK(custom("http://[::1]:8080") == "http://[::1]:8080");
    CHECK(custom("http://127.0.0.1:1", "") == "http://127.0.0.1:1");
    auto found = resolve_endpoint({"us-east-1", "https://proxy.example:8443/x", false, false});
    REQUIRE(found);
    CHECK(found->origin.tls);
    CHECK(found->origin.port == 8443);
    CHECK(found->base_path == "/x");
}

TEST_CASE("endpoint: what cannot be used is refused in the original's words", "[aws][endpoint]")
{
    CHECK(url("") == "failed to resolve service endpoint, endpoint rule error, Invalid Configuration: Missing Region");
    CHECK(custom("127.0.0.1:4566") == "failed to resolve service endpoint, Failed to parse uri: 127.0.0.1:4566");
    CHECK(custom("http://h", "us-east-1", true)
        == "failed to resolve service endpoint, endpoint rule error, Invalid Configuration: FIPS and custom endpoint are not supported");
    CHECK(custom("http://h", "us-east-1", false, true)
        == "failed to resolve service endpoint, endpoint rule error, Invalid Configuration: Dualstack and custom endpoint are not supported");
    CHECK(custom("http://h", "not a region!") == "failed to bind endpoint params, invalid input region not a region!");
    CHECK(custom("ftp://h").find("Failed to parse uri: ftp://h (") != std::string::npos);
    CHECK(custom("http://h/?a=b").find("an endpoint has no query") != std::string::npos);
    CHECK(resolve_endpoint({"", {}, false, false}).error().code == errc::invalid_configuration);
}

TEST_CASE("endpoint: a region that is no DNS label never reaches a host name", "[aws][endpoint]")
{
    for (const std::string_view region : {"us-east-1.evil.example", "us/east", "us-east-1:80", "a@b", "-us", "us-", "us_east_1", "h\xc3\xa9",
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
        CHECK_FALSE(is_region_name(region));
        CHECK(url(region) == "failed to bind endpoint params, invalid input region " + std::string(region));
    }
    CHECK(is_region_name("us-east-1"));
}
