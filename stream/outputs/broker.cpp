#include <lambent/stream/backing.hpp>
#include <lambent/stream/batched.hpp>
#include <lambent/stream/composite.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/leaf.hpp>
#include <lambent/stream/legs.hpp>

#include <algorithm>
#include <numeric>

namespace lambent::stream {

namespace {

leg whole_batch(output& to, const data::batch& batch)
{
    leg one;
    one.to = &to;
    one.batch = batch;
    one.indices.resize(batch.size());
    std::iota(one.indices.begin(), one.indices.end(), std::size_t{0});
    return one;
}

/// Every output gets every message.
class fan_out final : public composite_output
{
public:
    fan_out(processor::context of, std::vector<output_ptr> children, bool in_turn)
        : composite_output(std::move(of), std::move(children)), in_turn_(in_turn)
    {}

    awaitable<outcome> write(data::batch batch) override
    {
        std::vector<leg> legs;
        for (const output_ptr& child : children())
            legs.push_back(whole_batch(*child, batch));
        const std::size_t size = batch.size();
        batch.clear();
        if (!in_turn_) {
            co_await write_all(who().shard(), legs);
            co_return merged(legs, size);
        }
        for (leg& one : legs) {
            one.result = co_await one.to->write(std::move(one.batch));
            if (!one.result.ok())
                break;
        }
        co_return merged(legs, size);
    }

private:
    bool in_turn_; ///< one after another; a failure spares the rest
};

/// Each batch goes to one output: the next in turn, or the one with least under way.
class share_out final : public composite_output
{
public:
    share_out(processor::context of, std::vector<output_ptr> list, bool least_busy)
        : composite_output(std::move(of), std::move(list)), least_busy_(least_busy), under_way_(children().size(), 0)
    {}

    awaitable<outcome> write(data::batch batch) override
    {
        std::size_t to = next_++ % children().size();
        if (least_busy_)
            to = static_cast<std::size_t>(std::min_element(under_way_.begin(), under_way_.end()) - under_way_.begin());
        ++under_way_[to];
        outcome written = co_await children()[to]->write(std::move(batch));
        --under_way_[to];
        co_return written;
    }
    std::size_t max_in_flight() const noexcept override
    {
        std::size_t sum = 0;
        for (const output_ptr& child : children())
            sum += child->max_in_flight();
        return sum;
    }

private:
    bool least_busy_;
    std::vector<std::size_t> under_way_;
    std::size_t next_ = 0;
};

const config::spec& broker_spec()
{
    static const config::spec declared = [] {
        config::spec s("broker", "Sends messages to several outputs.");
        s.field("copies", config::field_type::integer, "How many of each.").fallback("1").advanced();
        s.field("pattern", config::field_type::string, "Who gets what.")
            .fallback("fan_out")
            .one_of({"fan_out", "fan_out_fail_fast", "fan_out_sequential", "fan_out_sequential_fail_fast", "round_robin", "greedy"});
        s.list("outputs", config::field_type::output, "The outputs.");
        s.object("batching", batch_policy_spec(), "Gathers messages into batches.");
        return s;
    }();
    return declared;
}

core::result<std::vector<output_ptr>> build_outputs(
    resources& in, const processor::context& who, const config::reader& read, bool until_success)
{
    constexpr std::int64_t copies_max = 1000;
    const auto copies = read.integer("copies");
    if (!copies)
        return copies.error();
    if (*copies < 1 || *copies > copies_max)
        return core::error{errc::invalid_config, "field 'copies' must be between 1 and " + std::to_string(copies_max)};
    std::vector<output_ptr> made;
    const std::vector<config::node> objects = read.elements("outputs");
    for (std::int64_t copy = 0; copy < *copies; ++copy) {
        for (std::size_t i = 0; i < objects.size(); ++i) {
            auto one = build_output(in, objects[i], who.path() + ".broker.outputs." + std::to_string(i));
            if (!one)
                return one.error();
            made.push_back(until_success ? with_retries(who, std::move(*one), retry_limits{}) : std::move(*one));
        }
    }
    if (made.empty())
        return core::error{errc::invalid_config, "broker has no outputs"};
    return made;
}

core::result<output_ptr> make_broker(resources& in, const processor::context& who, const config::reader& read)
{
    const auto pattern = read.string("pattern");
    if (!pattern)
        return pattern.error();
    const bool until_success = *pattern == "fan_out" || *pattern == "fan_out_sequential";
    auto children = build_outputs(in, who, read, until_success);
    if (!children)
        return children.error();
    auto batches = read_batching(who, read.object("batching"), who.path() + ".broker.batching");
    if (!batches)
        return batches.error();
    output_ptr all;
    if (pattern->starts_with("fan_out"))
        all = std::make_unique<fan_out>(who, std::move(*children), pattern->find("sequential") != std::string::npos);
    else if (*pattern == "round_robin" || *pattern == "greedy")
        all = std::make_unique<share_out>(who, std::move(*children), *pattern == "greedy");
    else
        return core::error{errc::invalid_config, "broker pattern was not recognised: " + *pattern};
    if (*batches)
        all = batched_output(who, std::move(all), std::move(**batches));
    return all;
}

} // namespace

component_entry<output> broker_output_entry() { return {&broker_spec, &make_broker}; }

} // namespace lambent::stream
