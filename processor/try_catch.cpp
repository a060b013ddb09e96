#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/try_all.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// `try`, and then for each failed message: the failure moves into metadata, the flag is cleared, `catch` runs as usual.
class try_catch_stage final : public stage
{
public:
    try_catch_stage(std::vector<stage_ptr> stages, std::vector<stage_ptr> rescue, std::string key)
        : stages_(std::move(stages)), rescue_(std::move(rescue)), key_(std::move(key))
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        auto tried = co_await try_all(stages_, singles(std::move(batch)));
        if (!tried)
            co_return std::move(tried).error();
        batches results;
        for (data::batch& one : *tried) {
            if (one.empty())
                continue;
            if (!one.front().failed()) {
                results.push_back(std::move(one));
                continue;
            }
            for (data::message& m : one)
                move_failure(m);
            auto rescued = co_await run_all(rescue_, std::move(one));
            if (!rescued)
                co_return std::move(rescued).error();
            append(results, std::move(*rescued));
        }
        co_return as_batches(flatten(std::move(results)));
    }
    awaitable<void> close() override
    {
        co_await close_all(stages_);
        co_await close_all(rescue_);
    }

private:
    void move_failure(data::message& m) const
    {
        if (!m.failed())
            return;
        const data::failure& failure = *m.failed();
        data::value what = data::value::object();
        what.set_member("what", failure.text);
        if (failure.source) {
            what.set_member("name", failure.source->name);
            what.set_member("label", failure.source->label);
            what.set_member("path", failure.source->path);
        }
        m.set_meta(key_, std::move(what));
        m.clear_failure();
    }

    std::vector<stage_ptr> stages_;
    std::vector<stage_ptr> rescue_;
    std::string key_;
};

const config::spec& try_catch_spec()
{
    using config::field_type;
    static const config::spec spec =
        config::spec("try_catch", "Runs processors on each message and others on those that failed.")
            .list("processors", field_type::processor, "Skipped for a message from its first failure on.")
            .fallback("[]")
            .list("catch", field_type::processor, "Runs on messages that failed; their flag is cleared before.")
            .fallback("[]")
            .field("error_metadata", field_type::string, "Where the failure is kept for `catch`.")
            .fallback("error");
    return spec;
}

core::result<stage_ptr> make_try_catch(const context& who, const config::reader& read)
{
    auto stages = children(who, read.elements("processors"), "processors");
    if (!stages)
        return stages.error();
    auto rescue = children(who, read.elements("catch"), "catch");
    if (!rescue)
        return rescue.error();
    auto key = read.string("error_metadata");
    if (!key)
        return key.error();
    return std::make_unique<try_catch_stage>(std::move(*stages), std::move(*rescue), std::move(*key));
}

} // namespace

entry try_catch_entry() { return {&try_catch_spec, &make_try_catch}; }

} // namespace lambent::processor
