#include <lambent/processor/detail/entries.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Hands a copy of the batch back to the request that it came from. No input here waits for an answer, so there is never one to
/// give: the original says so on DEBUG and passes the batch on, and so does this.
class sync_response_stage final : public stage
{
public:
    explicit sync_response_stage(const context& who) : who_(who) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        who_.log(core::log_level::debug, "Failed to store sync response: no result store was found in the message");
        co_return as_batches(std::move(batch));
    }

private:
    context who_;
};

const config::spec& sync_response_spec()
{
    static const config::spec spec("sync_response", "Hands the batch back to the request that it came from.");
    return spec;
}

core::result<stage_ptr> make_sync_response(const context& who, const config::reader&)
{
    return std::make_unique<sync_response_stage>(who);
}

} // namespace

entry sync_response_entry() { return {&sync_response_spec, &make_sync_response}; }

} // namespace lambent::processor
