#include <lambent/processor/detail/entries.hpp>

#include <utility>

namespace lambent::processor {
namespace {

class noop_stage final : public stage
{
public:
    awaitable<core::result<batches>> process(data::batch batch) override { co_return as_batches(std::move(batch)); }
};

const config::spec& noop_spec()
{
    static const config::spec spec("noop", "Passes every message on unchanged.");
    return spec;
}

core::result<stage_ptr> make_noop(const context&, const config::reader&) { return std::make_unique<noop_stage>(); }

} // namespace

entry noop_entry() { return {&noop_spec, &make_noop}; }

} // namespace lambent::processor
