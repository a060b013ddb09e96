#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <algorithm>
#include <utility>

namespace lambent::processor {
namespace {

/// Puts a new message into the batch, with the metadata of the first one.
class insert_part_stage final : public stage
{
public:
    insert_part_stage(const context& who, std::int64_t index, bloblang::interpolation content)
        : who_(who), index_(index), content_(std::move(content))
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        if (batch.empty())
            co_return as_batches(std::move(batch));
        auto content = content_.resolve(batch, 0);
        if (!content) {
            const std::string why = "part interpolation error: " + content.error().text();
            for (data::message& m : batch)
                who_.fail(m, why);
            co_return as_batches(std::move(batch));
        }
        data::message made;
        made.set_bytes(std::move(*content));
        for (const auto& [key, value] : batch.front().metadata())
            made.set_meta(key, value);
        const auto count = static_cast<std::int64_t>(batch.size());
        // -1 is behind the last, -2 before it; what lies outside is moved to the nearest end.
        const std::int64_t at = std::clamp<std::int64_t>(index_ < 0 ? count + index_ + 1 : index_, 0, count);
        batch.insert(batch.begin() + at, std::move(made));
        co_return as_batches(std::move(batch));
    }

private:
    context who_;
    std::int64_t index_;
    bloblang::interpolation content_;
};

const config::spec& insert_part_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("insert_part", "Puts a new message into the batch.")
        .field("index", field_type::integer, "Where; negative counts from the end.")
        .fallback("-1")
        .field("content", field_type::interpolated, "The new message's contents.")
        .fallback(R"("")");
    return spec;
}

core::result<stage_ptr> make_insert_part(const context& who, const config::reader& read)
{
    auto index = read.integer("index");
    if (!index)
        return index.error();
    auto text = read.string("content");
    if (!text)
        return text.error();
    auto content = parse_text(who, *text, "failed to parse content expression: ");
    if (!content)
        return content.error();
    return std::make_unique<insert_part_stage>(who, *index, std::move(*content));
}

} // namespace

entry insert_part_entry() { return {&insert_part_spec, &make_insert_part}; }

} // namespace lambent::processor
