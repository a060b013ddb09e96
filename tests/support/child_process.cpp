#include <support/child_process.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lambent::support {
namespace {

using clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what)
{
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

::sockaddr_in loopback(std::uint16_t port)
{
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int milliseconds_left(clock::time_point until)
{
    return static_cast<int>(std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count()));
}

/// After fork, before exec: only what may be called there. Does not return.
[[noreturn]] void become(const child_options& options, char* const* arguments, int output, ::pid_t parent)
{
    // A parent that died before prctl would never be noticed after it.
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent)
        ::_exit(126);
    const int nothing = ::open("/dev/null", O_RDWR);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(output >= 0 ? output : nothing, STDOUT_FILENO);
    if (options.quiet)
        ::dup2(nothing, STDERR_FILENO);
    if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0)
        ::_exit(126);
    // An alarm survives exec, and its default action ends the process.
    ::alarm(static_cast<unsigned>(options.life.count()));
    ::execvp(arguments[0], arguments);
    ::_exit(127);
}

} // namespace

std::uint16_t free_port()
{
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_in address = loopback(0);
    ::socklen_t size = sizeof address;
    if (probe < 0 || ::bind(probe, reinterpret_cast<::sockaddr*>(&address), size) != 0
        || ::getsockname(probe, reinterpret_cast<::sockaddr*>(&address), &size) != 0)
        fail("no free port");
    ::close(probe);
    return ntohs(address.sin_port);
}

bool wait_until_listening(std::uint16_t port, std::chrono::milliseconds within)
{
    const auto until = clock::now() + within;
    for (;;) {
        const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const ::sockaddr_in address = loopback(port);
        const bool accepted = ::connect(probe, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) == 0;
        ::close(probe);
        if (accepted || milliseconds_left(until) == 0)
            return accepted;
        ::poll(nullptr, 0, 10);
    }
}

child_process::child_process(const child_options& options)
{
    if (options.arguments.empty())
        throw std::runtime_error("a child process needs a program");
    std::vector<char*> arguments;
    for (const std::string& argument : options.arguments)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    // Built before fork: setenv allocates.
    std::vector<std::string> variables;
    for (const auto& [name, value] : options.environment)
        variables.push_back(name + "=" + value);
    std::vector<char*> environment;
    for (std::string& variable : variables)
        environment.push_back(variable.data());
    for (char** inherited = environ; *inherited != nullptr; ++inherited) {
        const std::string_view text(*inherited);
        const auto overridden = std::any_of(options.environment.begin(), options.environment.end(),
            [&](const auto& given) { return text.starts_with(given.first + "="); });
        if (!overridden)
            environment.push_back(*inherited);
    }
    environment.push_back(nullptr);

    int ends[2] = {-1, -1};
    if (options.read_output && ::pipe2(ends, O_CLOEXEC) != 0)
        fail("pipe");
    const ::pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        fail("fork");
    if (pid_ == 0) {
        environ = environment.data();
        become(options, arguments.data(), ends[1], parent);
    }
    output_ = ends[0];
    if (ends[1] >= 0)
        ::close(ends[1]);
}

child_process::~child_process()
{
    stop();
    if (output_ >= 0)
        ::close(output_);
}

std::string child_process::line(std::chrono::milliseconds within)
{
    const auto until = clock::now() + within;
    for (;;) {
        const std::size_t end = pending_.find('\n');
        if (end != std::string::npos) {
            std::string found = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            return found;
        }
        ::pollfd waiting{output_, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, milliseconds_left(until));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            throw std::runtime_error("the child process said nothing in time; so far: " + pending_);
        char buffer[4096];
        const ::ssize_t count = ::read(output_, buffer, sizeof buffer);
        if (count <= 0)
            throw std::runtime_error("the child process ended its output; the last of it: " + pending_);
        pending_.append(buffer, static_cast<std::size_t>(count));
    }
}

void child_process::signal(int number) noexcept
{
    if (!ended_)
        ::kill(pid_, number);
}

int child_process::wait(std::chrono::milliseconds within)
{
    const auto until = clock::now() + within;
    while (!ended_) {
        int status = 0;
        const ::pid_t done = ::waitpid(pid_, &status, WNOHANG);
        if (done == pid_) {
            ended_ = true;
            exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        } else if (milliseconds_left(until) == 0) {
            return -1;
        } else {
            ::poll(nullptr, 0, 5);
        }
    }
    return exit_;
}

void child_process::stop() noexcept
{
    signal(SIGTERM);
    if (wait(std::chrono::seconds(2)) >= 0 || ended_)
        return;
    signal(SIGKILL);
    wait(std::chrono::seconds(10));
}

} // namespace lambent::support
