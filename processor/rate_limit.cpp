#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/labelled_limiter.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Waits for admission once per message.
class rate_limit_stage final : public stage
{
public:
    rate_limit_stage(const context& who, std::string label)
        : limiter_(who, std::move(label), "Failed to access rate limit: ")
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (limiter_.try_admit())
                continue;
            auto admitted = co_await limiter_.admit(core::deadline::never());
            if (!admitted)
                co_return std::move(admitted).error();
        }
        co_return as_batches(std::move(batch));
    }

private:
    labelled_limiter limiter_;
};

const config::spec& rate_limit_spec()
{
    static const config::spec spec = config::spec("rate_limit", "Waits until a rate limit admits each message.")
        .field("resource", config::field_type::string, "The label of a rate limit resource.");
    return spec;
}

core::result<stage_ptr> make_rate_limit(const context& who, const config::reader& read)
{
    auto label = read.string("resource");
    if (!label)
        return label.error();
    if (auto there = require_rate_limit(who, *label); !there)
        return there.error();
    return std::make_unique<rate_limit_stage>(who, std::move(*label));
}

} // namespace

entry rate_limit_entry() { return {&rate_limit_spec, &make_rate_limit}; }

} // namespace lambent::processor
