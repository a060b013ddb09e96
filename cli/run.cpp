#include <lambent/cli/command.hpp>
#include <lambent/cli/emulation.hpp>
#include <lambent/cli/progress.hpp>

#include <lambent/aws/environment.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/stream/process_world.hpp>
#include <lambent/stream/rejected.hpp>
#include <lambent/stream/service.hpp>
#include <lambent/stream/stream_config.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace lambent::cli {

namespace {

struct run_options
{
    stream::config_request config;
    std::vector<std::string> files;
    std::string config_file;
    bool chilled = false;
    std::string summary;  ///< "", "text" or "json"
    std::string rejected; ///< file; empty: none
    std::string emulate;  ///< functions file; empty: the real thing
};

constexpr const char* examples = R"(Reads a Benthos / Redpanda Connect configuration and runs it until its input ends, or until SIGINT or SIGTERM:
then what was read is delivered, at most `shutdown_timeout` long; a second signal ends at once.
Exit code: 0 when everything that was read is delivered, filtered or rejected; 1 otherwise.

Examples:
  lambent run orders.yaml
  lambent run -r 'resources/*.yaml' orders.yaml
  lambent run -s input.file.paths='[a.jsonl]' -s pipeline.threads=64 --summary orders.yaml
  lambent run --emulate functions.yaml orders.yaml
  generate | lambent run orders.yaml | consume
)";

int fail(const std::string& text)
{
    std::fprintf(stderr, "%s\n", text.c_str());
    return 1;
}

/// As log lines like the original's; bare on stderr too where those go elsewhere or nowhere. False: do not run.
bool report_lints(const stream::stream_config& config, bool chilled, stream::logger& log)
{
    if (config.findings.empty())
        return true;
    const core::log_level level = chilled ? core::log_level::warn : core::log_level::error;
    const bool seen = config.log_to_stderr && config.log_file.empty() && log.enabled(level);
    for (const config::finding& finding : config.findings) {
        log.write(level, "Config lint error", {{"lint", finding.text()}});
        if (!seen && !chilled)
            std::fprintf(stderr, "%s\n", finding.text().c_str());
    }
    if (chilled)
        return true;
    constexpr std::string_view last = "Shutting down due to linter errors, to prevent shutdown run lambent with --chilled";
    log.write(level, last, {});
    if (!seen)
        std::fprintf(stderr, "%.*s\n", static_cast<int>(last.size()), last.data());
    return false;
}

/// What a run needs while its loop turns.
struct run_state
{
    const run_options& options;
    const stream::stream_config& config;
    core::shard& shard;
    stream::logger& log;
    const aws::environment& environment;
    stream::rejected_file rejected;
    int exit_code = 1;
};

awaitable<void> watch_signals(asio::signal_set& signals, stream::service& running)
{
    for (int seen = 0;; ++seen) {
        const auto [failed, number] = co_await signals.async_wait(await_tuple);
        if (failed)
            co_return;
        running.shut_down(number == SIGINT ? "SIGINT" : "SIGTERM");
        if (seen > 0)
            signals.clear(); // a third one has its usual, deadly effect
    }
}

awaitable<bool> run_service(run_state& state, stream::service& running, progress& shown)
{
    asio::signal_set signals(state.shard.executor(), SIGINT, SIGTERM);
    core::task_group beside(state.shard);
    beside.start(watch_signals(signals, running));
    if (shown.live())
        beside.start(shown.keep_showing());
    const bool clean = co_await running.run();
    beside.cancel();
    co_await beside.join();
    co_return clean;
}

void summarise(const run_options& options, const progress& shown, bool terminal)
{
    shown.wipe();
    if (options.summary == "json")
        std::fprintf(stderr, "%s\n", shown.summary_json().c_str());
    else if (terminal || !options.summary.empty())
        std::fprintf(stderr, "%s\n", shown.summary_text().c_str());
}

int not_built(const run_state& state, std::string text)
{
    if (const auto place = stream::find_place(state.config, text))
        text += "\n  at " + place->file + "(" + std::to_string(place->line) + "," + std::to_string(place->column) + ")";
    return fail(text);
}

awaitable<int> run_stream(run_state& state, processor::lambda_defaults lambda)
{
    const stream::process_world world(state.shard, state.environment);
    stream::rejected_sink* const rejected = state.options.rejected.empty() ? nullptr : &state.rejected;
    stream::services lent{state.shard, state.log, state.environment, world, std::move(lambda), rejected};
    auto running = stream::service::build(state.config, std::move(lent), LAMBENT_VERSION);
    if (!running)
        co_return not_built(state, running.error().text());
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    progress shown(state.shard, (*running)->shared(), terminal);
    state.log.wipe_before_lines(terminal && (state.config.log_to_stderr || ::isatty(STDOUT_FILENO) != 0));
    const bool clean = co_await run_service(state, **running, shown);
    summarise(state.options, shown, terminal);
    if (!state.rejected.broken().empty())
        co_return fail("--rejected: " + state.rejected.broken());
    co_return clean ? 0 : 1;
}

/// With `--emulate` an emulated Lambda lives as long as the stream.
awaitable<void> run_all(run_state& state)
{
    using namespace std::chrono_literals;
    processor::lambda_defaults lambda;
    std::unique_ptr<emulation> emulated;
    if (!state.options.emulate.empty()) {
        auto started = co_await emulation::start(state.shard, state.options.emulate);
        if (!started) {
            fail("--emulate: " + started.error().text());
            co_return;
        }
        emulated = std::move(*started);
        lambda = {emulated->https_url(), emulated->ca_file(), emulated->region(), emulated->key().id, emulated->key().secret};
    }
    state.exit_code = co_await run_stream(state, std::move(lambda));
    if (emulated)
        co_await emulated->close(state.shard.time().in(1s));
}

void log_start(const stream::stream_config& config, stream::logger& log)
{
    if (config.file.empty())
        log.write(core::log_level::info, "Running without a main config file", {});
    else
        log.write(core::log_level::info,
            config.found_by_default ? "Running main config from file found in a default path" : "Running main config from specified file",
            {{"lambent_version", LAMBENT_VERSION}, {"path", config.file}});
}

int run(const run_options& options)
{
    std::signal(SIGPIPE, SIG_IGN); // a peer that is gone is an error of a write
    const aws::environment& environment = aws::process_environment();
    const auto config = stream::load(options.config, environment, std::thread::hardware_concurrency());
    if (!config)
        return fail(config.error().text());
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    stream::logger log(config->logger, shard.time(), config->log_to_stderr ? STDERR_FILENO : STDOUT_FILENO);
    if (!config->log_file.empty())
        if (auto opened = log.open_file(config->log_file); !opened)
            return fail(opened.error().text());
    if (!report_lints(*config, options.chilled, log))
        return 1;
    run_state state{options, *config, shard, log, environment, {}};
    if (!options.rejected.empty())
        if (auto opened = state.rejected.open(options.rejected); !opened)
            return fail("--rejected: " + opened.error().text());
    log_start(*config, log);
    core::task_group group(shard);
    group.start(run_all(state));
    loop.run();
    return state.exit_code;
}

} // namespace

void add_run(CLI::App& app, command& chosen)
{
    auto options = std::make_shared<run_options>();
    CLI::App* run_app = app.add_subcommand("run", "Run a stream from a configuration file");
    run_app->footer(examples);
    run_app->add_option("file", options->files, "The configuration; without one, the first default path, else stdin to stdout");
    run_app->add_option("-c,--config", options->config_file, "The configuration, as a flag");
    run_app->add_option("-r,--resources", options->config.resources, "A file with resources; glob patterns are expanded (repeatable)")
        ->allow_extra_args(false);
    run_app->add_option("-s,--set", options->config.sets, "Set a field by its dot path: -s pipeline.threads=64 (repeatable)")
        ->allow_extra_args(false);
    run_app->add_flag("--chilled", options->chilled, "Run even if the linter finds fault");
    run_app->add_option("--log.level", options->config.log_level, "Instead of the file's logger.level: off, error, warn, info, debug, trace");
    run_app->add_flag("--summary{text}", options->summary, "End with a summary on stderr; --summary=json: for programs (given as text anyway on a terminal)")
        ->check(CLI::IsMember({"text", "json"}));
    run_app->add_option("--rejected", options->rejected,
        "Append messages that are rejected for good to this file, as JSON lines {content, error}");
    run_app->add_option("--emulate", options->emulate,
        "Serve an emulated Lambda from this functions file (see `lambent emulate --help`) to every aws_lambda without an endpoint of its own");
    run_app->callback([options, &chosen] {
        std::vector<std::string> files = options->files;
        if (!options->config_file.empty())
            files.push_back(options->config_file);
        if (files.size() > 1) {
            chosen = [] { return fail("a maximum of one config must be specified with the run command"); };
            return;
        }
        if (!files.empty())
            options->config.file = files.front();
        chosen = [options] { return run(*options); };
    });
}

} // namespace lambent::cli
