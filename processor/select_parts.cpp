#include <lambent/processor/detail/entries.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Keeps the messages at the listed indices, in the list's order; an index may stand twice.
class select_parts_stage final : public stage
{
public:
    explicit select_parts_stage(std::vector<std::int64_t> parts) : parts_(std::move(parts)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        const auto count = static_cast<std::int64_t>(batch.size());
        data::batch kept;
        for (const std::int64_t part : parts_) {
            const std::int64_t at = part < 0 ? count + part : part;
            if (at >= 0 && at < count)
                kept.push_back(batch[static_cast<std::size_t>(at)]);
        }
        co_return as_batches(std::move(kept));
    }

private:
    std::vector<std::int64_t> parts_;
};

const config::spec& select_parts_spec()
{
    static const config::spec spec = config::spec("select_parts", "Keeps some messages of a batch by their index.")
        .list("parts", config::field_type::integer, "Indices; negative ones count from the end, unknown ones are ignored.")
        .fallback("[]");
    return spec;
}

core::result<stage_ptr> make_select_parts(const context&, const config::reader& read)
{
    auto parts = read.integers("parts");
    if (!parts)
        return parts.error();
    return std::make_unique<select_parts_stage>(std::move(*parts));
}

} // namespace

entry select_parts_entry() { return {&select_parts_spec, &make_select_parts}; }

} // namespace lambent::processor
