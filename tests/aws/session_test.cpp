#include <lambent/aws/errc.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/aws/session.hpp>

#include <sim/fake_environment.hpp>
#include <sim/world.hpp>
#include <support/catch.hpp>

using namespace lambent;
using namespace lambent::aws;

namespace {

constexpr std::string_view config_text = "[default]\nregion=eu-west-3\n\n[profile work]\nregion = ca-central-1\n\n"
                                         "[profile assumer]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = work\n\n"
                                         "[profile proc]\ncredential_process = /bin/echo {}\nregion = us-west-2\n\n"
                                         "[profile epurl]\nregion = sa-east-1\nendpoint_url = http://127.0.0.1:1\naws_access_key_id=AKIAEPURL\naws_secret_access_key=e\n\n"
                                         "[profile svc]\nregion = sa-east-1\nservices = s\nendpoint_url = http://127.0.0.1:3\naws_access_key_id=AKIASVC\naws_secret_access_key=e\n\n"
                                         "[services s]\nlambda =\n  endpoint_url = http://127.0.0.1:2\n\n"
                                         "[profile retry]\nmax_attempts=5\naws_access_key_id=AKIARETRY\naws_secret_access_key=e\n\n"
                                         "[profile ignoring]\nignore_configured_endpoint_urls = true\nendpoint_url = http://127.0.0.1:1\n";
constexpr std::string_view credentials_text = "[default]\naws_access_key_id=AKIADEFAULT\naws_secret_access_key=d\n\n"
                                              "[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = w\naws_session_token = worktok\n\n"
                                              "[incomplete]\naws_access_key_id=AKIAINC\n";

/// A machine with the shared files, and what resolving on it gives.
struct machine
{
    sim::world world;
    sim::fake_environment from;
    session_settings settings;
    lambda_options options;

    machine()
    {
        from.variables = {{"AWS_CONFIG_FILE", "/c"}, {"AWS_SHARED_CREDENTIALS_FILE", "/k"}, {"AWS_EC2_METADATA_DISABLED", "true"}};
        from.files = {{"/c", std::string(config_text)}, {"/k", std::string(credentials_text)}};
    }

    /// The access key's id, or the error of start or of fetching.
    std::string keys()
    {
        auto source = resolve(options, from, settings);
        if (!source)
            return "start: " + source.error().text();
        auto fetched = world.run((*source)->fetch(core::deadline::never()));
        return fetched ? (*fetched)->id : fetched.error().text();
    }
    std::string region()
    {
        REQUIRE(resolve(options, from, settings));
        return options.region;
    }
    std::string endpoint()
    {
        REQUIRE(resolve(options, from, settings));
        return options.endpoint;
    }
};

} // namespace

TEST_CASE("session: the region's rank", "[aws][session]")
{
    machine m;
    CHECK(m.region() == "eu-west-3");
    m.from.variables["AWS_DEFAULT_REGION"] = "ap-south-2";
    CHECK(m.region() == "ap-south-2");
    m.from.variables["AWS_REGION"] = "ap-south-1";
    CHECK(m.region() == "ap-south-1");
    m.settings.region = "us-east-2";
    CHECK(m.region() == "us-east-2");
    machine bare;
    bare.from.files.clear();
    CHECK(bare.region().empty());
}

TEST_CASE("session: the keys' rank", "[aws][session]")
{
    machine m;
    CHECK(m.keys() == "AKIADEFAULT");
    m.from.variables["AWS_PROFILE"] = "work";
    CHECK(m.keys() == "AKIAWORK");
    CHECK(m.options.region == "ca-central-1");
    m.from.variables["AWS_ACCESS_KEY_ID"] = "AKIAENV";
    CHECK(m.keys() == "AKIAWORK");
    m.from.variables["AWS_SECRET_ACCESS_KEY"] = "e";
    CHECK(m.keys() == "AKIAENV");
    CHECK(m.options.region == "ca-central-1");
    m.settings.id = "AKIAX";
    m.settings.secret = secret_string("s");
    CHECK(m.keys() == "AKIAX");
    m.settings.profile = "epurl";
    CHECK(m.keys() == "AKIAEPURL");
}

TEST_CASE("session: an id without a secret fails the call, a secret without an id is ignored", "[aws][session]")
{
    machine m;
    m.settings.id = "AKIAX";
    CHECK(m.keys() == "static credentials are empty");
    m.settings.id.clear();
    m.settings.secret = secret_string("s");
    CHECK(m.keys() == "AKIADEFAULT");
}

TEST_CASE("session: with no keys anywhere the call says where they were looked for", "[aws][session]")
{
    machine m;
    m.from.files.clear();
    CHECK(m.keys()
        == "no EC2 IMDS role found, operation error ec2imds: GetMetadata, access disabled to EC2 IMDS via client option, or "
           "\"AWS_EC2_METADATA_DISABLED\" environment variable");
    m.from.variables.erase("AWS_EC2_METADATA_DISABLED");
    CHECK(m.keys().find("no credentials found: ") == 0);
}

TEST_CASE("session: what ends the start says so in one sentence", "[aws][session]")
{
    machine m;
    SECTION("a profile that is not there, by field or by variable")
    {
        m.settings.profile = "nobody";
        CHECK(m.keys() == "start: failed to get shared config profile, nobody");
        m.settings.profile.clear();
        m.from.variables["AWS_PROFILE"] = "nobody";
        CHECK(m.keys() == "start: failed to get shared config profile, nobody");
    }
    SECTION("half a pair")
    {
        m.settings.profile = "incomplete";
        CHECK(m.keys().find("start: error fetching config from profile, incomplete, ") == 0);
    }
    SECTION("a role, a process")
    {
        m.settings.profile = "assumer";
        CHECK(m.keys().find("start: profile assumer assumes a role (role_arn), which is not supported yet") == 0);
        m.settings.profile = "proc";
        CHECK(m.keys().find("start: profile proc runs a process for its keys (credential_process), which is not supported yet") == 0);
    }
    SECTION("containers and web identities")
    {
        m.from.files.clear();
        for (const std::string_view name :
            {"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"}) {
            m.from.variables[std::string(name)] = "x";
            CHECK(m.keys().find("start: credentials from " + std::string(name) + " are not supported yet") == 0);
            m.from.variables.erase(std::string(name));
        }
    }
    SECTION("values that are none")
    {
        m.from.variables["AWS_USE_FIPS_ENDPOINT"] = "maybe";
        CHECK(m.keys() == "start: invalid value for AWS_USE_FIPS_ENDPOINT, maybe: it must be true or false");
    }
    SECTION("a CA bundle that cannot be read")
    {
        m.from.variables["AWS_CA_BUNDLE"] = "/nowhere.pem";
        CHECK(m.keys() == "start: failed to load custom CA bundle file, /nowhere.pem: No such file or directory");
    }
}

TEST_CASE("session: keys in the environment need no profile that works", "[aws][session]")
{
    machine m;
    m.from.variables["AWS_PROFILE"] = "assumer";
    m.from.variables["AWS_ACCESS_KEY_ID"] = "AKIAENV";
    m.from.variables["AWS_SECRET_ACCESS_KEY"] = "e";
    CHECK(m.keys() == "AKIAENV");
}

TEST_CASE("session: the endpoint's rank", "[aws][session]")
{
    machine m;
    CHECK(m.endpoint().empty());
    m.settings.profile = "epurl";
    CHECK(m.endpoint() == "http://127.0.0.1:1");
    m.settings.profile = "svc";
    CHECK(m.endpoint() == "http://127.0.0.1:2");
    m.from.variables["AWS_ENDPOINT_URL"] = "http://e";
    CHECK(m.endpoint() == "http://e");
    m.from.variables["AWS_ENDPOINT_URL_LAMBDA"] = "http://l";
    CHECK(m.endpoint() == "http://l");
    m.settings.endpoint = "http://field";
    CHECK(m.endpoint() == "http://field");
    m.from.variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "TRUE";
    CHECK(m.endpoint() == "http://field");
    m.settings.endpoint.clear();
    CHECK(m.endpoint().empty());
    m.from.variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "false";
    m.settings.profile = "ignoring";
    CHECK(m.endpoint() == "http://l");
    m.from.variables.erase("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    m.settings.profile = "ignoring";
    CHECK(m.endpoint().empty());
}

TEST_CASE("session: FIPS, dual stack, CA bundle and trace come from the environment", "[aws][session]")
{
    machine m;
    m.from.variables["AWS_USE_FIPS_ENDPOINT"] = "true";
    m.from.variables["AWS_USE_DUALSTACK_ENDPOINT"] = "True";
    m.from.variables["AWS_CA_BUNDLE"] = "/ca.pem";
    m.from.files["/ca.pem"] = "x";
    m.from.variables["_X_AMZN_TRACE_ID"] = "Root=1";
    CHECK(m.keys() == "AKIADEFAULT");
    CHECK(m.options.fips);
    CHECK(m.options.dual_stack);
    CHECK(m.options.http.tls.ca_file == "/ca.pem");
    CHECK(m.options.trace_id.empty());
    m.from.variables["AWS_LAMBDA_FUNCTION_NAME"] = "f";
    m.settings.ca_file = "/own.pem";
    m.from.files["/own.pem"] = "x";
    CHECK(m.keys() == "AKIADEFAULT");
    CHECK(m.options.trace_id == "Root=1");
    CHECK(m.options.http.tls.ca_file == "/own.pem");
}

TEST_CASE("session: attempts come from environment and profile only where asked", "[aws][session]")
{
    machine m;
    m.from.variables["AWS_MAX_ATTEMPTS"] = "7";
    m.options.retry.retries = 3;
    CHECK(m.keys() == "AKIADEFAULT");
    CHECK(m.options.retry.retries == 3);
    m.settings.retries_from_environment = true;
    CHECK(m.keys() == "AKIADEFAULT");
    CHECK(m.options.retry.retries == 6);
    m.from.variables.erase("AWS_MAX_ATTEMPTS");
    m.settings.profile = "retry";
    CHECK(m.keys() == "AKIARETRY");
    CHECK(m.options.retry.retries == 4);
    for (const std::string_view bad : {"0", "-1", "x", "3 ", "99999999999"}) {
        m.from.variables["AWS_MAX_ATTEMPTS"] = bad;
        CHECK(m.keys() == "start: invalid value for AWS_MAX_ATTEMPTS, " + std::string(bad) + ": it must be a number of attempts, 1 or more");
    }
}
