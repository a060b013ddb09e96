#include <lambent/core/shard.hpp>

#include <lambent/core/ready_set.hpp>

#include <utility>

namespace lambent::core {

shard::shard(asio::any_io_executor executor)
    : executor_(std::move(executor)), time_(make_timekeeper(executor_)), chance_(entropy::from_system())
{}

shard::shard(asio::any_io_executor executor, std::unique_ptr<timekeeper> time, std::uint64_t seed)
    : executor_(std::move(executor)), time_(std::move(time)), chance_(seed)
{}

shard::~shard() = default;

std::shared_ptr<void> shard::lifeline() const
{
    using kept = std::pair<std::shared_ptr<timekeeper>, std::shared_ptr<ready_set>>;
    return std::make_shared<kept>(time_, readiness_);
}

ready_set& shard::readiness()
{
    if (!readiness_)
        readiness_ = std::make_shared<ready_set>(executor_, time_);
    return *readiness_;
}

} // namespace lambent::core
