#include <lambent/processor/detail/entries.hpp>

#include <utility>

namespace lambent::processor {
namespace {

struct bounds
{
    std::int64_t part_size_max = 1073741824;
    std::int64_t part_size_min = 1;
    std::int64_t parts_max = 100;
    std::int64_t parts_min = 1;
};

/// Drops the whole batch when its length or the size of one of its messages is out of bounds.
class bounds_check_stage final : public stage
{
public:
    bounds_check_stage(const context& who, bounds b) : who_(who), bounds_(b) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        if (!within(batch))
            batch.clear();
        co_return as_batches(std::move(batch));
    }

private:
    bool within(const data::batch& batch) const
    {
        const auto parts = static_cast<std::int64_t>(batch.size());
        if (parts < bounds_.parts_min || parts > bounds_.parts_max) {
            who_.log(core::log_level::debug, "Rejecting batch of " + std::to_string(parts) + " messages, allowed are "
                + std::to_string(bounds_.parts_min) + " to " + std::to_string(bounds_.parts_max));
            return false;
        }
        for (const data::message& m : batch) {
            const auto size = static_cast<std::int64_t>(m.bytes().size());
            if (size < bounds_.part_size_min || size > bounds_.part_size_max) {
                who_.log(core::log_level::debug, "Rejecting batch for a message of " + std::to_string(size)
                    + " bytes, allowed are " + std::to_string(bounds_.part_size_min) + " to "
                    + std::to_string(bounds_.part_size_max));
                return false;
            }
        }
        return true;
    }

    context who_;
    bounds bounds_;
};

const config::spec& bounds_check_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("bounds_check", "Drops batches that are out of bounds.")
        .field("max_part_size", field_type::integer, "Bytes of the largest message allowed.")
        .fallback("1073741824")
        .field("min_part_size", field_type::integer, "Bytes of the smallest message allowed.")
        .fallback("1")
        .field("max_parts", field_type::integer, "Messages of the largest batch allowed.")
        .fallback("100")
        .advanced()
        .field("min_parts", field_type::integer, "Messages of the smallest batch allowed.")
        .fallback("1")
        .advanced();
    return spec;
}

core::result<stage_ptr> make_bounds_check(const context& who, const config::reader& read)
{
    bounds b;
    for (const auto& [name, into] :
        {std::pair{"max_part_size", &b.part_size_max}, std::pair{"min_part_size", &b.part_size_min},
            std::pair{"max_parts", &b.parts_max}, std::pair{"min_parts", &b.parts_min}}) {
        auto number = read.integer(name);
        if (!number)
            return number.error();
        *into = *number;
    }
    return std::make_unique<bounds_check_stage>(who, b);
}

} // namespace

entry bounds_check_entry() { return {&bounds_check_spec, &make_bounds_check}; }

} // namespace lambent::processor
