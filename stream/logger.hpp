#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/log.hpp>
#include <lambent/core/timekeeper.hpp>

#include <map>
#include <string>
#include <string_view>

namespace lambent::stream {

struct logger_options
{
    enum class line_format { logfmt, json };

    core::log_level level = core::log_level::info;
    line_format format = line_format::logfmt;
    bool add_timestamp = true;
    std::string level_name = "level";
    std::string timestamp_name = "time";
    std::string message_name = "msg";
    std::map<std::string, std::string> static_fields = {{"@service", "lambent"}};
};

/// OFF NONE FATAL ERROR WARN INFO DEBUG TRACE ALL, in any case.
core::result<core::log_level> parse_log_level(std::string_view text);
core::result<logger_options::line_format> parse_log_format(std::string_view text);

/// One log line, newline included, in the form of the original. `wall` is shown in the local zone, to the second.
std::string log_line(const logger_options& how, core::wall_time wall, core::log_level level, std::string_view message,
    const core::log_fields& fields);

/// Writes lines to a descriptor, each with one call.
class logger final : public core::log_sink
{
public:
    /// Neither owns `descriptor` nor `time`; both must outlive it.
    logger(logger_options how, const core::timekeeper& time, int descriptor);
    logger(const logger&) = delete;
    logger& operator=(const logger&) = delete;
    ~logger() override;

    /// From now on to this file (appended to, made with its directories).
    core::result<void> open_file(const std::string& path);
    /// A line that is rewritten in place stands on this terminal: each log line wipes it first.
    void wipe_before_lines(bool wipe) noexcept { wipe_ = wipe; }

    bool enabled(core::log_level level) const noexcept override { return level >= how_.level && level != core::log_level::off; }
    void write(core::log_level level, std::string_view message, const core::log_fields& fields) override;

private:
    logger_options how_;
    const core::timekeeper& time_;
    int descriptor_;
    int file_ = -1;
    bool wipe_ = false;
};

} // namespace lambent::stream
