#include <lambent/core/task_group.hpp>

#include <lambent/core/waiter.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <list>
#include <utility>

namespace lambent::core {

class task_group::task
{
public:
    asio::cancellation_signal stop;
    bool begun = false;
    bool ended = false;
    bool cancelled = false; ///< before it had begun
};

// Shared with the tasks' completion handlers, which Asio destroys with the loop, perhaps after the group.
struct task_group::state
{
    asio::any_io_executor executor;
    std::list<task> tasks;
    std::size_t running = 0;
    bool cancelled = false;
    bool emitting = false;
    bool ended_in_emission = false;
    waiter joiner;

    void end(std::list<task>::iterator which)
    {
        --running;
        // Not under the feet of the loop in `cancel`, which may have ended this task itself.
        if (emitting)
            which->ended = ended_in_emission = true;
        else
            tasks.erase(which);
        if (running == 0)
            joiner.wake();
    }

    // A type of its own, without an executor: for such a handler Asio passes a cancellation on at once, for any other by way
    // of the loop, which may not turn any more.
    struct ending
    {
        using cancellation_slot_type = asio::cancellation_slot;
        cancellation_slot_type get_cancellation_slot() const noexcept { return which->stop.slot(); }

        void operator()(const std::exception_ptr& thrown) const noexcept
        {
            if (thrown)
                std::rethrow_exception(thrown); // noexcept: ends the process, and says what it was
            keep->end(which);
        }

        std::shared_ptr<state> keep;
        std::list<task>::iterator which;
    };

    void sweep() noexcept
    {
        emitting = false;
        if (std::exchange(ended_in_emission, false))
            tasks.remove_if([](const task& one) { return one.ended; });
    }

    // Cancellation is told by results: no await of ours may throw because of it. Asio's own first await would, so a task
    // that has not begun is told only here, where it can hear it.
    static awaitable<void> run(std::shared_ptr<state> group, std::list<task>::iterator self, awaitable<void> work)
    {
        co_await asio::this_coro::throw_if_cancelled(false);
        self->begun = true;
        if (group->cancelled || self->cancelled)
            self->stop.emit(asio::cancellation_type::terminal);
        co_await std::move(work);
    }
};

task_group::task_group(shard& on) : state_(std::make_shared<state>()) { state_->executor = on.executor(); }

task_group::~task_group() { LAMBENT_ASSERT(state_->running == 0 || disowned_, "a task group is joined before it dies"); }

task_group::task& task_group::start(awaitable<void> work)
{
    state& s = *state_;
    const auto which = s.tasks.emplace(s.tasks.end());
    ++s.running;
    asio::co_spawn(s.executor, state::run(state_, which, std::move(work)), state::ending{state_, which});
    return *which;
}

void task_group::cancel() noexcept
{
    state& s = *state_;
    s.cancelled = true;
    if (s.emitting)
        return;
    s.emitting = true;
    for (task& one : s.tasks) {
        if (one.begun && !one.ended)
            one.stop.emit(asio::cancellation_type::terminal);
    }
    s.sweep();
}

void task_group::cancel(task& which) noexcept
{
    state& s = *state_;
    which.cancelled = true;
    if (!which.begun)
        return;
    const bool nested = std::exchange(s.emitting, true);
    which.stop.emit(asio::cancellation_type::terminal);
    if (!nested)
        s.sweep();
}

awaitable<void> task_group::join()
{
    // The chain may be an embedder's, where an await after a cancellation throws: this wait must be finished first.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    if (cancelled_before(co_await asio::this_coro::cancellation_state))
        cancel();
    while (state_->running > 0) {
        const auto [ec] = co_await state_->joiner.wait(await_tuple);
        if (ec)
            cancel();
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
}

std::size_t task_group::running() const noexcept { return state_->running; }

} // namespace lambent::core
