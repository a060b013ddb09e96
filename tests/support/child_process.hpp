#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace lambent::support {

/// A port of 127.0.0.1 that nobody listens on now. For servers that cannot choose one themselves; prefer those that can.
std::uint16_t free_port();
/// Waits until somebody accepts connections at 127.0.0.1:port; false after `within`.
bool wait_until_listening(std::uint16_t port, std::chrono::milliseconds within = std::chrono::seconds(20));

struct child_options
{
    std::vector<std::string> arguments;                               ///< the program first; looked up in PATH
    std::vector<std::pair<std::string, std::string>> environment;     ///< added to this process's own
    std::string directory;                                            ///< to run in; empty: this process's
    bool read_output = false;                                         ///< its stdout comes here, line by line; else it is dropped
    bool quiet = false;                                               ///< its stderr is dropped; else it is this process's
    std::chrono::seconds life{300};                                   ///< it is killed after that, whatever happens here
};

/// A process that dies with this object, with this process, and at the latest after its life. Throws std::runtime_error.
class child_process
{
public:
    explicit child_process(const child_options& options);
    ~child_process(); ///< stops it
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;

    ::pid_t id() const noexcept { return pid_; }
    /// The next line of its output, without the line's end. Throws when it ends, or says nothing within that time.
    std::string line(std::chrono::milliseconds within = std::chrono::seconds(20));
    /// Sends a signal to it alone.
    void signal(int number) noexcept;
    /// Waits for its end: exit code, or 128 + signal. -1 after `within`.
    int wait(std::chrono::milliseconds within = std::chrono::seconds(20));
    /// SIGTERM, and SIGKILL where that is not heeded within two seconds.
    void stop() noexcept;

private:
    ::pid_t pid_ = -1;
    int output_ = -1;
    std::string pending_;
    int exit_ = -1;
    bool ended_ = false;
};

} // namespace lambent::support
