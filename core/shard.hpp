#pragma once

#include <lambent/core/asio.hpp>
#include <lambent/core/entropy.hpp>
#include <lambent/core/timekeeper.hpp>

#include <memory>

namespace lambent::core {

class ready_set;

/// One thread's world: executor, time, chance and descriptor readiness. Everything built on a shard is used on its thread only.
///
/// Made on any executor that runs one handler at a time: an own `io_context(1)`, a caller's, or a strand.
/// Must outlive all that was built on it.
class shard
{
public:
    /// May be made on any thread; costs a timer. Seeded from the operating system.
    explicit shard(asio::any_io_executor executor);
    /// For tests and replay: bring your own time and seed.
    shard(asio::any_io_executor executor, std::unique_ptr<timekeeper> time, std::uint64_t seed);
    ~shard();
    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;

    const asio::any_io_executor& executor() const noexcept { return executor_; }
    timekeeper& time() noexcept { return *time_; }
    entropy& chance() noexcept { return chance_; }
    /// Made on first use; opens an epoll descriptor.
    ready_set& readiness();
    /// Null before that.
    ready_set* readiness_in_use() const noexcept { return readiness_.get(); }
    /// Keeps time and readiness alive beyond the shard, for frames that a loop destroys without having run them to their end.
    std::shared_ptr<void> lifeline() const;

private:
    asio::any_io_executor executor_;
    std::shared_ptr<timekeeper> time_;
    entropy chance_;
    std::shared_ptr<ready_set> readiness_;
};

} // namespace lambent::core
