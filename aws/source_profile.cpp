#include <lambent/aws/credentials_sources.hpp>

#include <lambent/aws/detail/profile_keys.hpp>
#include <lambent/aws/errc.hpp>
#include <lambent/sigv4/digest.hpp>

#include <boost/system/errc.hpp>

#include <string_view>
#include <utility>

namespace lambent::aws {
namespace {

core::error unusable(std::string why)
{
    return {errc::invalid_configuration, std::move(why)};
}

core::result<std::string> read_optional(const environment& from, std::string_view variable, std::string_view below_home)
{
    const auto named = from.variable(variable);
    std::string path;
    if (named && !named->empty()) {
        path = *named;
    } else if (const auto home = from.variable("HOME"); home && !home->empty()) {
        path = *home + std::string(below_home);
    } else {
        return std::string();
    }
    auto text = from.read_file(path);
    if (!text && text.error().code == boost::system::errc::no_such_file_or_directory)
        return std::string();
    if (!text)
        return unusable("failed to load shared config file, " + text.error().text());
    return text;
}

struct unsupported_key
{
    std::string_view key;
    std::string_view what;
};

// Other origins of keys, in the order in which they would be asked; each names a source that this version does not have.
constexpr unsupported_key before_keys[] = {{"role_arn", "assumes a role"}, {"source_profile", "takes its keys from another profile"}};
constexpr unsupported_key behind_keys[] = {{"credential_source", "takes its keys from a credential source"},
    {"web_identity_token_file", "uses a web identity"}, {"sso_session", "uses single sign-on"}, {"sso_start_url", "uses single sign-on"},
    {"sso_account_id", "uses single sign-on"}, {"login_session", "uses a login session"}, {"credential_process", "runs a process for its keys"}};

template <std::size_t N>
std::optional<core::error> refused(const unsupported_key (&keys)[N], const profile_section& profile, const std::string& name)
{
    for (const unsupported_key& one : keys)
        if (!setting(profile, one.key).empty())
            return unusable("profile " + name + " " + std::string(one.what) + " (" + std::string(one.key)
                + "), which is not supported yet: use a profile with aws_access_key_id and aws_secret_access_key, or put the keys into the environment");
    return std::nullopt;
}

class profile_source final : public credentials_source
{
public:
    profile_source(const environment& from, std::string profile, credentials first)
        : from_(from), profile_(std::move(profile)), kept_(std::make_shared<const credentials>(std::move(first)))
    {}

    awaitable<core::result<std::shared_ptr<const credentials>>> fetch(core::deadline) override
    {
        if (!kept_) {
            if (auto read = read_again(); !read)
                co_return read.error();
        }
        co_return kept_;
    }

    std::shared_ptr<const credentials> kept() noexcept override { return kept_; }
    void invalidate() override { kept_.reset(); }

private:
    core::result<void> read_again()
    {
        auto files = load_profiles(from_);
        if (!files)
            return files.error();
        const auto found = files->profiles.find(profile_);
        if (found == files->profiles.end())
            return unusable("failed to get shared config profile, " + profile_);
        auto keys = profile_credentials(found->second, profile_);
        if (!keys)
            return keys.error();
        if (!*keys)
            return core::error{errc::no_credentials, "profile " + profile_ + " has no credentials any more"};
        kept_ = std::make_shared<const credentials>(std::move(**keys));
        return {};
    }

    const environment& from_;
    std::string profile_;
    std::shared_ptr<const credentials> kept_;
};

} // namespace

core::result<profile_file> load_profiles(const environment& from)
{
    auto config = read_optional(from, "AWS_CONFIG_FILE", "/.aws/config");
    if (!config)
        return config.error();
    auto credentials = read_optional(from, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
    if (!credentials)
        return credentials.error();
    profile_file merged = parse_profile_file(*config, profile_file_kind::config);
    merge_credentials(merged, parse_profile_file(*credentials, profile_file_kind::credentials));
    sigv4::wipe(*config);
    sigv4::wipe(*credentials);
    return merged;
}

core::result<std::optional<credentials>> profile_credentials(const profile_section& profile, const std::string& name)
{
    if (auto why = refused(before_keys, profile, name))
        return std::move(*why);
    credentials found;
    found.id = setting(profile, "aws_access_key_id");
    found.secret = secret_string(std::string(setting(profile, "aws_secret_access_key")));
    found.token = secret_string(std::string(setting(profile, "aws_session_token")));
    if (found.id.empty() != found.secret.empty())
        return unusable("error fetching config from profile, " + name + ", Error using profile: \n 2, partial credentials found for profile "
            + name + "\n");
    if (!found.id.empty())
        return std::optional<credentials>(std::move(found));
    if (auto why = refused(behind_keys, profile, name))
        return std::move(*why);
    return std::optional<credentials>();
}

std::shared_ptr<credentials_source> make_profile_source(const environment& from, std::string profile, credentials first)
{
    return std::make_shared<profile_source>(from, std::move(profile), std::move(first));
}

} // namespace lambent::aws
