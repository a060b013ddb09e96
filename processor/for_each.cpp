#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Each message as a batch of its own through all children, one message after another.
class for_each_stage final : public stage
{
public:
    explicit for_each_stage(std::vector<stage_ptr> stages) : stages_(std::move(stages)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        batches results;
        for (data::batch& one : singles(std::move(batch))) {
            auto made = co_await run_all(stages_, std::move(one));
            if (!made)
                co_return std::move(made).error();
            append(results, std::move(*made));
        }
        co_return as_batches(flatten(std::move(results)));
    }
    awaitable<void> close() override { co_await close_all(stages_); }

private:
    std::vector<stage_ptr> stages_;
};

const config::spec& for_each_spec()
{
    static const config::spec spec = config::spec::array(
        "for_each", config::field_type::processor, "[]", "Runs processors on each message of a batch by itself.");
    return spec;
}

core::result<stage_ptr> make_for_each(const context& who, const config::reader& read)
{
    auto stages = children(who, read.elements());
    if (!stages)
        return stages.error();
    return std::make_unique<for_each_stage>(std::move(*stages));
}

} // namespace

entry for_each_entry() { return {&for_each_spec, &make_for_each}; }

} // namespace lambent::processor
