#include <lambent/cli/command.hpp>
#include <lambent/cli/functions_file.hpp>
#include <lambent/cli/keys.hpp>
#include <lambent/cli/load.hpp>
#include <lambent/cli/load_page.hpp>

#include <lambent/aws/credentials_sources.hpp>
#include <lambent/aws/endpoint.hpp>
#include <lambent/aws/environment.hpp>
#include <lambent/aws/session.hpp>
#include <lambent/bloblang/mapping.hpp>
#include <lambent/config/node.hpp>
#include <lambent/data/json.hpp>
#include <lambent/stream/process_world.hpp>

#include <boost/asio/io_context.hpp>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace lambent::cli {
namespace {

constexpr std::size_t payload_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t template_payloads = 1024; // made beforehand and used in turn, so that making them is not measured

struct options
{
    std::vector<std::string> functions;
    aws::session_settings session;
    bool skip_verification = false;
    std::size_t in_flight = 64;
    std::size_t connections = 0;
    std::size_t depth = 1;
    std::size_t shards = 1;
    double rate = 0;
    std::string ramp = "0s";
    std::string warm_up = "1s";
    std::string duration = "10s";
    std::string timeout = "30s";
    unsigned retries = 0;
    std::size_t payload_size = 256;
    std::string payload_file;
    std::string payload_template;
    bool json = false;
    std::string html;
};

constexpr const char* examples = R"(Closed loop (the default): each of -c callers sends its next request when its last was answered. Open loop (-r): requests are due at a
fixed rate whatever the endpoint does, and a latency counts from the moment its request was due. Every request is signed, and answers are
parsed and checked as in production. Nothing is retried unless asked for. Ctrl-C ends early and reports.

Figures: requests per second and latency of answered calls; CPU of this process per request; the phases of every 32nd call: queue (waiting
for a connection), connect (DNS, TCP, TLS), sign, write, wait (until the first byte), read.

Examples:
  lambent emulate --https 127.0.0.1:9443 &
  lambent bench --endpoint https://127.0.0.1:9443 --ca-file ca.pem --function echo
  lambent bench --endpoint http://127.0.0.1:9001 --function echo -r 2000 -c 512 --duration 30s --html report.html
  lambent bench --endpoint http://127.0.0.1:9001 --function a --function b --payload-template 'root.id = this.index' --json
)";

int fail(const std::string& text)
{
    std::fprintf(stderr, "lambent bench: %s\n", text.c_str());
    return 1;
}

core::result<core::duration> read_duration(const char* flag, const std::string& text, bool zero_allowed)
{
    auto read = config::parse_duration(text);
    if (!read || *read < core::duration::zero() || (!zero_allowed && *read == core::duration::zero()))
        return core::error{core::errc::limit_exceeded, std::string(flag) + " " + text + ": it must be a duration"
                + (zero_allowed ? "" : " above zero") + ", e.g. 10s or 1m30s"};
    return read;
}

/// A JSON text of exactly that many bytes, where that is possible at all.
std::string padded(std::size_t bytes)
{
    constexpr std::string_view frame = R"({"pad":""})";
    if (bytes < frame.size())
        return bytes == 0 ? std::string() : std::string(bytes, '1');
    return R"({"pad":")" + std::string(bytes - frame.size(), 'x') + R"("})";
}

core::result<std::vector<std::string>> payloads_of(const options& asked)
{
    if (!asked.payload_file.empty()) {
        auto text = read_file(asked.payload_file, payload_bytes_max);
        if (!text)
            return text.error();
        return std::vector<std::string>{std::move(*text)};
    }
    if (asked.payload_template.empty())
        return std::vector<std::string>{padded(asked.payload_size)};
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    const stream::process_world world(shard, aws::process_environment());
    auto parsed = bloblang::mapping::parse(asked.payload_template, world);
    if (const auto* wrong = std::get_if<bloblang::parse_error>(&parsed))
        return core::error{core::errc::limit_exceeded, "--payload-template: " + wrong->text()};
    std::vector<std::string> out;
    for (std::size_t i = 0; i < template_payloads; ++i) {
        data::batch batch;
        batch.emplace_back("{\"index\":" + std::to_string(i) + "}");
        const auto root = std::get<bloblang::mapping>(parsed).evaluate(batch, 0);
        if (!root)
            return core::error{root.error().code, "--payload-template: " + root.error().text()};
        auto text = data::write_json(*root);
        if (!text)
            return core::error{text.error().code, "--payload-template: " + text.error().text()};
        out.push_back(std::move(*text));
    }
    return out;
}

core::result<load_plan> plan_of(const options& asked)
{
    load_plan plan;
    plan.functions = asked.functions;
    plan.in_flight = asked.in_flight;
    plan.shards = asked.shards;
    plan.rate = asked.rate;
    auto payloads = payloads_of(asked);
    if (!payloads)
        return payloads.error();
    plan.payloads = std::move(*payloads);
    const auto ramp = read_duration("--ramp", asked.ramp, true);
    const auto warm_up = read_duration("--warmup", asked.warm_up, true);
    const auto duration = read_duration("--duration", asked.duration, false);
    for (const auto* one : {&ramp, &warm_up, &duration}) {
        if (!*one)
            return one->error();
    }
    plan.ramp = *ramp;
    plan.warm_up = *warm_up;
    plan.duration = *duration;
    if (plan.shards > plan.in_flight)
        return core::error{core::errc::limit_exceeded, "--shards must not exceed -c: each thread has at least one caller"};
    return plan;
}

/// As many descriptors as the system lets us have: one a connection.
void raise_descriptor_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/// The usual sources' keys; AWS's example where there are none and the endpoint is one's own.
core::result<aws::credentials> keys_of(aws::credentials_source& source, bool own_endpoint)
{
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    const auto found = fetch_keys(loop, shard, source);
    if (found)
        return aws::credentials(**found);
    if (!own_endpoint)
        return found.error();
    aws::credentials example;
    example.id = example_key_id;
    example.secret = aws::secret_string(std::string(example_key_secret));
    return example;
}

core::result<void> write_page(const std::string& path, const std::string& page)
{
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << page;
    file.close();
    if (file)
        return {};
    return core::error{core::error_code(errno, boost::system::generic_category()), path + ": the report cannot be written there"};
}

int report(const options& asked, const load_plan& plan, const load_result& result, const std::string& where)
{
    const std::string text = asked.json ? result_json(result) + "\n" : result_table(result, plan.rate > 0);
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (std::fflush(stdout) != 0)
        return fail("stdout cannot be written");
    if (!asked.html.empty()) {
        std::string title = where + ", ";
        for (std::size_t i = 0; i < plan.functions.size(); ++i)
            title += (i == 0 ? "" : " + ") + plan.functions[i];
        if (const auto written = write_page(asked.html, result_page(plan, result, title)); !written)
            return fail(written.error().text());
    }
    if (result.answered() == 0)
        return fail(result.errors() > 0 ? "no call was answered; the errors are counted by name" : "no call ended in the counted time (--duration)");
    return 0;
}

int bench(const options& asked)
{
    std::signal(SIGPIPE, SIG_IGN); // a peer that is gone is an error of a write
    const auto plan = plan_of(asked);
    if (!plan)
        return fail(plan.error().text());
    aws::lambda_options client_options;
    const auto timeout = read_duration("--timeout", asked.timeout, false);
    if (!timeout)
        return fail(timeout.error().text());
    auto source = aws::resolve(client_options, aws::process_environment(), asked.session);
    if (!source)
        return fail(source.error().text());
    client_options.attempt_timeout = *timeout;
    client_options.retry.retries = asked.retries;
    client_options.http.pipeline_depth = asked.depth;
    const std::size_t connections = asked.connections > 0 ? asked.connections : (asked.in_flight + asked.depth - 1) / asked.depth;
    client_options.http.connections_max = std::max<std::size_t>(1, (connections + asked.shards - 1) / asked.shards);
    client_options.http.tls.dangerously_skip_certificate_verification = asked.skip_verification;
    if (client_options.region.empty() && !client_options.endpoint.empty())
        client_options.region = "us-east-1";
    const auto where = aws::resolve_endpoint({client_options.region, client_options.endpoint, client_options.fips, client_options.dual_stack});
    if (!where)
        return fail(where.error().text());
    const auto keys = keys_of(**source, !client_options.endpoint.empty());
    if (!keys)
        return fail(keys.error().text());
    raise_descriptor_limit();

    const client_factory make_client = [&](core::shard& on) {
        return std::make_unique<aws::lambda_client>(on, client_options, aws::make_static_source(aws::credentials(*keys)));
    };
    const bool live = ::isatty(STDERR_FILENO) != 0;
    const load_watcher watch = live ? load_watcher([](const std::string& line) { std::fprintf(stderr, "\r\x1b[K%s", line.c_str()); }) : load_watcher();
    const load_result result = run_load(*plan, make_client, watch);
    if (live)
        std::fputs("\r\x1b[K", stderr);
    return report(asked, *plan, result, where->url());
}

} // namespace

void add_bench(CLI::App& app, command& chosen)
{
    auto asked = std::make_shared<options>();
    CLI::App* it = app.add_subcommand("bench", "Put a load on a Lambda endpoint and report rate, latency and CPU");
    it->footer(examples);
    it->add_option("--function", asked->functions, "Function to invoke; repeat it for several, taken in turn")->required();
    it->add_option("--endpoint", asked->session.endpoint, "Base URL instead of the region's endpoint");
    it->add_option("--region", asked->session.region, "[AWS_REGION, then the profile's]");
    it->add_option("--profile", asked->session.profile, "Profile of the shared config and credentials files");
    it->add_option("--ca-file", asked->session.ca_file, "PEM file with further CA certificates [AWS_CA_BUNDLE]");
    it->add_flag("--dangerously-skip-certificate-verification", asked->skip_verification, "Accept anybody as the server");
    it->add_option("-c,--in-flight", asked->in_flight, "Calls in flight at most, in all")->check(CLI::Range(1, 1'000'000))->capture_default_str();
    it->add_option("--connections", asked->connections, "Connections at most [-c divided by --depth]")->check(CLI::Range(1, 1'000'000));
    it->add_option("--depth", asked->depth, "Requests in flight on one connection (HTTP/1.1 pipelining)")->check(CLI::Range(1, 1024))->capture_default_str();
    it->add_option("--shards", asked->shards, "Threads, each with connections of its own")->check(CLI::Range(1, 256))->capture_default_str();
    it->add_option("-r,--rate", asked->rate, "Open loop: requests due a second [closed loop]")->check(CLI::PositiveNumber);
    it->add_option("--ramp", asked->ramp, "The load rises from nothing for so long")->capture_default_str();
    it->add_option("--warmup", asked->warm_up, "At full load, not counted")->capture_default_str();
    it->add_option("--duration", asked->duration, "What is counted")->capture_default_str();
    it->add_option("--timeout", asked->timeout, "Of each attempt")->capture_default_str();
    it->add_option("--retries", asked->retries, "Further attempts after the first")->capture_default_str();
    CLI::Option* size = it->add_option("--payload-size", asked->payload_size, "A JSON payload of so many bytes")
                            ->check(CLI::Range(std::size_t{0}, payload_bytes_max))
                            ->capture_default_str();
    CLI::Option* file = it->add_option("--payload-file", asked->payload_file, "The payload is this file");
    CLI::Option* shape = it->add_option("--payload-template", asked->payload_template, "A mapping that makes payloads; this.index counts from 0 to 1023");
    file->excludes(size)->excludes(shape);
    shape->excludes(size);
    it->add_flag("--json", asked->json, "One JSON object instead of the table");
    it->add_option("--html", asked->html, "Also write a page with plots to this file");
    it->callback([asked, &chosen] { chosen = [asked] { return bench(*asked); }; });
}

} // namespace lambent::cli
