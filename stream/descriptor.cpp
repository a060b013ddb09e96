#include <lambent/stream/descriptor.hpp>

#include <lambent/core/waiter.hpp>
#include <lambent/stream/text.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lambent::stream {

namespace {

core::error system_error(std::string_view call, int number)
{
    return core::error{core::error_code(number, boost::system::system_category()), std::string(call) + ": " + errno_text(number)};
}

} // namespace

descriptor::descriptor(core::shard& on, int number) : number_(number)
{
    struct stat kind{};
    if (::fstat(number, &kind) != 0 || S_ISREG(kind.st_mode) || S_ISDIR(kind.st_mode))
        return;
    const int copy = ::dup(number);
    if (copy < 0)
        return;
    boost::system::error_code refused; // e.g. /dev/null, which epoll does not take and which never blocks
    waited_.emplace(on.executor());
    waited_->assign(copy, refused);
    if (refused) {
        ::close(copy);
        waited_.reset();
    }
}

awaitable<core::result<void>> descriptor::ready(asio::posix::descriptor_base::wait_type what, short events)
{
    if (interrupted_)
        co_return core::error{core::errc::shutting_down, ""};
    if (core::cancelled_before(co_await asio::this_coro::cancellation_state))
        co_return core::error{core::errc::cancelled, ""};
    pollfd now{number_, events, 0};
    if (!waited_ || ::poll(&now, 1, 0) != 0)
        co_return core::result<void>();
    const auto [failed] = co_await waited_->async_wait(what, await_tuple);
    if (interrupted_)
        co_return core::error{core::errc::shutting_down, ""};
    if (failed == asio::error::operation_aborted)
        co_return core::error{core::errc::cancelled, ""};
    if (failed == asio::error::operation_not_supported) {
        waited_.reset(); // epoll found out late that it cannot wait for it
        co_return core::result<void>();
    }
    if (failed)
        co_return core::error{failed, failed.message()};
    co_return core::result<void>();
}

awaitable<core::result<std::size_t>> descriptor::read_some(char* into, std::size_t size)
{
    for (;;) {
        const auto waited = co_await ready(asio::posix::descriptor_base::wait_read, POLLIN);
        if (!waited)
            co_return waited.error();
        const ssize_t got = ::read(number_, into, size);
        if (got >= 0)
            co_return static_cast<std::size_t>(got);
        if (errno != EINTR && errno != EAGAIN)
            co_return system_error("read", errno);
    }
}

awaitable<core::result<void>> descriptor::write_all(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto waited = co_await ready(asio::posix::descriptor_base::wait_write, POLLOUT);
        if (!waited)
            co_return waited.error();
        // A descriptor that polls as writable takes PIPE_BUF bytes without blocking (poll(2), pipe(7)).
        const std::size_t piece = waited_ ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
        const ssize_t put = ::write(number_, bytes.data(), piece);
        if (put >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(put));
        else if (errno != EINTR && errno != EAGAIN)
            co_return system_error("write", errno);
    }
    co_return core::result<void>();
}

void descriptor::interrupt() noexcept
{
    interrupted_ = true;
    if (waited_) {
        boost::system::error_code ignored;
        waited_->cancel(ignored);
    }
}

} // namespace lambent::stream
