#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Edits each message in place: `this` sees what earlier statements did, and a failure keeps what they did.
class mutation_stage final : public stage
{
public:
    mutation_stage(const context& who, bloblang::mapping map) : who_(who), map_(std::move(map)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        std::vector<bool> deleted(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto done = map_.overlay(batch[i], batch, i, true);
            if (!done) {
                who_.fail(batch[i], done.error().text());
                who_.log(core::log_level::error, done.error().text());
            } else {
                deleted[i] = *done == bloblang::effect::deleted;
            }
        }
        data::batch kept;
        kept.reserve(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i)
            if (!deleted[i])
                kept.push_back(std::move(batch[i]));
        co_return as_batches(std::move(kept));
    }

private:
    context who_;
    bloblang::mapping map_;
};

const config::spec& mutation_spec()
{
    static const config::spec spec = config::spec::scalar(
        "mutation", config::field_type::bloblang, {}, "Edits each message in place by a Bloblang mapping.");
    return spec;
}

core::result<stage_ptr> make_mutation(const context& who, const config::reader& read)
{
    auto text = read.string();
    if (!text)
        return text.error();
    auto map = parse_mapping(who, *text, "failed to parse bloblang mapping '': ");
    if (!map)
        return map.error();
    return std::make_unique<mutation_stage>(who, std::move(*map));
}

} // namespace

entry mutation_entry() { return {&mutation_spec, &make_mutation}; }

} // namespace lambent::processor
