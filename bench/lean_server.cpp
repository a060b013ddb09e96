// lean_server: a function endpoint that costs as little as one thread can make it cost, so that clients are measured and
// not the server. It reads every request to its end, checks nothing, and answers each with the same Lambda-like reply.
//
//   lean_server [--port N] [--cert FILE --key FILE] [--latency 5ms] [--close-after N]
//
// One edge-triggered epoll set. The socket BIO of ours receives only while the descriptor is known to be readable: a
// short read means that the kernel's buffer is empty, which spares the second, futile read of every request. Replies
// of one turn leave in one write. Ends on SIGTERM or SIGINT and says how many handshakes there were, and resumed ones.
#include "lean_connection.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <limits>
#include <memory>
#include <netinet/tcp.h>
#include <optional>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace lambent::bench;

struct options
{
    int port = 0;
    const char* certificate_file = nullptr;
    const char* key_file = nullptr;
    std::int64_t latency_ns = 0;
    std::uint64_t close_after = std::numeric_limits<std::uint64_t>::max();
};

[[noreturn]] void refuse(const char* what, const char* detail)
{
    std::fprintf(stderr, "lean_server: %s: %s\n", what, detail);
    std::exit(1);
}

std::int64_t nanoseconds_of(const char* text)
{
    char* unit = nullptr;
    const double amount = std::strtod(text, &unit);
    const std::string_view name = unit;
    const double scale = name == "us" ? 1e3 : name == "ms" ? 1e6 : name == "s" ? 1e9 : 0;
    if (unit == text || scale == 0 || amount < 0)
        refuse("--latency needs a number and a unit, as in 5ms", text);
    return static_cast<std::int64_t>(amount * scale);
}

options read_arguments(int count, char** words)
{
    options found;
    for (int i = 1; i < count; i += 2) {
        const std::string_view name = words[i];
        if (i + 1 == count)
            refuse("this argument needs a value", words[i]);
        const char* value = words[i + 1];
        if (name == "--port")
            found.port = std::atoi(value);
        else if (name == "--cert")
            found.certificate_file = value;
        else if (name == "--key")
            found.key_file = value;
        else if (name == "--latency")
            found.latency_ns = nanoseconds_of(value);
        else if (name == "--close-after")
            found.close_after = std::strtoull(value, nullptr, 10);
        else
            refuse("unknown argument", words[i]);
    }
    if ((found.certificate_file == nullptr) != (found.key_file == nullptr))
        refuse("--cert and --key belong together", "one of them is missing");
    if (found.close_after == 0)
        refuse("--close-after needs a number of answers", "at least 1");
    return found;
}

std::int64_t monotonic_ns()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

/// Descriptors for 10,000 connections and more: the soft limit up to the hard one.
void raise_descriptor_limit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

SSL_CTX* tls_context(const options& given)
{
    if (given.certificate_file == nullptr)
        return nullptr;
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_read_ahead(context, 1);
    if (SSL_CTX_use_certificate_chain_file(context, given.certificate_file) != 1)
        refuse("cannot use the certificate", given.certificate_file);
    if (SSL_CTX_use_PrivateKey_file(context, given.key_file, SSL_FILETYPE_PEM) != 1)
        refuse("cannot use the key", given.key_file);
    return context;
}

int listen_on(int& port)
{
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 16'384) != 0)
        refuse("cannot listen on 127.0.0.1", std::strerror(errno));
    socklen_t size = sizeof address;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    return listener;
}

volatile std::sig_atomic_t asked_to_end = 0;

class server
{
public:
    server(const options& given, int listener, SSL_CTX* context)
        : given_(given), listener_(listener), context_(context), epoll_(epoll_create1(EPOLL_CLOEXEC))
    {
        epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
        epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
    }

    void run()
    {
        epoll_event events[256];
        while (asked_to_end == 0) {
            const int count = wait(events, 256);
            for (int i = 0; i < count; ++i)
                serve(events[i]);
            answer_the_due();
            closed_.clear();   // events of this turn may still have pointed at them
        }
    }

private:
    /// An answer that is owed later; it keeps its connection's memory, not its descriptor.
    struct owed
    {
        std::int64_t due_ns;
        std::shared_ptr<connection> to;
    };

    int wait(epoll_event* events, int capacity)
    {
        if (owed_.empty())
            return epoll_wait(epoll_, events, capacity, -1);
        const std::int64_t left = std::max<std::int64_t>(0, owed_.front().due_ns - monotonic_ns());
        const timespec limit{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
        return epoll_pwait2(epoll_, events, capacity, &limit, nullptr);
    }

    void serve(const epoll_event& event)
    {
        if (event.data.ptr == nullptr) {
            accept_all();
            return;
        }
        auto& at = *static_cast<connection*>(event.data.ptr);
        if (at.closed())
            return;
        const bool ending = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        if ((event.events & EPOLLOUT) != 0 && !at.flush()) {
            close(at);
            return;
        }
        std::size_t requests = 0;
        const bool alive = at.receive(requests, ending);
        if (given_.latency_ns == 0) {
            if (!at.answer(requests, given_.close_after) || !alive)
                close(at);
            return;
        }
        if (!alive) {
            close(at);
            return;
        }
        const std::int64_t due = requests > 0 ? monotonic_ns() + given_.latency_ns : 0;
        for (; requests > 0; --requests)
            owed_.push_back({due, at.shared_from_this()});
    }

    void answer_the_due()
    {
        if (owed_.empty())
            return;
        const std::int64_t now = monotonic_ns();
        while (!owed_.empty() && owed_.front().due_ns <= now) {
            const std::shared_ptr<connection> to = std::move(owed_.front().to);
            owed_.pop_front();
            std::size_t answers = 1;
            for (; !owed_.empty() && owed_.front().to == to && owed_.front().due_ns <= now; ++answers)
                owed_.pop_front();
            if (!to->closed() && !to->answer(answers, given_.close_after))
                close(*to);
        }
    }

    void accept_all()
    {
        for (;;) {
            const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor < 0)
                return;
            const int on = 1;
            setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            auto made = std::make_shared<connection>(descriptor, context_);
            epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = made.get()}};
            epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
            made->slot = open_.size();
            open_.push_back(std::move(made));
        }
    }

    void close(connection& at)
    {
        const std::size_t slot = at.slot;
        at.close();
        closed_.push_back(std::move(open_[slot]));
        if (slot + 1 != open_.size()) {
            open_[slot] = std::move(open_.back());
            open_[slot]->slot = slot;
        }
        open_.pop_back();
    }

    options given_;
    int listener_;
    SSL_CTX* context_;
    int epoll_;
    std::vector<std::shared_ptr<connection>> open_;
    std::vector<std::shared_ptr<connection>> closed_;
    std::deque<owed> owed_;   // one latency for all, so that they fall due in the order of their arrival
};

} // namespace

int main(int count, char** words)
{
    options given = read_arguments(count, words);
    std::signal(SIGPIPE, SIG_IGN);
    struct sigaction ending{};   // without SA_RESTART: the wait ends with EINTR
    ending.sa_handler = [](int) { asked_to_end = 1; };
    sigaction(SIGTERM, &ending, nullptr);
    sigaction(SIGINT, &ending, nullptr);
    raise_descriptor_limit();
    SSL_CTX* context = tls_context(given);
    const int listener = listen_on(given.port);
    server ready(given, listener, context);
    std::printf("{\"port\":%d,\"endpoint\":\"%s://127.0.0.1:%d\",\"pid\":%d}\n", given.port, context ? "https" : "http", given.port,
                getpid());
    std::fflush(stdout);
    ready.run();
    if (context != nullptr)
        std::printf("{\"handshakes\":%ld,\"resumed\":%ld}\n", SSL_CTX_sess_accept_good(context), SSL_CTX_sess_hits(context));
    SSL_CTX_free(context); // the connections that are left hold it too
    return 0;
}
