#include <lambent/emulator/call_log.hpp>

#include <lambent/emulator/json_text.hpp>
#include <lambent/emulator/protocol.hpp>

#include <cerrno>

namespace lambent::emulator {
namespace {

void append_text(std::string& line, std::string_view name, std::string_view value)
{
    line.append(",\"").append(name).append("\":");
    append_quoted(line, value);
}

} // namespace

std::string to_json_line(const call_record& record)
{
    std::string line = "{\"time\":";
    append_quoted(line, iso_time(record.at));
    append_text(line, "function", record.function);
    append_text(line, "qualifier", record.qualifier);
    append_text(line, "request_id", record.request_id);
    append_text(line, "type", record.type);
    append_text(line, "payload_sha256", record.payload_sha256);
    line += ",\"payload_bytes\":" + std::to_string(record.payload_bytes);
    append_text(line, "outcome", record.outcome);
    line += ",\"status\":" + std::to_string(record.status);
    append_text(line, "error_type", record.error_type);
    line += record.executed ? ",\"executed\":true" : ",\"executed\":false";
    line += ",\"took_us\":" + std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(record.took).count()) + "}\n";
    return line;
}

core::result<void> call_log::open(const std::string& path)
{
    errno = 0;
    file_.open(path, std::ios::binary | std::ios::trunc);
    if (file_.is_open())
        return {};
    core::error refused;
    refused.code = core::error_code(errno == 0 ? EIO : errno, boost::system::generic_category());
    refused.detail = "cannot write the call log " + path + ": " + refused.code.message();
    return refused;
}

void call_log::record(const call_record& record)
{
    const std::string line = to_json_line(record);
    file_.write(line.data(), static_cast<std::streamsize>(line.size()));
    file_.flush();
    broken_ = broken_ || !file_;
}

} // namespace lambent::emulator
