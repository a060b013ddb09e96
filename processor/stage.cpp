#include <lambent/processor/stage.hpp>

#include <utility>

namespace lambent::processor {

awaitable<void> stage::close() { co_return; }

awaitable<core::result<batches>> run_each(const std::vector<stage_ptr>& stages, batches current)
{
    for (const stage_ptr& next : stages) {
        batches results;
        for (data::batch& one : current) {
            core::result<batches> made = co_await next->process(std::move(one));
            if (!made)
                co_return std::move(made).error();
            for (data::batch& b : *made)
                results.push_back(std::move(b));
        }
        current = std::move(results);
        if (current.empty())
            break;
    }
    co_return std::move(current);
}

awaitable<core::result<batches>> run_all(const std::vector<stage_ptr>& stages, data::batch batch)
{
    batches one;
    one.push_back(std::move(batch));
    co_return co_await run_each(stages, std::move(one));
}

awaitable<void> close_all(const std::vector<stage_ptr>& stages)
{
    for (const stage_ptr& s : stages)
        co_await s->close();
}

data::batch flatten(batches all)
{
    if (all.size() == 1)
        return std::move(all.front());
    data::batch together;
    for (data::batch& b : all)
        for (data::message& m : b)
            together.push_back(std::move(m));
    return together;
}

batches as_batches(data::batch one)
{
    batches result;
    if (!one.empty())
        result.push_back(std::move(one));
    return result;
}

} // namespace lambent::processor
