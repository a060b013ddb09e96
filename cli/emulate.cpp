#include <lambent/cli/command.hpp>
#include <lambent/cli/emulation.hpp>

#include <lambent/core/task_group.hpp>
#include <lambent/data/json.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

namespace lambent::cli {
namespace {

using namespace std::chrono_literals;

constexpr core::duration grace = 5s; ///< for calls in progress after a signal; a second signal ends at once

constexpr std::string_view help_of_the_file = R"(
A functions file is YAML; everything in it may be left out:

  keys: [{id: AKIDEXAMPLE, secret: wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY}]   # token: ...  expired: true
  region: eu-west-1             # the only one that signatures may name; any where absent
  account: "123456789012"
  concurrency: 1000             # invocations in progress; beyond: 429
  seed: 1                       # of faults and latencies: the n-th call of a function meets the same fate in every run
  functions:
    foo:
      mapping: |                # Bloblang over the payload; throw(...) is a function error
        root = if this.id == 0 { throw("bad id") } else { {"seen": this.id} }
      latency: {kind: lognormal, median: 10ms, p99: 80ms}   # or {kind: fixed, mean}, {kind: normal, mean, stddev}
      timeout: 3s               # the default; longer latencies are answered "Task timed out after 3.00 seconds"
      concurrency: 50           # reserved for it; beyond: 429
      versions: [1, 2]          # without versions and aliases every qualifier is accepted
      aliases: {prod: 2}
      faults: {throttle: 0.02, service_500: 0.01, bad_gateway_502: 0, reset_before: 0, reset_after: 0,
               truncate: 0, slow_body: 0, hang: 0}          # probabilities
    fixed: {reply: '{"statusCode":200}'}                    # the same answer always
    echo: {}                                                # what it was sent

Try it:
  lambent emulate --http 127.0.0.1:9001 --https 127.0.0.1:9443 &
  export AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:9001 AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
  lambent invoke echo -d '{"hello":"world"}'
)";

struct emulate_options
{
    emulation_options emulation;
    std::string http;
    std::string https;
    bool ready_json = false;
};

int fail(std::string_view text)
{
    std::fprintf(stderr, "lambent emulate: %.*s\n", static_cast<int>(text.size()), text.data());
    return 1;
}

/// "127.0.0.1:9001", "[::1]:9001", ":9001", "9001".
std::optional<emulator::listen_address> read_address(std::string_view text)
{
    emulator::listen_address at;
    const std::size_t colon = text.rfind(':');
    std::string_view host = colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
    const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return std::nullopt;
    if (!host.empty())
        at.address = host == "localhost" ? std::string_view("127.0.0.1") : host;
    const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), at.port);
    if (code != std::errc() || end != port.data() + port.size())
        return std::nullopt;
    return at;
}

std::string json_or_null(const std::string& text)
{
    if (text.empty())
        return "null";
    std::string quoted;
    data::write_json_string(quoted, text);
    return quoted;
}

void announce(const emulation& running, bool ready_json)
{
    const std::string http = running.http_url();
    const std::string https = running.https_url();
    if (ready_json) {
        std::printf("{\"http\":%s,\"https\":%s,\"ca_file\":%s}\n", json_or_null(http).c_str(), json_or_null(https).c_str(),
            json_or_null(running.ca_file()).c_str());
        std::fflush(stdout);
        return;
    }
    std::string names;
    for (const std::string& name : running.functions())
        names += (names.empty() ? "" : ", ") + name;
    std::printf("An emulated Lambda serves %s. To use it:\n", names.empty() ? "no function" : names.c_str());
    std::printf("  export AWS_ENDPOINT_URL_LAMBDA=%s\n", https.empty() ? http.c_str() : https.c_str());
    if (!https.empty())
        std::printf("  export AWS_CA_BUNDLE=%s\n", running.ca_file().c_str());
    std::printf("  export AWS_REGION=%s AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s\n", running.region().c_str(), running.key().id.c_str(),
        running.key().secret.c_str());
    if (!running.key().token.empty())
        std::printf("  export AWS_SESSION_TOKEN=%s\n", running.key().token.c_str());
    if (!http.empty() && !https.empty())
        std::printf("Without TLS it is at %s\n", http.c_str());
    std::printf("Ctrl-C ends it.\n");
    std::fflush(stdout);
}

awaitable<void> serve(core::shard& shard, emulate_options options, int& exit_code)
{
    auto running = co_await emulation::start(shard, options.emulation);
    if (!running) {
        exit_code = fail(running.error().text());
        co_return;
    }
    {
        asio::signal_set signals(shard.executor(), SIGINT, SIGTERM);
        announce(**running, options.ready_json);
        co_await signals.async_wait(await_tuple);
    }
    const core::deadline until = shard.time().in(grace);
    co_await (*running)->close(until);
}

int emulate(emulate_options options)
{
    // Naming one address asks for that one alone; naming none, for both at their usual places.
    const bool usual = options.http.empty() && options.https.empty();
    const auto listen = [&](const std::string& given, std::uint16_t usual_port, std::optional<emulator::listen_address>& out) {
        if (usual) {
            out.emplace();
            out->port = usual_port;
        } else if (!given.empty()) {
            out = read_address(given);
            return out.has_value();
        }
        return true;
    };
    if (!listen(options.http, 9001, options.emulation.http))
        return fail("--http takes an address such as 127.0.0.1:9001 (port 0: a free one), got '" + options.http + "'");
    if (!listen(options.https, 9443, options.emulation.https))
        return fail("--https takes an address such as 127.0.0.1:9443 (port 0: a free one), got '" + options.https + "'");
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    core::task_group tasks(shard);
    int exit_code = 0;
    tasks.start(serve(shard, std::move(options), exit_code));
    loop.run();
    return exit_code;
}

} // namespace

void add_emulate(CLI::App& app, command& chosen)
{
    auto options = std::make_shared<emulate_options>();
    CLI::App* sub = app.add_subcommand("emulate", "Serve Lambda's Invoke API here, with signatures checked and faults as you like");
    sub->add_option("functions", options->emulation.functions_file, "Functions file (YAML, see below); without one: a function `echo`")->type_name("FILE");
    sub->add_option("--http", options->http, "Address for HTTP, e.g. 127.0.0.1:9001; port 0 takes a free one")->type_name("ADDRESS");
    sub->add_option("--https", options->https, "Address for HTTPS, e.g. 127.0.0.1:9443, with a CA of its own; without --http and --https: both these")
        ->type_name("ADDRESS");
    sub->add_flag("--ready-json", options->ready_json, "Once it listens, print one line {\"http\":...,\"https\":...,\"ca_file\":...}");
    sub->add_option("--call-log", options->emulation.call_log, "Write one JSON line per call to this file")->type_name("FILE");
    sub->footer(std::string(help_of_the_file));
    sub->callback([options, &chosen] { chosen = [options] { return emulate(*options); }; });
}

} // namespace lambent::cli
