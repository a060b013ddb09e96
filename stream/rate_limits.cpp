#include <lambent/core/limiter.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/resources.hpp>

namespace lambent::stream {

namespace {

const config::spec& local_spec()
{
    static const config::spec declared = [] {
        config::spec s("local", "Calls per interval, within this process.");
        s.field("count", config::field_type::integer, "Calls per interval.").fallback("1000");
        s.field("interval", config::field_type::duration, "The interval.").fallback("1s");
        return s;
    }();
    return declared;
}

core::result<std::unique_ptr<core::limiter>> make_local(resources& in, const processor::context&, const config::reader& read)
{
    const auto count = read.integer("count");
    if (!count)
        return count.error();
    const auto interval = read.duration("interval");
    if (!interval)
        return interval.error();
    if (*count <= 0)
        return core::error{errc::invalid_config, "count must be larger than zero"};
    return core::make_local_limiter(in.shard(), static_cast<std::uint64_t>(*count), *interval);
}

} // namespace

component_entry<core::limiter> local_rate_limit_entry() { return {&local_spec, &make_local}; }

} // namespace lambent::stream
