#include <lambent/aws/credentials_sources.hpp>
#include <lambent/aws/detail/profile_keys.hpp>
#include <lambent/aws/errc.hpp>

#include <sim/fake_environment.hpp>
#include <sim/world.hpp>
#include <support/catch.hpp>

#include <sstream>
#include <type_traits>

using namespace lambent;
using namespace lambent::aws;

namespace {

template <class T>
concept printable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept comparable = requires(const T& value) { value == value; };
static_assert(!printable<secret_string> && !comparable<secret_string>);
static_assert(!std::is_convertible_v<secret_string, std::string_view>);

core::result<std::shared_ptr<const credentials>> fetched(sim::world& world, credentials_source& from)
{
    return world.run(from.fetch(core::deadline::never()));
}

credentials keys_of(std::string id, std::string secret)
{
    return {std::move(id), secret_string(std::move(secret)), {}, std::nullopt};
}

} // namespace

TEST_CASE("secret: moved from, it is empty; copied, both have it", "[aws][credentials]")
{
    for (const std::string& text : {std::string("short"), std::string(100, 'x')}) {
        secret_string first{std::string(text)};
        secret_string second = first;
        CHECK(second.reveal() == text);
        secret_string third = std::move(first);
        CHECK(third.reveal() == text);
        CHECK(first.empty());
        second = std::move(third);
        CHECK(second.reveal() == text);
        const secret_string& self = second;
        second = self;
        CHECK(second.reveal() == text);
        second = secret_string("other");
        CHECK(second.reveal() == "other");
    }
}

TEST_CASE("static source: gives its keys, or says that they are empty", "[aws][credentials]")
{
    sim::world world;
    auto source = make_static_source(keys_of("A", "s"));
    auto keys = fetched(world, *source);
    REQUIRE(keys);
    CHECK((*keys)->id == "A");
    for (auto incomplete : {keys_of("A", ""), keys_of("", "s")}) {
        auto none = make_static_source(std::move(incomplete));
        CHECK(fetched(world, *none).error().text() == "static credentials are empty");
    }
}

TEST_CASE("environment: both names of each variable, the newer first", "[aws][credentials]")
{
    sim::fake_environment from;
    CHECK_FALSE(environment_credentials(from));
    from.variables["AWS_ACCESS_KEY"] = "OLD";
    from.variables["AWS_SECRET_KEY"] = "s";
    CHECK(environment_credentials(from)->id == "OLD");
    from.variables["AWS_ACCESS_KEY_ID"] = "NEW";
    from.variables["AWS_SESSION_TOKEN"] = "t";
    CHECK(environment_credentials(from)->id == "NEW");
    CHECK(environment_credentials(from)->token.reveal() == "t");
    from.variables.erase("AWS_SECRET_KEY");
    CHECK_FALSE(environment_credentials(from));
}

TEST_CASE("profile: its own keys, or one sentence why not", "[aws][credentials]")
{
    const auto said = [](profile_section profile) {
        auto keys = profile_credentials(profile, "p");
        return keys ? (*keys ? (*keys)->id : "nothing") : keys.error().text();
    };
    CHECK(said({}) == "nothing");
    CHECK(said({{"aws_access_key_id", "A"}, {"aws_secret_access_key", "s"}}) == "A");
    CHECK(said({{"aws_access_key_id", "A"}, {"aws_secret_access_key", "s"}, {"credential_process", "x"}}) == "A");
    CHECK(said({{"aws_access_key_id", "A"}}) == "error fetching config from profile, p, Error using profile: \n 2, partial credentials found for profile p\n");
    for (const std::string_view key : {"role_arn", "source_profile", "credential_source", "web_identity_token_file", "sso_session",
             "sso_start_url", "login_session", "credential_process"}) {
        const std::string text = said({{std::string(key), "x"}});
        CHECK(text.find("profile p ") == 0);
        CHECK(text.find("(" + std::string(key) + "), which is not supported yet") != std::string::npos);
    }
    CHECK(said({{"role_arn", "x"}, {"aws_access_key_id", "A"}, {"aws_secret_access_key", "s"}}).find("assumes a role") != std::string::npos);
}

TEST_CASE("profile source: reads the files again once its keys were refused", "[aws][credentials]")
{
    sim::world world;
    sim::fake_environment from;
    from.variables["HOME"] = "/home/u";
    from.files["/home/u/.aws/credentials"] = "[p]\naws_access_key_id=NEW\naws_secret_access_key=n\n";
    auto source = make_profile_source(from, "p", keys_of("OLD", "o"));
    CHECK(fetched(world, *source).value()->id == "OLD");
    source->invalidate();
    CHECK(fetched(world, *source).value()->id == "NEW");
    from.files.clear();
    CHECK(fetched(world, *source).value()->id == "NEW");
    source->invalidate();
    CHECK(fetched(world, *source).error().text() == "failed to get shared config profile, p");
}

TEST_CASE("profiles: a file that is not there is empty, one that cannot be read is an error", "[aws][credentials]")
{
    sim::fake_environment from;
    CHECK(load_profiles(from).value().profiles.empty());
    from.variables["AWS_CONFIG_FILE"] = "/nonexistent";
    from.variables["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent";
    CHECK(load_profiles(from).value().profiles.empty());

    class unreadable final : public environment
    {
    public:
        std::optional<std::string> variable(std::string_view) const override { return "/x"; }
        core::result<std::string> read_file(const std::string& path) const override
        {
            const auto why = make_error_code(boost::system::errc::permission_denied);
            return core::error{why, path + ": " + why.message()};
        }
    };
    const unreadable locked;
    CHECK(load_profiles(locked).error().text() == "failed to load shared config file, /x: Permission denied");
}
