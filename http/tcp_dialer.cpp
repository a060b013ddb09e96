#include <lambent/http/tcp_dialer.hpp>

#include <lambent/core/deadline_watch.hpp>
#include <lambent/core/waiter.hpp>
#include <lambent/http/errc.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace lambent::http {
namespace {

constexpr core::duration stagger = std::chrono::milliseconds(250); // RFC 8305 §5: Connection Attempt Delay

core::error stopped_error()
{
    core::error out;
    out.code = core::errc::cancelled;
    return out;
}

std::string text_of(const asio::ip::tcp::endpoint& at)
{
    const std::string host = at.address().to_string();
    return (at.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(at.port());
}

core::error dial_error(const std::string& remote, const std::string& why, errc code)
{
    core::error out;
    out.code = code;
    out.detail = "dial tcp " + remote + ": " + why;
    return out;
}

void set(int descriptor, int level, int name, int value) noexcept
{
    // What the kernel refuses stays at its default: none of these is needed to be right, only to be good.
    static_cast<void>(::setsockopt(descriptor, level, name, &value, sizeof value));
}

int seconds_of(core::duration d) noexcept
{
    return std::max(1, static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(d).count()));
}

void tune(int descriptor, const tcp_options& options) noexcept
{
    set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    if (options.keep_alive_idle > core::duration::zero()) {
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
        set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, seconds_of(options.keep_alive_idle));
        if (options.keep_alive_interval > core::duration::zero())
            set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, seconds_of(options.keep_alive_interval));
        if (options.keep_alive_count > 0)
            set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, options.keep_alive_count);
    }
    if (options.user_timeout > core::duration::zero())
        set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT,
            static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(options.user_timeout).count()));
}

/// One address being connected to.
class runner final : private core::ready_sink
{
public:
    runner(core::ready_set& readiness, const asio::ip::tcp::endpoint& to, core::instant give_up, core::waiter& told)
        : to_(to), give_up_(give_up), readiness_(readiness), told_(told)
    {}
    ~runner()
    {
        if (const int left = release(); left >= 0)
            ::close(left);
    }
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;

    /// errno, or 0 when under way.
    int start(const tcp_options& options)
    {
        descriptor_ = ::socket(to_.address().is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
        if (descriptor_ < 0)
            return errno;
        tune(descriptor_, options);
        if (::connect(descriptor_, to_.data(), static_cast<socklen_t>(to_.size())) != 0 && errno != EINPROGRESS)
            return errno;
        const auto added = readiness_.add(descriptor_, *this);
        watching_ = added.has_value();
        return watching_ ? 0 : added.error().code.value();
    }

    enum class state { under_way, connected, failed };
    /// `number` is errno where failed.
    state look(int& number)
    {
        if (!std::exchange(changed_, false))
            return state::under_way;
        socklen_t size = sizeof number;
        if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &number, &size) != 0)
            number = errno;
        if (number != 0)
            return state::failed;
        sockaddr_storage peer{};
        size = sizeof peer;
        return ::getpeername(descriptor_, reinterpret_cast<sockaddr*>(&peer), &size) == 0 ? state::connected : state::under_way;
    }
    /// The descriptor, no longer watched; -1 if there is none.
    int release() noexcept
    {
        if (std::exchange(watching_, false))
            readiness_.remove(descriptor_, *this);
        return std::exchange(descriptor_, -1);
    }
    const asio::ip::tcp::endpoint& to() const noexcept { return to_; }
    core::instant give_up() const noexcept { return give_up_; }

private:
    void on_ready(std::uint32_t) noexcept override
    {
        changed_ = true;
        told_.wake();
    }

    asio::ip::tcp::endpoint to_;
    core::instant give_up_;
    core::ready_set& readiness_;
    core::waiter& told_;
    int descriptor_ = -1;
    bool watching_ = false;
    bool changed_ = false;
};

/// Wakes the dial whenever the transport is ready.
class waking_owner final : public transport_owner
{
public:
    explicit waking_owner(core::waiter& told) noexcept : told_(told) {}
    void on_transport_ready() noexcept override
    {
        changed = true;
        told_.wake();
    }
    bool changed = false;

private:
    core::waiter& told_;
};

} // namespace

/// The attempts towards one origin's addresses, a new one whenever the last has failed or a stagger has passed.
struct tcp_dialer::race
{
    tcp_dialer& dialer;
    dial_attempt& attempt;
    std::vector<asio::ip::address> addresses;
    std::uint16_t port;
    std::size_t next = 0;
    core::instant next_at{};  ///< when the next address may start beside those under way
    std::vector<std::unique_ptr<runner>> running;
    core::error first_failure;

    void failed(const asio::ip::tcp::endpoint& at, const std::string& why, errc code)
    {
        if (!first_failure.code)
            first_failure = dial_error(text_of(at), why, code);
        dialer.names_.blame(at.address());
    }

    void start_due(core::instant now)
    {
        while (next < addresses.size() && (running.empty() || now >= next_at)) {
            const asio::ip::tcp::endpoint to(addresses[next++], port);
            attempt.address = text_of(to);
            const core::instant give_up = dialer.shard_.time().in(dialer.tcp_.connect_timeout).at();
            auto one = std::make_unique<runner>(dialer.shard_.readiness(), to, give_up, attempt.waiter);
            if (const int number = one->start(dialer.tcp_); number != 0) {
                failed(to, "connect: " + system_words(number), errc::connect_failed);
                continue;
            }
            running.push_back(std::move(one));
            next_at = now + stagger;
        }
    }

    /// The descriptor of the first that has connected, else -1.
    int collect(core::instant now, asio::ip::tcp::endpoint& won)
    {
        for (std::size_t i = 0; i < running.size();) {
            int number = 0;
            const auto state = running[i]->look(number);
            if (state == runner::state::connected) {
                won = running[i]->to();
                // Those that began earlier were slower: they come last for a while.
                for (std::size_t slower = 0; slower < i; ++slower)
                    dialer.names_.blame(running[slower]->to().address());
                return running[i]->release();
            }
            if (state == runner::state::failed)
                failed(running[i]->to(), "connect: " + system_words(number), errc::connect_failed);
            else if (now >= running[i]->give_up())
                failed(running[i]->to(), "i/o timeout", errc::connect_timeout);
            else {
                ++i;
                continue;
            }
            running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
        }
        return -1;
    }

    core::deadline wake_at() const
    {
        core::deadline out = core::deadline::never();
        if (next < addresses.size())
            out = core::deadline(next_at);
        for (const auto& one : running)
            out = core::earlier_of(out, core::deadline(one->give_up()));
        return out;
    }
};

tcp_dialer::tcp_dialer(core::shard& on, const client_options& options, std::unique_ptr<resolver> names)
    : shard_(on), tcp_(options.tcp), tls_(options.tls), handshake_timeout_(options.tls_handshake_timeout),
      names_(on, names ? std::move(names) : make_system_resolver(on.executor()))
{}

awaitable<core::result<std::unique_ptr<transport>>> tcp_dialer::dial(const origin& to, dial_attempt& attempt)
{
    auto made = co_await connect(to, attempt);
    if (!made)
        co_return std::move(made.error());
    if (to.tls)
        co_return co_await shake_hands(to, attempt, made->descriptor, std::move(made->remote));
    auto plain = std::make_unique<edge_transport>(shard_.readiness(), made->descriptor, std::move(made->remote));
    if (auto watched = plain->watch(); !watched)
        co_return std::move(watched.error());
    co_return std::unique_ptr<transport>(std::move(plain));
}

awaitable<core::result<tcp_dialer::connected>> tcp_dialer::connect(const origin& to, dial_attempt& attempt)
{
    attempt.enter(dial_attempt::phase::resolving);
    auto found = co_await names_.addresses_of(to.host, attempt);
    if (!found)
        co_return std::move(found.error());
    attempt.enter(dial_attempt::phase::connecting);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    race contest{*this, attempt, std::move(*found), to.port, 0, {}, {}, {}};
    for (;;) {
        const core::instant now = shard_.time().now();
        asio::ip::tcp::endpoint won;
        const int descriptor = contest.collect(now, won);
        if (descriptor >= 0) {
            connected out;
            out.descriptor = descriptor;
            out.remote = text_of(won);
            attempt.address = out.remote;
            co_return out;
        }
        contest.start_due(now);
        if (contest.running.empty())
            co_return std::move(contest.first_failure);
        auto wake = [&attempt]() noexcept { attempt.waiter.wake(); };
        core::deadline_watch watch(shard_.time(), contest.wake_at(), wake);
        const auto [ec] = co_await attempt.waiter.wait(await_tuple);
        if (ec || attempt.stopped || core::cancelled_before(cancellation))
            co_return stopped_error();
    }
}

core::result<tls_stream> tcp_dialer::start_tls(const origin& to)
{
    if (!factory_) {
        auto made = tls_factory::make(tls_);
        if (!made)
            return std::move(made.error());
        factory_ = std::move(*made);
    }
    return factory_->start(to, shard_.time().wall());
}

awaitable<core::result<std::unique_ptr<transport>>> tcp_dialer::shake_hands(
    const origin& to, dial_attempt& attempt, int descriptor, std::string remote)
{
    attempt.enter(dial_attempt::phase::handshake);
    auto stream = start_tls(to);
    if (!stream) {
        ::close(descriptor);
        co_return std::move(stream.error());
    }
    auto secure = std::make_unique<tls_transport>(shard_.readiness(), descriptor, std::move(remote), std::move(*stream));
    if (auto watched = secure->watch(); !watched)
        co_return std::move(watched.error());
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    waking_owner owner(attempt.waiter);
    secure->attend(&owner);
    auto wake = [&attempt]() noexcept { attempt.waiter.wake(); };
    core::deadline_watch watch(shard_.time(), shard_.time().in(handshake_timeout_), wake);
    for (;;) {
        const io step = secure->handshake();
        if (step.what == io::outcome::moved) {
            secure->attend(nullptr);
            co_return std::unique_ptr<transport>(std::move(secure));
        }
        if (step.what != io::outcome::not_yet)
            co_return secure->handshake_failure();
        while (!std::exchange(owner.changed, false)) {
            const auto [ec] = co_await attempt.waiter.wait(await_tuple);
            if (ec || attempt.stopped || core::cancelled_before(cancellation))
                co_return stopped_error();
            if (watch.fired()) {
                core::error late;
                late.code = errc::tls_handshake_timeout;
                late.detail = "net/http: TLS handshake timeout";
                co_return late;
            }
        }
    }
}

} // namespace lambent::http
