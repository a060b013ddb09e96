#include <lambent/stream/batch_policy.hpp>

#include <lambent/processor/catalogue.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/leaf.hpp>

#include <algorithm>
#include <utility>

namespace lambent::stream {

bool batch_policy::add(data::message message, core::instant now)
{
    if (pending_.empty() && options_.period && *options_.period > core::duration::zero()) {
        // The period runs on while nothing comes: the first message of a batch falls into the running one.
        const auto passed = (now - last_) / *options_.period;
        last_ += passed * *options_.period;
    }
    bytes_ += message.bytes().size();
    pending_.push_back(std::move(message));
    bool ends = (options_.count > 0 && pending_.size() >= options_.count) || (options_.byte_size > 0 && bytes_ >= options_.byte_size) ||
                pending_.size() >= options_.messages_max || bytes_ >= options_.bytes_max;
    if (!ends && options_.check) {
        const auto matched = options_.check->check(pending_, pending_.size() - 1);
        if (!matched)
            check_failure_ = matched.error();
        ends = matched && *matched;
    }
    return ends || due().passed(now);
}

data::batch batch_policy::take(core::instant now)
{
    last_ = now;
    bytes_ = 0;
    return std::exchange(pending_, {});
}

core::deadline batch_policy::due() const noexcept
{
    if (pending_.empty() || !options_.period)
        return core::deadline::never();
    return core::deadline(last_ + *options_.period);
}

config::spec batch_policy_spec()
{
    config::spec s("batching");
    s.field("count", config::field_type::integer, "Messages per batch; 0: any number.").fallback("0");
    s.field("byte_size", config::field_type::integer, "Bytes per batch; 0: any size.").fallback("0");
    s.field("period", config::field_type::string, "The longest time between batches.").fallback("\"\"");
    s.field("check", config::field_type::bloblang, "True for a message that ends its batch.").fallback("\"\"");
    s.list("processors", config::field_type::processor, "Run on each finished batch.").optional().advanced();
    return s;
}

namespace {

core::result<batch_policy_options> read_options(const processor::context& who, const config::reader& read)
{
    batch_policy_options options;
    const auto count = read.integer("count");
    if (!count)
        return count.error();
    const auto byte_size = read.integer("byte_size");
    if (!byte_size)
        return byte_size.error();
    const auto period = read.optional_duration("period");
    if (!period)
        return core::error{errc::invalid_config, "failed to parse duration string: " + period.error().text()};
    const auto check = read.string("check");
    if (!check)
        return check.error();
    options.count = static_cast<std::size_t>(std::max<std::int64_t>(*count, 0));
    options.byte_size = static_cast<std::size_t>(std::max<std::int64_t>(*byte_size, 0));
    if (*period && **period > core::duration::zero())
        options.period = **period;
    if (!check->empty()) {
        auto mapping = parse_mapping(who, *check);
        if (!mapping)
            return core::error{errc::invalid_config, "failed to parse check: " + mapping.error().text()};
        options.check = std::move(*mapping);
    }
    return options;
}

} // namespace

core::result<std::optional<batching>> read_batching(
    const processor::context& who, const config::reader& read, const std::string& path)
{
    batching result;
    auto options = read_options(who, read);
    if (!options)
        return options.error();
    result.policy = std::move(*options);
    auto stages = processor::build_all(who.host(), read.elements("processors"), path + ".processors");
    if (!stages)
        return stages.error();
    result.stages = std::move(*stages);
    if (!result.stages.empty() && !result.policy.has_trigger())
        return core::error{errc::invalid_config, "batch policy must have at least one active trigger"};
    if (result.policy.is_noop() && result.stages.empty())
        return std::optional<batching>();
    return std::optional<batching>(std::move(result));
}

} // namespace lambent::stream
