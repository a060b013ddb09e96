#include <lambent/stream/legs.hpp>

#include <lambent/core/task_group.hpp>

namespace lambent::stream {

namespace {

// The legs belong to the frame that joins the group.
awaitable<void> write_leg(leg& one)
{
    one.result = co_await one.to->write(std::move(one.batch));
}

} // namespace

awaitable<void> write_all(core::shard& on, std::vector<leg>& legs)
{
    if (legs.size() == 1) {
        co_await write_leg(legs.front());
        co_return;
    }
    core::task_group group(on);
    for (leg& one : legs)
        group.start(write_leg(one));
    co_await group.join();
}

outcome merged(const std::vector<leg>& legs, std::size_t size)
{
    outcome whole;
    for (const leg& one : legs) {
        if (one.result.ok())
            continue;
        for (std::size_t i = 0; i < one.indices.size(); ++i)
            if (const core::error* why = one.result.why(i); why != nullptr && !whole.messages.contains(one.indices[i]))
                whole.add(one.indices[i], *why);
    }
    if (size == 1)
        whole.messages.clear();
    return whole;
}

leg failed_part(const data::batch& batch, const outcome& what)
{
    leg part;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (what.why(i) == nullptr)
            continue;
        part.batch.push_back(batch[i]);
        part.indices.push_back(i);
    }
    return part;
}

} // namespace lambent::stream
