#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <map>
#include <utility>

namespace lambent::processor {
namespace {

/// One batch per value of an interpolated text, in the order in which the values are first seen.
class group_by_value_stage final : public stage
{
public:
    group_by_value_stage(const context& who, bloblang::interpolation value) : who_(who), value_(std::move(value)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        std::map<std::string, std::size_t> places;
        std::vector<std::size_t> place(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto text = value_.resolve(batch, i);
            if (!text) {
                who_.log(core::log_level::error, "Group value interpolation error: " + text.error().text());
                who_.fail(batch[i], "group value interpolation error: " + text.error().text());
            }
            const std::string key = text ? std::move(*text) : std::string();
            place[i] = places.try_emplace(key, places.size()).first->second;
        }
        batches results(places.size());
        for (std::size_t i = 0; i < batch.size(); ++i)
            results[place[i]].push_back(std::move(batch[i]));
        co_return std::move(results);
    }

private:
    context who_;
    bloblang::interpolation value_;
};

const config::spec& group_by_value_spec()
{
    static const config::spec spec = config::spec("group_by_value", "Makes a batch of the messages of each value.")
        .field("value", config::field_type::interpolated, "The value to group by.");
    return spec;
}

core::result<stage_ptr> make_group_by_value(const context& who, const config::reader& read)
{
    auto text = read.string("value");
    if (!text)
        return text.error();
    auto value = parse_text(who, *text, "failed to parse value expression: ");
    if (!value)
        return value.error();
    return std::make_unique<group_by_value_stage>(who, std::move(*value));
}

} // namespace

entry group_by_value_entry() { return {&group_by_value_spec, &make_group_by_value}; }

} // namespace lambent::processor
