#include <sim/world.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstdlib>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lambent::sim {
namespace {

// A world that takes more steps than this is taken to go in circles.
constexpr std::size_t steps_max = 50'000'000;

awaitable<void> without_throwing(awaitable<void> task)
{
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await std::move(task);
}

Catch::ScopedMessage note_of(std::uint64_t seed)
{
    Catch::MessageBuilder builder("INFO", CATCH_INTERNAL_LINEINFO, Catch::ResultWas::Info);
    builder << "replay with LAMBENT_SEED=" << seed;
    return Catch::ScopedMessage(builder);
}

} // namespace

std::uint64_t seed_of_run()
{
    static const std::uint64_t seed = [] {
        const char* const text = std::getenv("LAMBENT_SEED");
        if (text == nullptr || *text == '\0')
            return std::uint64_t{1};
        if (std::string_view(text) == "random") {
            std::random_device device;
            return (static_cast<std::uint64_t>(device()) << 32) | device();
        }
        return static_cast<std::uint64_t>(std::strtoull(text, nullptr, 10));
    }();
    return seed;
}

world::world(std::uint64_t seed)
    : seed_(seed), note_(note_of(seed)), time_(new virtual_timekeeper),
      shard_(io_.get_executor(), std::unique_ptr<core::timekeeper>(time_), seed)
{}

world::~world() = default;

bool world::step()
{
    io_.restart();
    if (io_.poll_one() == 0)
        return false;
    ++steps_;
    tell(false);
    return true;
}

bool world::jump()
{
    tell(true);
    if (!time_->jump())
        return false;
    tell(false);
    return true;
}

void world::tell(bool at_rest)
{
    if (watch)
        watch(at_rest);
}

void world::settle()
{
    while (step()) {
    }
}

void world::run(awaitable<void> task)
{
    bool ended = false;
    std::exception_ptr thrown;
    asio::cancellation_signal stop;
    was_cancelled_ = false;
    const std::size_t start = steps_;
    asio::co_spawn(io_, without_throwing(std::move(task)),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) {
            ended = true;
            thrown = std::move(e);
        }));
    // From inside a handler: Asio 1.81 otherwise queues the emission and carries it out even after the coroutine has ended
    // and the signal inside its handler is gone.
    const auto cancel = [&] {
        bool sent = false;
        asio::post(io_, [&] {
            stop.emit(asio::cancellation_type::terminal);
            sent = true;
        });
        while (!sent)
            step();
    };
    while (!ended) {
        if (cancel_at_ && steps_ - start >= *cancel_at_) {
            cancel_at_.reset();
            was_cancelled_ = true;
            cancel();
            continue;
        }
        if (steps_ - start > steps_max)
            throw std::runtime_error("the world goes in circles");
        if (!step() && !ended && !jump()) {
            cancel(); // so that its frames are freed
            settle();
            throw std::runtime_error("the task waits for something that cannot happen");
        }
    }
    cancel_at_.reset();
    if (thrown)
        std::rethrow_exception(thrown);
}

real_world::real_world(std::unique_ptr<core::timekeeper> time)
{
    if (time)
        shard_.emplace(io_.get_executor(), std::move(time), seed_of_run());
    else
        shard_.emplace(io_.get_executor());
}
real_world::~real_world() = default;

void real_world::run(awaitable<void> task)
{
    bool ended = false;
    std::exception_ptr thrown;
    asio::co_spawn(io_, without_throwing(std::move(task)), [&](std::exception_ptr e) {
        ended = true;
        thrown = std::move(e);
    });
    io_.restart();
    while (!ended && io_.run_one() > 0) {
    }
    if (thrown)
        std::rethrow_exception(thrown);
    if (!ended)
        throw std::runtime_error("the task waits for something that cannot happen");
}

void real_world::drain()
{
    io_.restart();
    io_.run();
}

} // namespace lambent::sim
