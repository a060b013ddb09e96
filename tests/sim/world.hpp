#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/shard.hpp>

#include <sim/virtual_timekeeper.hpp>
#include <support/catch.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace lambent::sim {

/// The seed of this process's worlds: LAMBENT_SEED, else 1; `LAMBENT_SEED=random` draws one.
std::uint64_t seed_of_run();

namespace detail {

template <class T>
awaitable<void> into(std::optional<T>& place, awaitable<T> task)
{
    place.emplace(co_await std::move(task));
}

} // namespace detail

/// One shard with virtual time and seeded chance: what is run in it is replayed exactly by its seed.
///
/// Nothing in it may wait for the real world (a socket, a thread): when no handler is ready, time jumps to the next wake.
/// While it lives, a failed assertion prints `LAMBENT_SEED=<seed>`.
class world
{
public:
    explicit world(std::uint64_t seed = seed_of_run());
    ~world();
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    core::shard& shard() noexcept { return shard_; }
    virtual_timekeeper& time() noexcept { return *time_; }
    core::entropy& chance() noexcept { return shard_.chance(); }
    core::duration elapsed() const noexcept { return time_->now() - virtual_timekeeper::epoch; }
    std::uint64_t seed() const noexcept { return seed_; }
    /// Handlers run so far: the unit of `cancel_at`.
    std::size_t steps() const noexcept { return steps_; }

    /// Runs the task to its end, and nothing after it. What it throws (a failed REQUIRE) is thrown here.
    template <class T>
    T run(awaitable<T> task)
    {
        std::optional<T> value;
        run(detail::into(value, std::move(task)));
        return std::move(*value);
    }
    void run(awaitable<void> task);

    /// The next `run`'s task is cancelled (terminal) after `step` handlers; for trying every step in turn:
    /// `for (n = 0; ; ++n) { world w; w.cancel_at(n); w.run(...); if (!w.was_cancelled()) break; }`
    void cancel_at(std::size_t step) noexcept { cancel_at_ = step; }
    /// The last run ended only after its cancellation was sent.
    bool was_cancelled() const noexcept { return was_cancelled_; }

    /// Runs what is ready now, without letting time pass; what was started on the shard goes up to its next wait.
    void settle();

    /// Called after every handler and every move of time, and with `at_rest` when no handler is ready: for invariants.
    std::function<void(bool at_rest)> watch;

private:
    bool step();
    bool jump();
    void tell(bool at_rest);

    std::uint64_t seed_;
    Catch::ScopedMessage note_;
    asio::io_context io_{1};
    virtual_timekeeper* time_;
    core::shard shard_;
    std::size_t steps_ = 0;
    std::optional<std::size_t> cancel_at_;
    bool was_cancelled_ = false;
};

/// One shard on a loop of its own, single-threaded, with the real clocks or with time that the test moves: for sockets.
class real_world
{
public:
    explicit real_world(std::unique_ptr<core::timekeeper> time = nullptr);
    ~real_world();

    core::shard& shard() noexcept { return *shard_; }

    template <class T>
    T run(awaitable<T> task)
    {
        std::optional<T> value;
        run(detail::into(value, std::move(task)));
        return std::move(*value);
    }
    /// Returns when the task has ended. What else is on the loop stays there, for the next `run`.
    void run(awaitable<void> task);
    /// Runs until the loop has no work left; a test that hangs here has found something that was not closed.
    void drain();

private:
    asio::io_context io_{1};
    std::optional<core::shard> shard_;
};

} // namespace lambent::sim
