#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Stands for a processor of `processor_resources`: one shared instance for all who refer to it, looked up at each use.
class resource_stage final : public stage
{
public:
    resource_stage(const context& who, std::string label) : who_(who), label_(std::move(label)) {}

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        stage* target = who_.host().processor_resource(label_);
        if (!target) {
            const std::string why = "unable to locate resource: " + label_;
            who_.log(core::log_level::error, "Failed to obtain processor resource '" + label_ + "': " + why);
            for (data::message& m : batch)
                who_.fail_unsourced(m, why);
            co_return as_batches(std::move(batch));
        }
        co_return co_await target->process(std::move(batch));
    }

private:
    context who_;
    std::string label_;
};

const config::spec& resource_spec()
{
    static const config::spec spec = config::spec::scalar(
        "resource", config::field_type::string, R"("")", "Runs a processor of `processor_resources` by its label.");
    return spec;
}

core::result<stage_ptr> make_resource(const context& who, const config::reader& read)
{
    auto label = read.string();
    if (!label)
        return label.error();
    if (!who.host().processor_resource(*label))
        return core::error{errc::resource_missing, "processor resource '" + *label + "' was not found"};
    return std::make_unique<resource_stage>(who, std::move(*label));
}

} // namespace

entry resource_entry() { return {&resource_spec, &make_resource}; }

} // namespace lambent::processor
