#include <lambent/cli/command.hpp>
#include <lambent/cli/keys.hpp>
#include <lambent/cli/sign_request.hpp>

#include <lambent/aws/environment.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/aws/session.hpp>
#include <lambent/core/shard.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace lambent::cli {
namespace {

struct options
{
    sign_options sign;
    std::string profile;
    std::string show = "authorization";
    int expires = 0;
};

constexpr const char* examples = R"(Reads a request (request line, headers, an empty line, the body) from stdin and signs it with AWS Signature Version 4.
The keys come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) or a profile.

Examples:
  lambent sign --region eu-west-1 < request.http                   the Authorization header
  lambent sign --region eu-west-1 --show request < request.http    the whole signed request
  lambent sign --region eu-west-1 --show canonical-request < request.http
  lambent sign --region us-east-1 --service s3 --query --expires 900 --show curl < get-object.http
)";

int fail(const std::string& text)
{
    std::fprintf(stderr, "lambent sign: %s\n", text.c_str());
    return 1;
}

// Requests to sign by hand are small; this only keeps a mistaken pipe from filling the memory.
constexpr std::size_t request_bytes_max = 64 * 1024 * 1024;

int sign_stdin(const options& asked)
{
    const auto text = read_all(stdin, request_bytes_max);
    if (!text)
        return fail("stdin: " + text.error().text());
    auto request = parse_raw_request(*text);
    if (!request)
        return fail(request.error().text());

    aws::lambda_options resolved;
    aws::session_settings settings;
    settings.region = asked.sign.region;
    settings.profile = asked.profile;
    auto source = aws::resolve(resolved, aws::process_environment(), settings);
    if (!source)
        return fail(source.error().text());
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    auto keys = fetch_keys(loop, shard, **source);
    if (!keys)
        return fail(keys.error().text());

    sign_options how = asked.sign;
    how.region = resolved.region;
    if (how.region.empty())
        return fail("no region: give --region, AWS_REGION or a profile that has one");
    if (asked.expires > 0)
        how.expires = std::chrono::seconds(asked.expires);
    // Revealed to sign with; the token goes into the request.
    const sigv4::key_view key{(*keys)->id, (*keys)->secret.reveal(), (*keys)->token.reveal()};
    const auto done = sign(std::move(*request), how, key, shard.time().wall());
    if (!done)
        return fail(done.error().text());
    const auto shown = show(*done, asked.show);
    if (!shown)
        return fail("there is no form '" + asked.show + "' to show");
    if (!*shown)
        return fail(shown->error().text());
    const std::string& out = **shown;
    return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0 ? 0 : fail("stdout cannot be written");
}

} // namespace

void add_sign(CLI::App& app, command& chosen)
{
    auto asked = std::make_shared<options>();
    CLI::App* sign = app.add_subcommand("sign", "Sign an HTTP request with AWS Signature Version 4");
    sign->footer(examples);
    sign->add_option("--region", asked->sign.region, "Region of the credential scope [AWS_REGION, then the profile's]");
    sign->add_option("--service", asked->sign.service, "Service of the credential scope")->capture_default_str();
    sign->add_option("--profile", asked->profile, "Profile of the shared credentials files");
    sign->add_option("--time", asked->sign.time, "Time of the signature, as 20150830T123600Z [the request's X-Amz-Date, else now]");
    CLI::Option* query = sign->add_flag("--query", asked->sign.query, "Presign: put the signature into the query");
    sign->add_option("--expires", asked->expires, "With --query: seconds the request stays valid [3600]")->needs(query)->check(CLI::Range(1, 604800));
    sign->add_flag("--unsigned-payload", asked->sign.unsigned_payload, "Leave the body out of the signature");
    sign->add_flag("--sign-body", asked->sign.sign_body, "Add and sign x-amz-content-sha256");
    sign->add_flag("--no-normalize", asked->sign.no_normalize, "Keep '.', '..' and '//' in the path");
    sign->add_flag("--single-encode", asked->sign.single_encode, "Encode the path once, as for s3");
    sign->add_flag("--omit-session-token", asked->sign.omit_session_token, "Add the session token after signing");
    sign->add_option("--show", asked->show, "What to print")
        ->check(CLI::IsMember({"authorization", "canonical-request", "string-to-sign", "signature", "request", "curl", "all"}))
        ->capture_default_str();
    sign->callback([asked, &chosen] { chosen = [asked] { return sign_stdin(*asked); }; });
}

} // namespace lambent::cli
