#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/stream/resources.hpp>

#include <string>

namespace lambent::cli {

/// What a run tells about itself: one live line on a terminal, and a summary.
class progress
{
public:
    /// Begins to count time and CPU now.
    progress(core::shard& on, const stream::resources& of, bool live);

    bool live() const noexcept { return live_; }
    /// Rewrites the line on stderr four times a second, until cancelled.
    awaitable<void> keep_showing();
    void wipe() const;

    std::string summary_text() const;
    /// One object: messages_in, delivered, filtered, rejected, undelivered, replays, invocations, attempts, retries, throttled,
    /// timed_out, failed, function_errors, latency_ms {p50, p90, p99, max}, duration_s, messages_per_second, cpu_us_per_message.
    std::string summary_json() const;

private:
    std::string line() const;
    double seconds() const;
    double cpu_us_per_message() const;

    core::shard& shard_;
    const stream::resources& of_;
    bool live_;
    core::instant began_;
    double cpu_began_;
};

} // namespace lambent::cli
