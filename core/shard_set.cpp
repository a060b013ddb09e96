#include <lambent/core/shard_set.hpp>

#include <lambent/core/assert.hpp>
#include <lambent/core/task_group.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <thread>

namespace lambent::core {

struct shard_set::member
{
    asio::io_context io{1};
    core::shard shard{io.get_executor()};
    task_group tasks{shard};
};

shard_set::shard_set(std::size_t count)
{
    LAMBENT_ASSERT(count > 0, "a shard set has a shard");
    for (std::size_t i = 0; i < count; ++i)
        members_.push_back(std::make_unique<member>());
}

shard_set::~shard_set() = default;

shard& shard_set::at(std::size_t index) noexcept { return members_[index]->shard; }

void shard_set::run(const std::function<awaitable<void>(std::size_t)>& task)
{
    auto serve = [this, &task](std::size_t index) {
        member& here = *members_[index];
        here.tasks.start(task(index));
        here.io.run();
    };
    std::vector<std::thread> threads;
    threads.reserve(size() - 1);
    for (std::size_t i = 1; i < size(); ++i)
        threads.emplace_back(serve, i);
    serve(0);
    for (auto& thread : threads)
        thread.join();
}

void shard_set::stop()
{
    for (auto& one : members_)
        asio::post(one->io, [member = one.get()] { member->tasks.cancel(); });
}

} // namespace lambent::core
