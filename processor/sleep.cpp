#include <lambent/config/node.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Sleeps once per message, for as long as the message says.
class sleep_stage final : public stage
{
public:
    sleep_stage(const context& who, bloblang::interpolation text) : who_(who), text_(std::move(text)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto text = text_.resolve(batch, i);
            if (!text) {
                who_.log(core::log_level::error, "Period interpolation error: " + text.error().text());
                continue;
            }
            auto period = config::parse_duration(*text);
            if (!period) {
                who_.log(core::log_level::error, "Failed to parse duration: " + period.error().text());
                continue;
            }
            auto slept = co_await who_.shard().time().sleep(*period);
            if (!slept)
                co_return std::move(slept).error();
        }
        co_return as_batches(std::move(batch));
    }

private:
    context who_;
    bloblang::interpolation text_;
};

const config::spec& sleep_spec()
{
    static const config::spec spec = config::spec("sleep", "Sleeps for a time per message.")
        .field("duration", config::field_type::interpolated, "How long, e.g. 100ms.");
    return spec;
}

core::result<stage_ptr> make_sleep(const context& who, const config::reader& read)
{
    auto text = read.string("duration");
    if (!text)
        return text.error();
    auto duration = parse_text(who, *text, "failed to parse duration expression: ");
    if (!duration)
        return duration.error();
    return std::make_unique<sleep_stage>(who, std::move(*duration));
}

} // namespace

entry sleep_entry() { return {&sleep_spec, &make_sleep}; }

} // namespace lambent::processor
