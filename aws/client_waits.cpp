#include <lambent/aws/detail/client_state.hpp>
#include <lambent/core/deadline_watch.hpp>

#include <boost/asio/this_coro.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace lambent::aws {

void lambda_client::state::stop_all() noexcept
{
    stopping = true;
    http.abort(); // first: its error says why
    tasks.cancel();
    while (!backing_off.empty())
        backing_off.wake_first();
    drained.wake();
}

void lambda_client::state::abandon() noexcept
{
    closing = true;
    stop_all();
    for (core::waiter* const one : detours)
        one->wake();
    tasks.disown();
    // Now every frame is on its way to be resumed, and the loop owns it.
    lifeline = shard.lifeline();
}

awaitable<void> lambda_client::state::close(core::deadline until)
{
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    closing = true;
    if (core::cancelled_before(cancellation))
        stop_all();
    {
        auto stop = [this]() noexcept { stop_all(); };
        core::deadline_watch watch(shard.time(), until, stop);
        while (busy() && !stopping) {
            const auto [ec] = co_await drained.wait(await_tuple);
            if (ec)
                stop_all();
        }
    }
    const core::deadline rest = stopping ? core::deadline(core::instant::min()) : until;
    co_await http.close(rest);
    while (busy())
        co_await drained.wait(await_tuple);
    co_await tasks.join();
    co_await asio::this_coro::throw_if_cancelled(throws);
}

namespace {

// What waits for others' objects is a task of the client's, so that `close` can end it, and a caller's cancellation too.
template <class T>
struct detour
{
    explicit detour(std::vector<core::waiter*>& listed_in) : list(listed_in) { list.push_back(&done); }
    ~detour() { std::erase(list, &done); }
    detour(const detour&) = delete;
    detour& operator=(const detour&) = delete;

    std::vector<core::waiter*>& list;
    core::waiter done;
    std::optional<T> result;
};

awaitable<void> take(credentials_source& source, core::deadline until, detour<core::result<std::shared_ptr<const credentials>>>& out)
{
    auto got = co_await source.fetch(until);
    out.result.emplace(std::move(got));
    out.done.wake();
}

awaitable<void> take(core::limiter& limiter, core::deadline until, detour<core::result<void>>& out)
{
    auto got = co_await limiter.admit(until);
    out.result.emplace(std::move(got));
    out.done.wake();
}

template <class T, class Source>
awaitable<T> by_detour(core::task_group& tasks, std::vector<core::waiter*>& detours, Source& source, core::deadline until)
{
    detour<T> way(detours);
    core::task_group::task& task = tasks.start(take(source, until, way));
    while (!way.result) {
        const auto [ec] = co_await way.done.wait(await_tuple);
        if (ec && !way.result)
            tasks.cancel(task);
    }
    co_return std::move(*way.result);
}

} // namespace

awaitable<core::result<std::shared_ptr<const credentials>>> lambda_client::state::fetch(core::deadline until)
{
    return by_detour<core::result<std::shared_ptr<const credentials>>>(tasks, detours, *source, until);
}

awaitable<core::result<void>> lambda_client::state::admit(core::deadline until)
{
    return by_detour<core::result<void>>(tasks, detours, *limiter, until);
}

awaitable<void> lambda_client::state::back_off(core::duration pause)
{
    core::wait_queue::entry here;
    const core::deadline awake = shard.time().in(pause);
    co_await backing_off.park(here, shard.time(), awake);
}

} // namespace lambent::aws
