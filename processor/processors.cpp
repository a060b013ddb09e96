#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// A group: its children run on the batch as it is.
class processors_stage final : public stage
{
public:
    explicit processors_stage(std::vector<stage_ptr> stages) : stages_(std::move(stages)) {}

    awaitable<core::result<batches>> process(data::batch batch) override { return run_all(stages_, std::move(batch)); }
    awaitable<void> close() override { co_await close_all(stages_); }

private:
    std::vector<stage_ptr> stages_;
};

const config::spec& processors_spec()
{
    static const config::spec spec = config::spec::array(
        "processors", config::field_type::processor, "[]", "A group of processors that run on the batch as it is.");
    return spec;
}

core::result<stage_ptr> make_processors(const context& who, const config::reader& read)
{
    auto stages = children(who, read.elements());
    if (!stages)
        return stages.error();
    return std::make_unique<processors_stage>(std::move(*stages));
}

} // namespace

entry processors_entry() { return {&processors_spec, &make_processors}; }

} // namespace lambent::processor
