#include <lambent/http/server.hpp>

#include <lambent/core/deadline_watch.hpp>
#include <lambent/core/ready_set.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/core/waiter.hpp>
#include <lambent/http/server_connection.hpp>
#include <lambent/http/server_context.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cerrno>
#include <set>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lambent::http {
namespace {

// Out of descriptors, there is nothing to wait for but others' closing.
constexpr core::duration accept_pause = std::chrono::milliseconds(50);

core::error listen_error(const server_options& options, core::error_code code)
{
    std::string where = options.address.find(':') == std::string::npos ? options.address : "[" + options.address + "]";
    return {code, "listening on " + where + ":" + std::to_string(options.port) + ": " + code.message()};
}

core::error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

// A listening socket in the ready set.
class listener final : public core::ready_sink
{
public:
    explicit listener(core::shard& on) : shard_(on) {}
    ~listener() { close(); }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    core::result<void> open(const server_options& options)
    {
        core::error_code ec;
        const auto address = asio::ip::make_address(options.address, ec);
        if (ec)
            return listen_error(options, ec);
        const asio::ip::tcp::endpoint wanted(address, options.port);
        descriptor_ = ::socket(wanted.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
        const int on = 1;
        asio::ip::tcp::endpoint bound;
        auto size = static_cast<socklen_t>(bound.capacity());
        if (descriptor_ < 0 || ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
            || ::bind(descriptor_, wanted.data(), static_cast<socklen_t>(wanted.size())) != 0
            || ::listen(descriptor_, SOMAXCONN) != 0 || ::getsockname(descriptor_, bound.data(), &size) != 0) {
            const auto failed = listen_error(options, last_error());
            close();
            return failed;
        }
        bound.resize(size);
        port_ = bound.port();
        const auto added = shard_.readiness().add(descriptor_, *this);
        if (!added) {
            close();
            return listen_error(options, added.error().code);
        }
        watched_ = true;
        return {};
    }

    std::uint16_t port() const noexcept { return port_; }
    bool is_open() const noexcept { return descriptor_ >= 0; }

    /// A descriptor, or -1 with the reason in errno.
    int accept(asio::ip::tcp::endpoint& from) noexcept
    {
        auto size = static_cast<socklen_t>(from.capacity());
        const int got = ::accept4(descriptor_, from.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (got >= 0)
            from.resize(size);
        return got;
    }

    /// Somebody knocks, or `nudge`, or `close`.
    core::waiter& changed() noexcept { return changed_; }
    void nudge() noexcept { changed_.wake(); }

    void close() noexcept
    {
        if (descriptor_ < 0)
            return;
        if (watched_)
            shard_.readiness().remove(descriptor_, *this);
        ::close(descriptor_);
        descriptor_ = -1;
        watched_ = false;
        changed_.wake();
    }

private:
    void on_ready(std::uint32_t) noexcept override { changed_.wake_here(); }

    core::shard& shard_;
    core::waiter changed_;
    int descriptor_ = -1;
    std::uint16_t port_ = 0;
    bool watched_ = false;
};

} // namespace

struct server::state
{
    state(core::shard& on, server_options options_in, handler& to)
        : setting{on, without_pointer(options_in), to}, tls(options_in.tls ? *options_in.tls : server_tls{}),
          over_tls(options_in.tls != nullptr), door(on), tasks(on)
    {}

    // What it points to is copied and may be gone.
    static server_options without_pointer(server_options given)
    {
        given.tls = nullptr;
        return given;
    }

    core::result<void> start()
    {
        if (over_tls) {
            auto made = make_server_context(tls);
            if (!made)
                return made.error();
            context = std::move(*made);
            setting.tls = context.get();
        }
        const auto opened = door.open(setting.options);
        if (!opened)
            return opened.error();
        tasks.start(accept());
        return {};
    }

    // Edge-triggered: takes all who knock before it waits again.
    awaitable<void> accept()
    {
        while (door.is_open()) {
            const bool full = open.size() >= setting.options.connections_max;
            asio::ip::tcp::endpoint from;
            const int got = full ? -1 : door.accept(from);
            if (got >= 0) {
                const int on = 1;
                ::setsockopt(got, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                tasks.start(serve(got, from.address().to_string()));
                continue;
            }
            const int reason = errno;
            if (!full && (reason == EINTR || reason == ECONNABORTED))
                continue;
            if (!full && reason != EAGAIN) {
                const auto rested = co_await setting.shard.time().sleep(accept_pause);
                if (!rested)
                    co_return;
                continue;
            }
            const auto [ec] = co_await door.changed().wait(await_tuple);
            if (ec)
                co_return;
        }
    }

    awaitable<void> serve(int descriptor, std::string remote_address)
    {
        server_connection connection(setting, descriptor, std::move(remote_address));
        open.insert(&connection);
        co_await connection.run();
        open.erase(&connection);
        if (open.size() + 1 == setting.options.connections_max)
            door.nudge();
    }

    awaitable<void> close(core::deadline until)
    {
        setting.closing = true;
        door.close();
        for (server_connection* connection : open)
            connection->finish();
        auto abort = [this]() noexcept { tasks.cancel(); };
        core::deadline_watch watch(setting.shard.time(), until, abort);
        co_await tasks.join();
    }

    server_setting setting;
    server_tls tls;
    bool over_tls;
    ssl_context context;
    listener door;
    std::set<server_connection*> open;
    core::task_group tasks;
};

server::server(core::shard& on, server_options options, handler& to)
    : state_(std::make_unique<state>(on, std::move(options), to))
{}

server::~server() = default;

core::result<void> server::start() { return state_->start(); }

std::uint16_t server::port() const noexcept { return state_->door.port(); }

awaitable<void> server::close(core::deadline until) { return state_->close(until); }

} // namespace lambent::http
