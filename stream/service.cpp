#include <lambent/stream/service.hpp>

#include <lambent/processor/catalogue.hpp>
#include <lambent/stream/catalogue.hpp>
#include <lambent/stream/errc.hpp>

#include <array>

namespace lambent::stream {

namespace {

/// What a section stands for when it is not written.
core::result<config::node> component(const stream_config& config, std::string_view name, std::string_view absent)
{
    const config::node written = config.document.get(name);
    if (written.exists() && !written.is_null() && !(written.is_map() && written.size() == 0))
        return written;
    return config::node::parse(absent, "defaults");
}

core::error closing_due_to(const core::error& why)
{
    return core::error{why.code, "service closing due to: " + why.text()};
}

} // namespace

service::service(const stream_config& config, services lent, std::string version)
    : shared_(std::move(lent)), shutdown_delay_(config.shutdown_delay), shutdown_timeout_(config.shutdown_timeout), http_(config.http),
      health_(config.http.root_path, std::move(version)), signalled_(shared_.shard())
{
    shared_.alarm(&signalled_);
}

service::~service() { shared_.alarm(nullptr); }

core::result<std::unique_ptr<service>> service::build(const stream_config& config, services lent, std::string version)
{
    std::unique_ptr<service> made(new service(config, std::move(lent), std::move(version)));
    if (auto good = made->make(config); !good)
        return good.error();
    return made;
}

core::result<void> service::make(const stream_config& config)
{
    constexpr std::array sections{std::pair("rate_limit_resources", config::field_type::rate_limit),
        std::pair("cache_resources", config::field_type::cache), std::pair("processor_resources", config::field_type::processor),
        std::pair("output_resources", config::field_type::output), std::pair("input_resources", config::field_type::input)};
    for (const auto& [name, kind] : sections)
        for (const config::node& list : section(config, name))
            if (auto declared = shared_.declare(kind, list); !declared)
                return core::error{declared.error().code, "failed to initialise resources: " + declared.error().text()};
    if (auto made = shared_.build(); !made)
        return core::error{made.error().code, "failed to initialise resources: " + made.error().text()};

    const auto from = component(config, "input", "stdin: {}");
    if (!from)
        return from.error();
    const auto to = component(config, "output", "stdout: {}");
    if (!to)
        return to.error();
    engine_parts parts;
    auto input = build_input(shared_, *from, "input");
    if (!input)
        return closing_due_to(input.error());
    parts.from = std::move(*input);
    const config::node list = config.document.get("pipeline").get("processors");
    std::vector<config::node> objects;
    for (std::size_t i = 0; i < list.size(); ++i)
        objects.push_back(list.at(i));
    auto stages = processor::build_all(shared_, objects, "pipeline.processors");
    if (!stages)
        return closing_due_to(stages.error());
    parts.stages = std::move(*stages);
    auto output = build_output(shared_, *to, "output");
    if (!output)
        return closing_due_to(output.error());
    parts.to = std::move(*output);
    parts.workers = config.threads;
    engine_ = std::make_unique<engine>(shared_, std::move(parts));
    health_.show(engine_.get(), from->get("label").text(), to->get("label").text());
    return {};
}

void service::log(core::log_level level, std::string_view message) { shared_.log().write(level, message, {}); }

void service::start_http(const http_settings& settings)
{
    http::server_tls tls{settings.certificate_pem, settings.key_pem};
    http::server_options options;
    options.address = settings.host;
    options.port = settings.port;
    options.tls = settings.certificate_pem.empty() ? nullptr : &tls;
    auto made = std::make_unique<http::server>(shared_.shard(), options, health_);
    const auto started = made->start();
    if (!started) {
        // As the original: a taken port must not stop the stream.
        log(core::log_level::error, "HTTP Server error: " + started.error().text());
        return;
    }
    server_ = std::move(made);
    const std::string host = settings.host.find(':') == std::string::npos ? settings.host : "[" + settings.host + "]";
    log(core::log_level::info, std::string("Listening for HTTP requests at: http") + (options.tls != nullptr ? "s" : "") + "://" + host + ":" +
                                   std::to_string(server_->port()));
}

awaitable<bool> service::run()
{
    if (http_.enabled)
        start_http(http_);
    log(core::log_level::info, "Launching a lambent instance, use CTRL+C to close");
    core::task_group watcher(shared_.shard());
    watcher.start(watch_shutdown());
    const auto connected = co_await shared_.connect();
    core::result<void> ended;
    if (connected)
        ended = co_await engine_->run();
    watcher.cancel();
    co_await watcher.join();
    if (!ended)
        log(core::log_level::error, "Failed to read message: " + ended.error().text());
    if (signal_.empty() && !shared_.broken_down())
        log(core::log_level::info, "Pipeline has terminated. Shutting down the service");
    co_await close();
    const bool all_settled = shared_.count().undelivered == 0 && !shared_.broken_down();
    co_return ended.has_value() && all_settled;
}

awaitable<void> service::close()
{
    health_.ended();
    co_await engine_->close();
    co_await shared_.close();
    if (cut_short_ && shared_.count().undelivered > 0)
        log(core::log_level::warn, "Some components prevented forced termination as they were either blocked from delivering data or from "
                                   "acknowledging delivered data within the shutdown timeout. This could potentially cause duplicate "
                                   "messages to be delivered on the next run.");
    if (server_) {
        using namespace std::chrono_literals;
        co_await server_->close(shared_.shard().time().in(1s));
    }
}

void service::shut_down(std::string_view signal) noexcept
{
    if (signal_.empty())
        signal_ = signal;
    signalled_.notify();
}

awaitable<void> service::watch_shutdown()
{
    core::timekeeper& time = shared_.shard().time();
    if (const auto first = co_await signalled_.wait(core::deadline::never()); !first)
        co_return;
    if (const auto& broken = shared_.broken_down()) {
        cut_short_ = true;
        log(core::log_level::error, "Stopping, this cannot be mended: " + broken->text());
        engine_->cancel();
        co_return;
    }
    log(core::log_level::info, "Received " + signal_ + ", the service is closing");
    // Each wait ends early with a further signal.
    if (shutdown_delay_ > core::duration::zero()) {
        log(core::log_level::info, "Shutdown delay is in effect, waiting before the stream is stopped");
        if (const auto delayed = co_await signalled_.wait(time.in(shutdown_delay_)); !delayed)
            co_return;
    }
    engine_->stop();
    shared_.stop(ending::drain);
    if (const auto drained = co_await signalled_.wait(time.in(shutdown_timeout_ / 4 * 3)); !drained)
        co_return;
    cut_short_ = true;
    log(core::log_level::info, "Stopping now: what is still under way is given up");
    engine_->cancel();
}

} // namespace lambent::stream
