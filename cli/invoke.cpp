#include <lambent/cli/command.hpp>
#include <lambent/cli/invoke_outcome.hpp>
#include <lambent/cli/keys.hpp>

#include <lambent/aws/endpoint.hpp>
#include <lambent/aws/environment.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/aws/session.hpp>
#include <lambent/config/node.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/http/tcp_dialer.hpp>

#include <boost/asio/io_context.hpp>

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>

namespace lambent::cli {
namespace {

// Far above what Lambda takes; it says "too large" better than we could.
constexpr std::size_t payload_bytes_max = 64 * 1024 * 1024;
// The longest a function may run, and some for the way (Lambda quotas: 15 minutes).
constexpr core::duration default_timeout = std::chrono::minutes(16);

struct options
{
    std::string function;
    std::string dash; ///< "-": the payload comes from stdin
    std::string data;
    std::string file;
    std::string qualifier;
    std::string type = "RequestResponse";
    std::string client_context;
    std::string timeout;
    aws::session_settings session;
    std::optional<unsigned> retries;
    bool log_tail = false;
    bool verbose = false;
};

constexpr const char* examples = R"(The answer goes to stdout, all else to stderr.
Exit code: 0 answered, 1 usage or configuration, 10 function error, 11 throttled, 12 refused, 13 timed out, 14 unreachable,
15 service error.

With -v stderr tells, with times, each connection and then the outcome: request id, executed version, attempts, where the last
attempt's time went, and after a failure whether the function may have run.

Examples:
  lambent invoke my-function -d '{"id":1}'
  lambent invoke my-function:prod -f order.json -v
  generate | lambent invoke arn:aws:lambda:eu-west-1:123456789012:function:my-function -
  lambent invoke my-function --type Event -d '{}' --endpoint http://127.0.0.1:9001
)";

int fail(const std::string& text, int code = invoke_exit::usage)
{
    std::fprintf(stderr, "lambent invoke: %s\n", text.c_str());
    return code;
}

core::result<std::string> payload_of(const options& asked)
{
    if (!asked.dash.empty()) {
        auto text = read_all(stdin, payload_bytes_max);
        return text ? std::move(text) : core::error{text.error().code, "stdin: " + text.error().text()};
    }
    if (asked.file.empty())
        return asked.data;
    return read_file(asked.file, payload_bytes_max);
}

double milliseconds(core::duration d)
{
    return std::chrono::duration<double, std::milli>(d).count();
}

/// What -v tells, as it happens.
class trace
{
public:
    trace(core::shard& on, bool wanted) : shard_(on), wanted_(wanted), start_(on.time().now()) {}

    template <class... Parts>
    void say(const char* format, Parts... parts)
    {
        if (!wanted_)
            return;
        std::fprintf(stderr, "* %8.1f ms  ", milliseconds(shard_.time().now() - start_));
        std::fprintf(stderr, format, parts...);
        std::fputc('\n', stderr);
    }
    void say(const char* text) { say("%s", text); }

private:
    core::shard& shard_;
    bool wanted_;
    core::instant start_;
};

/// The network, with each connection told to the trace.
class told_dialer final : public http::dialer
{
public:
    told_dialer(core::shard& on, const http::client_options& options, trace& to) : real_(on, options), trace_(to) {}

    awaitable<core::result<std::unique_ptr<http::transport>>> dial(const http::origin& to, http::dial_attempt& attempt) override
    {
        trace_.say("connecting to %s", to.authority().c_str());
        auto made = co_await real_.dial(to, attempt);
        if (made)
            trace_.say("connected to %s%s", attempt.address.c_str(), to.tls ? ", TLS handshake done; signing and sending" : "; signing and sending");
        else
            trace_.say("no connection: %s", made.error().text().c_str());
        co_return made;
    }
    void close() noexcept override { real_.close(); }

private:
    http::tcp_dialer real_;
    trace& trace_;
};

struct outcome
{
    std::optional<core::result<aws::invocation_reply>> reply;
    aws::call_report report;
};

awaitable<void> invoke_once(aws::lambda_client& client, const aws::invocation& call, core::shard& on, outcome& out)
{
    auto reply = co_await client.invoke(call, core::forever, &out.report);
    out.reply.emplace(std::move(reply));
    const core::deadline soon = on.time().in(std::chrono::seconds(1));
    co_await client.close(soon);
}

const char* certainty_text(aws::certainty known)
{
    switch (known) {
    case aws::certainty::not_sent:
        return "nothing was sent: the function did not run";
    case aws::certainty::refused:
        return "Lambda refused the call: the function did not run";
    case aws::certainty::maybe_executed:
        return "the function may have run";
    case aws::certainty::executed:
        return "the function ran";
    }
    return "";
}

// Zeros stand too: they say that nothing of the kind happened (no handshake on a connection that was open).
void say_phases(const aws::call_report& report, trace& tracer)
{
    const aws::call_phases& p = report.phases;
    tracer.say("last attempt, ms: limiter %.1f, queue %.1f, resolve %.1f, connect %.1f, handshake %.1f, sign %.2f, write %.2f, wait %.1f, read %.1f",
        milliseconds(p.limiter), milliseconds(p.queue), milliseconds(p.resolve), milliseconds(p.connect), milliseconds(p.handshake),
        milliseconds(p.sign), milliseconds(p.write), milliseconds(p.wait), milliseconds(p.read));
    if (report.attempts > 1)
        tracer.say("back-off between %u attempts, ms: %.1f", report.attempts, milliseconds(p.back_off));
}

int tell(const outcome& done, const options& asked, trace& tracer)
{
    const core::result<aws::invocation_reply>& reply = *done.reply;
    say_phases(done.report, tracer);
    if (!reply) {
        if (done.report.status != 0)
            tracer.say("answered %d%s%s, request %s", done.report.status, done.report.error_type.empty() ? "" : " ", done.report.error_type.c_str(),
                done.report.request_id.empty() ? "(none)" : done.report.request_id.c_str());
        tracer.say("failed after %u attempts; %s", done.report.attempts, certainty_text(done.report.certainty));
        return fail(reply.error().text(), exit_code_of(reply.error()));
    }
    tracer.say("answered %d, request %s, version %s, %zu bytes, %u attempts", reply->status, reply->request_id.c_str(),
        reply->executed_version.empty() ? "(none)" : reply->executed_version.c_str(), reply->payload.size(), reply->attempts);
    if (asked.log_tail && reply->log_tail)
        std::fprintf(stderr, "%s%s", reply->log_tail->c_str(), reply->log_tail->ends_with('\n') ? "" : "\n");
    std::fwrite(reply->payload.data(), 1, reply->payload.size(), stdout);
    if (!reply->payload.empty() && ::isatty(STDOUT_FILENO) != 0)
        std::fputc('\n', stdout);
    if (std::fflush(stdout) != 0)
        return fail("stdout cannot be written");
    if (reply->function_error)
        return fail("function error: " + describe_function_error(*reply), invoke_exit::function_error);
    return invoke_exit::answered;
}

int invoke(const options& asked)
{
    std::signal(SIGPIPE, SIG_IGN); // a peer that is gone is an error of a write
    const auto payload = payload_of(asked);
    if (!payload)
        return fail(payload.error().text());
    aws::lambda_options client_options;
    client_options.attempt_timeout = default_timeout;
    if (!asked.timeout.empty()) {
        const auto timeout = config::parse_duration(asked.timeout);
        if (!timeout || *timeout <= core::duration::zero())
            return fail("--timeout " + asked.timeout + ": it must be a duration above zero, e.g. 30s or 1m30s");
        client_options.attempt_timeout = *timeout;
    }
    aws::session_settings settings = asked.session;
    settings.retries_from_environment = !asked.retries;
    auto source = aws::resolve(client_options, aws::process_environment(), settings);
    if (!source)
        return fail(source.error().text());
    if (asked.retries)
        client_options.retry.retries = *asked.retries;

    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    trace tracer(shard, asked.verbose);
    const auto where = aws::resolve_endpoint({client_options.region, client_options.endpoint, client_options.fips, client_options.dual_stack});
    if (where)
        tracer.say("endpoint %s, region %s", where->url().c_str(), client_options.region.empty() ? "(none)" : client_options.region.c_str());
    if (asked.verbose)
        if (const auto keys = fetch_keys(loop, shard, **source))
            tracer.say("access key %s%s", (*keys)->id.c_str(), (*keys)->token.empty() ? "" : ", with a session token");

    aws::invocation call;
    call.function = asked.function;
    call.qualifier = asked.qualifier;
    call.payload = *payload;
    call.log_tail = asked.log_tail;
    call.client_context = asked.client_context;
    if (asked.type == "Event")
        call.type = aws::invocation_type::event;
    else if (asked.type == "DryRun")
        call.type = aws::invocation_type::dry_run;

    outcome done;
    {
        auto network = std::make_unique<told_dialer>(shard, client_options.http, tracer);
        aws::lambda_client client(shard, client_options, *source, nullptr, std::move(network));
        core::task_group group(shard);
        group.start(invoke_once(client, call, shard, done));
        loop.run();
    }
    return tell(done, asked, tracer);
}

} // namespace

void add_invoke(CLI::App& app, command& chosen)
{
    auto asked = std::make_shared<options>();
    CLI::App* invoke_app = app.add_subcommand("invoke", "Invoke one function and print its answer");
    invoke_app->footer(examples);
    invoke_app->add_option("function", asked->function, "Name, name:qualifier, partial or full ARN")->required();
    CLI::Option* data = invoke_app->add_option("-d,--data", asked->data, "The payload");
    CLI::Option* file = invoke_app->add_option("-f,--file", asked->file, "Read the payload from a file");
    CLI::Option* from_stdin = invoke_app->add_option("payload", asked->dash, "\"-\": read the payload from stdin")->check(CLI::IsMember({"-"}));
    data->excludes(file)->excludes(from_stdin);
    file->excludes(from_stdin);
    invoke_app->add_option("--qualifier", asked->qualifier, "Version or alias");
    invoke_app->add_option("--type", asked->type, "RequestResponse, Event or DryRun")
        ->check(CLI::IsMember({"RequestResponse", "Event", "DryRun"}))
        ->capture_default_str();
    invoke_app->add_flag("--log-tail", asked->log_tail, "Print the last 4 KiB of the function's log to stderr");
    invoke_app->add_option("--client-context", asked->client_context, "JSON for the function's client context");
    invoke_app->add_option("--region", asked->session.region, "[AWS_REGION, then the profile's]");
    invoke_app->add_option("--endpoint", asked->session.endpoint, "Base URL instead of the region's endpoint");
    invoke_app->add_option("--profile", asked->session.profile, "Profile of the shared config and credentials files");
    invoke_app->add_option("--ca-file", asked->session.ca_file, "PEM file with further CA certificates [AWS_CA_BUNDLE]");
    invoke_app->add_option("--timeout", asked->timeout, "Of each attempt, e.g. 30s [16m, longer than any function may run]");
    invoke_app->add_option("--retries", asked->retries, "Further attempts after the first [AWS_MAX_ATTEMPTS - 1, else 2]");
    invoke_app->add_flag("-v,--verbose", asked->verbose, "Say on stderr what happens, with times");
    invoke_app->callback([asked, &chosen] { chosen = [asked] { return invoke(*asked); }; });
}

} // namespace lambent::cli
