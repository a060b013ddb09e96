#include <lambent/core/task_group.hpp>
#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>

#include <algorithm>
#include <utility>

namespace lambent::processor {
namespace {

/// `for_each` with several messages at once; the order is kept.
class parallel_stage final : public stage
{
public:
    parallel_stage(const context& who, std::size_t cap, std::vector<stage_ptr> stages)
        : who_(who), cap_(cap), stages_(std::move(stages))
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        work w;
        w.waiting = singles(std::move(batch));
        w.results.resize(w.waiting.size());
        const std::size_t count = w.waiting.size();
        core::task_group group(who_.shard());
        for (std::size_t i = 0; i < (cap_ == 0 ? count : std::min(cap_, count)); ++i)
            group.start(run(w));
        co_await group.join();
        if (w.fatal)
            co_return std::move(*w.fatal);
        batches together;
        for (batches& of_one : w.results)
            append(together, std::move(of_one));
        // An empty batch, not none: so does the original, and `branch` tells the two apart.
        batches result;
        result.push_back(flatten(std::move(together)));
        co_return std::move(result);
    }
    awaitable<void> close() override { co_await close_all(stages_); }

private:
    /// Lives in `process` until every worker was joined.
    struct work
    {
        batches waiting;
        std::vector<batches> results;
        std::size_t next = 0;
        std::optional<core::error> fatal;
    };

    awaitable<void> run(work& w)
    {
        while (w.next < w.waiting.size() && !w.fatal) {
            const std::size_t mine = w.next++;
            auto done = co_await run_all(stages_, std::move(w.waiting[mine]));
            if (done)
                w.results[mine] = std::move(*done);
            else
                w.fatal = done.error();
        }
    }

    context who_;
    std::size_t cap_;
    std::vector<stage_ptr> stages_;
};

const config::spec& parallel_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("parallel", "Runs processors on the messages of a batch at once.")
        .field("cap", field_type::integer, "The most messages at once; 0: all of the batch.")
        .fallback("0")
        .list("processors", field_type::processor, "What happens to each message.");
    return spec;
}

core::result<stage_ptr> make_parallel(const context& who, const config::reader& read)
{
    auto cap = read.integer("cap");
    if (!cap)
        return cap.error();
    auto stages = children(who, read.elements("processors"), "processors");
    if (!stages)
        return stages.error();
    return std::make_unique<parallel_stage>(who, *cap > 0 ? std::size_t(*cap) : 0, std::move(*stages));
}

} // namespace

entry parallel_entry() { return {&parallel_spec, &make_parallel}; }

} // namespace lambent::processor
