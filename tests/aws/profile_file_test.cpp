#include <lambent/aws/profile_file.hpp>

#include <support/catch.hpp>

using namespace lambent::aws;

namespace {

profile_file config(std::string_view text)
{
    return parse_profile_file(text, profile_file_kind::config);
}

} // namespace

TEST_CASE("profile file: sections, settings and comments", "[aws][profile]")
{
    const profile_file file = config("# comment\n; another\n\n[default]\nregion=eu-west-3\n\n[profile work]\n"
                                     "region = ca-central-1 # where we are\nOUTPUT = json ; text\nsecret = a#b;c\nempty =\n");
    CHECK(setting(file.profiles.at("default"), "region") == "eu-west-3");
    const profile_section& work = file.profiles.at("work");
    CHECK(setting(work, "region") == "ca-central-1");
    CHECK(setting(work, "output") == "json");
    CHECK(setting(work, "secret") == "a#b;c");
    CHECK(work.count("empty") == 1);
    CHECK(setting(work, "absent").empty());
}

TEST_CASE("profile file: the config file wants the word profile, the credentials file does not", "[aws][profile]")
{
    CHECK(config("[work]\nregion=x\n").profiles.empty());
    const profile_file keys = parse_profile_file("[work]\naws_access_key_id = A\n[profile x]\na=b\n", profile_file_kind::credentials);
    CHECK(setting(keys.profiles.at("work"), "aws_access_key_id") == "A");
    CHECK(keys.profiles.count("profile x") == 1);
}

TEST_CASE("profile file: names may be quoted and hold blanks", "[aws][profile]")
{
    CHECK(config("[profile \"two words\"]\na=b\n").profiles.count("two words") == 1);
    CHECK(config("[ profile   spaced ]\na=b\n").profiles.count("spaced") == 1);
}

TEST_CASE("profile file: services sections nest", "[aws][profile]")
{
    const profile_file file = config("[profile svc]\nservices = s\n\n[services s]\nlambda =\n  endpoint_url = http://h:1 # x\n  Other=2\nsts =\n"
                                     "  endpoint_url = http://h:2\n");
    CHECK(setting(file.services.at("s"), "lambda.endpoint_url") == "http://h:1");
    CHECK(setting(file.services.at("s"), "lambda.other") == "2");
    CHECK(setting(file.services.at("s"), "sts.endpoint_url") == "http://h:2");
    CHECK(setting(file.profiles.at("svc"), "services") == "s");
}

TEST_CASE("profile file: an indented line behind a value belongs to it", "[aws][profile]")
{
    CHECK(setting(config("[default]\na = one\n  two = 2\n").profiles.at("default"), "a") == "one\ntwo = 2");
}

TEST_CASE("profile file: the spelt-out default wins, sections of one name merge, later settings win", "[aws][profile]")
{
    const profile_file file = config("[profile default]\nregion=spelt\n[default]\nregion=short\nx=1\n[profile p]\na=1\nb=1\n[profile p]\nb=2\n");
    CHECK(setting(file.profiles.at("default"), "region") == "spelt");
    CHECK(setting(file.profiles.at("default"), "x") == "1");
    CHECK(setting(file.profiles.at("p"), "a") == "1");
    CHECK(setting(file.profiles.at("p"), "b") == "2");
}

TEST_CASE("profile file: nonsense is passed over", "[aws][profile]")
{
    const profile_file file = config("stray=1\n[unclosed\na=b\n[profile ok]\nno equals here\n = no key\nc=d\n[sso-session x]\nsso_region=y\n  indented=z\n");
    CHECK(file.profiles.size() == 1);
    CHECK(file.profiles.at("ok").size() == 1);
    CHECK(setting(file.profiles.at("ok"), "c") == "d");
}

TEST_CASE("profile file: line ends of Windows and a byte-order mark", "[aws][profile]")
{
    CHECK(setting(config("\xef\xbb\xbf[default]\r\nregion = r\r\n").profiles.at("default"), "region") == "r");
}

TEST_CASE("profile file: cut anywhere it is read without harm", "[aws][profile]")
{
    const std::string text = "[profile \"a b\"]\nx = 1 # y\n[services s]\nlambda =\n  endpoint_url = u\n[default]\nz=1";
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
        CHECK(config(std::string_view(text).substr(0, cut)).profiles.size() <= 2);
}

TEST_CASE("profile file: keys from the credentials file win", "[aws][profile]")
{
    profile_file merged = config("[profile p]\nregion=r\naws_access_key_id=config\n");
    merge_credentials(merged, parse_profile_file("[p]\naws_access_key_id=credentials\n[q]\na=b\n", profile_file_kind::credentials));
    CHECK(setting(merged.profiles.at("p"), "aws_access_key_id") == "credentials");
    CHECK(setting(merged.profiles.at("p"), "region") == "r");
    CHECK(merged.profiles.count("q") == 1);
}
