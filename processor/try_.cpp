#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/try_all.hpp>

#include <utility>

namespace lambent::processor {

awaitable<core::result<batches>> try_all(const std::vector<stage_ptr>& stages, batches current)
{
    for (const stage_ptr& next : stages) {
        batches results;
        for (data::batch& one : current) {
            if (!one.empty() && one.front().failed()) {
                results.push_back(std::move(one));
                continue;
            }
            auto made = co_await next->process(std::move(one));
            if (!made)
                co_return std::move(made).error();
            append(results, std::move(*made));
        }
        current = std::move(results);
    }
    co_return std::move(current);
}

namespace {

/// Each message by itself, until it fails: the rest of the children is skipped for it. Earlier failures count too.
class try_stage final : public stage
{
public:
    explicit try_stage(std::vector<stage_ptr> stages) : stages_(std::move(stages)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        auto done = co_await try_all(stages_, singles(std::move(batch)));
        if (!done)
            co_return std::move(done).error();
        co_return as_batches(flatten(std::move(*done)));
    }
    awaitable<void> close() override { co_await close_all(stages_); }

private:
    std::vector<stage_ptr> stages_;
};

const config::spec& try_spec()
{
    static const config::spec spec = config::spec::array(
        "try", config::field_type::processor, "[]", "Runs processors on each message until one of them fails.");
    return spec;
}

core::result<stage_ptr> make_try(const context& who, const config::reader& read)
{
    auto stages = children(who, read.elements());
    if (!stages)
        return stages.error();
    return std::make_unique<try_stage>(std::move(*stages));
}

} // namespace

entry try_entry() { return {&try_spec, &make_try}; }

} // namespace lambent::processor
