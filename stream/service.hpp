#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/http/server.hpp>
#include <lambent/stream/engine.hpp>
#include <lambent/stream/event.hpp>
#include <lambent/stream/health.hpp>
#include <lambent/stream/resources.hpp>
#include <lambent/stream/stream_config.hpp>

#include <memory>
#include <string>

namespace lambent::stream {

/// A stream with all around it: its resources, its endpoints, the way it ends.
class service
{
public:
    /// Makes every component; nothing runs yet. The error is the original's line, e.g. "failed to init processor <no label>
    /// path root.pipeline.processors.0: ...".
    static core::result<std::unique_ptr<service>> build(const stream_config& config, services lent, std::string version);
    ~service();

    /// Runs the stream to its end: the input's, or a shutdown's. True when all that was read is delivered, filtered or rejected.
    awaitable<bool> run();

    /// A signal arrived. The first drains: what was read is delivered within three quarters of `shutdown_timeout`, then
    /// everything is cut short. A second one cuts short at once.
    void shut_down(std::string_view signal) noexcept;

    resources& shared() noexcept { return shared_; }
    /// 0: no endpoints.
    std::uint16_t http_port() const noexcept { return server_ ? server_->port() : 0; }

private:
    service(const stream_config& config, services lent, std::string version);
    core::result<void> make(const stream_config& config);
    void log(core::log_level level, std::string_view message);
    void start_http(const http_settings& settings);
    awaitable<void> watch_shutdown();
    awaitable<void> close();

    resources shared_;
    core::duration shutdown_delay_;
    core::duration shutdown_timeout_;
    http_settings http_;
    health health_;
    std::unique_ptr<engine> engine_;
    std::unique_ptr<http::server> server_;
    event signalled_;
    std::string signal_;    ///< empty: none yet
    bool cut_short_ = false;
};

} // namespace lambent::stream
