#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Runs the children on messages that had failed on entry, and clears every failure at the end, the children's own too.
class catch_stage final : public stage
{
public:
    explicit catch_stage(std::vector<stage_ptr> stages) : stages_(std::move(stages)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        // Stage by stage over all messages, not message by message: side effects keep the original's order.
        std::vector<batches> each;
        std::vector<bool> caught;
        for (data::message& m : batch) {
            caught.push_back(m.failed().has_value());
            data::batch one;
            one.push_back(std::move(m));
            batches alone;
            alone.push_back(std::move(one));
            each.push_back(std::move(alone));
        }
        for (const stage_ptr& next : stages_) {
            for (std::size_t i = 0; i < each.size(); ++i) {
                if (!caught[i])
                    continue;
                batches results;
                for (data::batch& one : each[i]) {
                    auto made = co_await next->process(std::move(one));
                    if (!made)
                        co_return std::move(made).error();
                    append(results, std::move(*made));
                }
                each[i] = std::move(results);
            }
        }
        data::batch together;
        for (batches& of_one : each)
            for (data::message& m : flatten(std::move(of_one))) {
                m.clear_failure();
                together.push_back(std::move(m));
            }
        co_return as_batches(std::move(together));
    }
    awaitable<void> close() override { co_await close_all(stages_); }

private:
    std::vector<stage_ptr> stages_;
};

const config::spec& catch_spec()
{
    static const config::spec spec = config::spec::array(
        "catch", config::field_type::processor, "[]", "Runs processors on failed messages, then clears every failure.");
    return spec;
}

core::result<stage_ptr> make_catch(const context& who, const config::reader& read)
{
    auto stages = children(who, read.elements());
    if (!stages)
        return stages.error();
    return std::make_unique<catch_stage>(std::move(*stages));
}

} // namespace

entry catch_entry() { return {&catch_spec, &make_catch}; }

} // namespace lambent::processor
