#include <lambent/stream/logger.hpp>

#include <lambent/data/json.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/text.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace lambent::stream {

namespace {

std::string_view level_text(core::log_level level)
{
    switch (level) {
    case core::log_level::trace: return "trace";
    case core::log_level::debug: return "debug";
    case core::log_level::info: return "info";
    case core::log_level::warn: return "warning";
    case core::log_level::error: return "error";
    case core::log_level::fatal: return "fatal";
    case core::log_level::off: break;
    }
    return "off";
}

/// RFC 3339 to the second, local zone; Z for UTC.
std::string timestamp(core::wall_time wall)
{
    const std::time_t seconds =
        static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(wall.time_since_epoch()).count());
    std::tm local{};
    localtime_r(&seconds, &local);
    std::array<char, 40> text{};
    std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &local);
    std::string result(text.data(), size);
    if (local.tm_gmtoff == 0)
        return result + "Z";
    size = std::strftime(text.data(), text.size(), "%z", &local); // +0130
    result.append(text.data(), 3).append(":").append(text.data() + 3, size - 3);
    return result;
}

bool plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._/@^+").find(c) != std::string_view::npos;
}

void append_logfmt(std::string& line, std::string_view key, std::string_view value)
{
    if (!line.empty())
        line += ' ';
    line += key;
    line += '=';
    if (!value.empty() && std::all_of(value.begin(), value.end(), plain))
        line += value;
    else
        append_go_quoted(line, value);
}

} // namespace

core::result<core::log_level> parse_log_level(std::string_view text)
{
    std::string upper(text);
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    static constexpr std::array<std::pair<std::string_view, core::log_level>, 9> levels{{
        {"OFF", core::log_level::off},
        {"NONE", core::log_level::off},
        {"FATAL", core::log_level::fatal},
        {"ERROR", core::log_level::error},
        {"WARN", core::log_level::warn},
        {"INFO", core::log_level::info},
        {"DEBUG", core::log_level::debug},
        {"TRACE", core::log_level::trace},
        {"ALL", core::log_level::trace},
    }};
    for (const auto& [name, level] : levels)
        if (name == upper)
            return level;
    return core::error{errc::invalid_config, "log level '" + std::string(text) +
                                                 "' not recognized: use one of OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE, ALL"};
}

core::result<logger_options::line_format> parse_log_format(std::string_view text)
{
    if (text == "logfmt")
        return logger_options::line_format::logfmt;
    if (text == "json")
        return logger_options::line_format::json;
    return core::error{errc::invalid_config, "log format '" + std::string(text) + "' not recognized"};
}

std::string log_line(const logger_options& how, core::wall_time wall, core::log_level level, std::string_view message,
    const core::log_fields& fields)
{
    if (message.ends_with('\n'))
        message.remove_suffix(1);
    std::map<std::string, std::string> sorted = how.static_fields;
    for (const auto& [key, value] : fields)
        sorted.insert_or_assign(key, value);
    std::string line;
    if (how.format == logger_options::line_format::logfmt) {
        if (how.add_timestamp)
            append_logfmt(line, how.timestamp_name, timestamp(wall));
        append_logfmt(line, how.level_name, level_text(level));
        append_logfmt(line, how.message_name, message);
        for (const auto& [key, value] : sorted)
            append_logfmt(line, key, value);
    } else {
        if (how.add_timestamp)
            sorted.insert_or_assign(how.timestamp_name, timestamp(wall));
        sorted.insert_or_assign(how.level_name, std::string(level_text(level)));
        sorted.insert_or_assign(how.message_name, std::string(message));
        line += '{';
        for (const auto& [key, value] : sorted) {
            if (line.size() > 1)
                line += ',';
            data::write_json_string(line, key, true);
            line += ':';
            data::write_json_string(line, value, true);
        }
        line += '}';
    }
    line += '\n';
    return line;
}

logger::logger(logger_options how, const core::timekeeper& time, int descriptor)
    : how_(std::move(how)), time_(time), descriptor_(descriptor)
{}

logger::~logger()
{
    if (file_ >= 0)
        ::close(file_);
}

core::result<void> logger::open_file(const std::string& path)
{
    std::error_code ignored; // what matters is whether the file opens
    if (const auto folder = std::filesystem::path(path).parent_path(); !folder.empty())
        std::filesystem::create_directories(folder, ignored);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0)
        return core::error{errc::file_failed, "logger: open " + path + ": " + errno_text(errno)};
    file_ = file;
    descriptor_ = file;
    return {};
}

void logger::write(core::log_level level, std::string_view message, const core::log_fields& fields)
{
    if (!enabled(level))
        return;
    std::string line = log_line(how_, time_.wall(), level, message, fields);
    if (wipe_ && file_ < 0)
        line.insert(0, "\r\x1b[K");
    std::string_view left = line;
    while (!left.empty()) {
        const ssize_t written = ::write(descriptor_, left.data(), left.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; // nowhere to complain to
        left.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace lambent::stream
