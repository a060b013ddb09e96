#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>

#include <fstream>
#include <string>
#include <string_view>

namespace lambent::emulator {

/// One HTTP attempt that reached the emulator whole. Every one is recorded once: when its fate is settled, before its answer leaves.
struct call_record
{
    core::wall_time at{};            ///< when it arrived
    core::duration took{};           ///< until its fate was settled
    std::string function;            ///< name alone; empty where the path names none
    std::string qualifier;
    std::string request_id;
    std::string type;                ///< RequestResponse, Event, DryRun; empty where it was refused unread
    std::string payload_sha256;      ///< 64 lower-case hex digits, of the body as it came
    std::size_t payload_bytes = 0;
    /// ok, function_error, timed_out, dry_run · refused (error_type says why), throttled · service_500, bad_gateway_502, reset_before,
    /// reset_after, truncate, slow_body, hang · abandoned (the caller or the emulator went away while it waited)
    std::string outcome;
    int status = 0;                  ///< of the answer; 0: none left
    std::string error_type;          ///< AWS's name; empty: no service error
    bool executed = false;           ///< the function ran
};

/// One JSON object without line breaks, with "\n" behind it.
std::string to_json_line(const call_record& record);

/// Told of each call, on the server's shard.
class call_observer
{
public:
    virtual ~call_observer() = default;
    virtual void record(const call_record& record) = 0;
};

/// Writes one line per call to a file, each at once, so that a reader sees whole lines while the emulator runs.
class call_log final : public call_observer
{
public:
    /// Truncates. The error names the path.
    core::result<void> open(const std::string& path);
    void record(const call_record& record) override;
    /// A line could not be written, e.g. a full disk. Stays.
    bool broken() const noexcept { return broken_; }

private:
    std::ofstream file_;
    bool broken_ = false;
};

} // namespace lambent::emulator
