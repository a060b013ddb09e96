#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {
namespace {

struct group
{
    bloblang::mapping check;
    std::vector<stage_ptr> stages;
};

/// Makes a batch of the messages of each group, the first matching check deciding; what matches none is the last batch.
class group_by_stage final : public stage
{
public:
    group_by_stage(const context& who, std::vector<group> groups) : who_(who), groups_(std::move(groups)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        // The checks see the whole batch, so nothing moves before all are done.
        std::vector<std::size_t> place(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i)
            place[i] = group_of(batch, i);
        std::vector<data::batch> grouped(groups_.size() + 1);
        for (std::size_t i = 0; i < batch.size(); ++i)
            grouped[place[i]].push_back(std::move(batch[i]));
        batches results;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            if (grouped[g].empty())
                continue;
            auto done = co_await run_all(groups_[g].stages, std::move(grouped[g]));
            if (!done)
                co_return std::move(done).error();
            append(results, std::move(*done));
        }
        if (!grouped.back().empty())
            results.push_back(std::move(grouped.back()));
        co_return std::move(results);
    }
    awaitable<void> close() override
    {
        for (const group& g : groups_)
            co_await close_all(g.stages);
    }

private:
    std::size_t group_of(const data::batch& batch, std::size_t i) const
    {
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            auto verdict = groups_[g].check.check(batch, i);
            if (!verdict)
                who_.log(core::log_level::error,
                    "Failed to test group " + std::to_string(g) + ": " + verdict.error().text());
            else if (*verdict)
                return g;
        }
        return groups_.size();
    }

    context who_;
    std::vector<group> groups_;
};

const config::spec& group_by_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec::array_of("group_by",
        config::spec("group")
            .field("check", field_type::bloblang, "A query that yields a boolean.")
            .list("processors", field_type::processor, "Runs on the group's batch.")
            .fallback("[]"),
        {}, "Makes a batch of each group of messages.");
    return spec;
}

core::result<group> make_group(const context& who, const config::reader& read, std::size_t index)
{
    auto text = read.string("check");
    if (!text)
        return text.error();
    auto check = parse_mapping(who, *text, "");
    if (!check)
        return check.error();
    auto stages = children(who, read.elements("processors"), std::to_string(index) + ".processors");
    if (!stages)
        return stages.error();
    group made{std::move(*check), std::move(*stages)};
    return made;
}

core::result<stage_ptr> make_group_by(const context& who, const config::reader& read)
{
    std::vector<group> groups;
    for (const config::reader& one : read.objects()) {
        auto made = make_group(who, one, groups.size());
        if (!made)
            return of_element("group", groups.size(), made.error());
        groups.push_back(std::move(*made));
    }
    return std::make_unique<group_by_stage>(who, std::move(groups));
}

} // namespace

entry group_by_entry() { return {&group_by_spec, &make_group_by}; }

} // namespace lambent::processor
