#include <lambent/core/channel.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/stream/batched.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/leaf.hpp>

#include <algorithm>

namespace lambent::stream {

namespace {

core::error cancelled() { return core::error{core::errc::cancelled, ""}; }

/// Several inputs at once, in the order in which they have something.
class fan_in final : public input
{
public:
    fan_in(core::shard& on, std::vector<input_ptr> from) : from_(std::move(from)), tasks_(on), arrived_(on, 0) {}

    awaitable<core::result<std::optional<transaction>>> read() override
    {
        if (!started_) {
            started_ = true;
            running_ = from_.size();
            for (const input_ptr& one : from_)
                tasks_.start(pull(*one));
        }
        auto next = co_await arrived_.receive(core::deadline::never());
        if (next)
            co_return std::optional<transaction>(std::move(*next));
        if (next.error().code != core::errc::closed)
            co_return next.error();
        if (broken_)
            co_return *broken_;
        co_return std::optional<transaction>();
    }
    void stop(ending how) noexcept override
    {
        for (const input_ptr& one : from_)
            one->stop(how);
    }
    awaitable<void> close() override
    {
        tasks_.cancel();
        co_await tasks_.join();
        for (const input_ptr& one : from_)
            co_await one->close();
    }
    bool connected() const noexcept override
    {
        return std::all_of(from_.begin(), from_.end(), [](const input_ptr& one) { return one->connected(); });
    }

private:
    awaitable<void> pull(input& from)
    {
        for (;;) {
            auto next = co_await from.read();
            if (!next || !next->has_value()) {
                if (!next && next.error().code != core::condition::cancelled && !broken_)
                    broken_ = next.error();
                break;
            }
            transaction t = std::move(**next);
            const auto sent = co_await arrived_.send(t, core::deadline::never());
            if (!sent) {
                if (t.ack)
                    t.ack->settle(outcome::none_delivered(cancelled()));
                break;
            }
        }
        // One that is broken ends the others: the stream fails as a whole, after what is under way.
        if (broken_)
            stop(ending::drain);
        if (--running_ == 0)
            arrived_.close();
    }

    std::vector<input_ptr> from_;
    core::task_group tasks_;
    core::channel<transaction> arrived_;
    std::optional<core::error> broken_;
    std::size_t running_ = 0;
    bool started_ = false;
};

/// One input after another; the next begins when all of the one before is settled.
class in_sequence final : public input
{
public:
    explicit in_sequence(std::vector<input_ptr> from) : from_(std::move(from)) {}

    awaitable<core::result<std::optional<transaction>>> read() override
    {
        while (at_ < from_.size()) {
            auto next = co_await from_[at_]->read();
            if (!next || next->has_value())
                co_return next;
            if (stopped_)
                break;
            ++at_;
        }
        co_return std::optional<transaction>();
    }
    void stop(ending how) noexcept override
    {
        stopped_ = true;
        if (at_ < from_.size())
            from_[at_]->stop(how);
    }
    awaitable<void> close() override
    {
        for (const input_ptr& one : from_)
            co_await one->close();
    }
    bool connected() const noexcept override { return at_ < from_.size() && from_[at_]->connected(); }

private:
    std::vector<input_ptr> from_;
    std::size_t at_ = 0;
    bool stopped_ = false;
};

core::result<std::vector<input_ptr>> build_inputs(
    resources& in, const processor::context& who, const config::reader& read, std::int64_t copies)
{
    std::vector<input_ptr> made;
    const std::vector<config::node> objects = read.elements("inputs");
    for (std::int64_t copy = 0; copy < copies; ++copy) {
        for (std::size_t i = 0; i < objects.size(); ++i) {
            auto one = build_input(in, objects[i], who.path() + "." + who.name() + ".inputs." + std::to_string(i));
            if (!one)
                return one.error();
            made.push_back(std::move(*one));
        }
    }
    if (made.empty())
        return core::error{errc::invalid_config, "must specify at least one input"};
    return made;
}

const config::spec& broker_spec()
{
    static const config::spec declared = [] {
        config::spec s("broker", "Reads from several inputs at once.");
        s.field("copies", config::field_type::integer, "How many of each.").fallback("1").advanced();
        s.list("inputs", config::field_type::input, "The inputs.");
        s.object("batching", batch_policy_spec(), "Gathers messages into batches.");
        return s;
    }();
    return declared;
}

core::result<input_ptr> make_broker(resources& in, const processor::context& who, const config::reader& read)
{
    constexpr std::int64_t copies_max = 1000;
    const auto copies = read.integer("copies");
    if (!copies)
        return copies.error();
    if (*copies < 1 || *copies > copies_max)
        return core::error{errc::invalid_config, "field 'copies' must be between 1 and " + std::to_string(copies_max)};
    auto from = build_inputs(in, who, read, *copies);
    if (!from)
        return from.error();
    auto batches = read_batching(who, read.object("batching"), who.path() + ".broker.batching");
    if (!batches)
        return batches.error();
    input_ptr all = from->size() == 1 ? std::move(from->front()) : std::make_unique<fan_in>(in.shard(), std::move(*from));
    if (*batches)
        all = batched_input(in, who, std::move(all), std::move(**batches));
    return all;
}

const config::spec& sequence_spec()
{
    static const config::spec declared = [] {
        config::spec join("sharded_join");
        join.field("type", config::field_type::string).fallback("none").one_of({"none", "full-outer", "outer", "full-outter", "outter"}).advanced();
        join.field("id_path", config::field_type::string).fallback("\"\"").advanced();
        join.field("iterations", config::field_type::integer).fallback("1").advanced();
        join.field("merge_strategy", config::field_type::string).fallback("array").one_of({"array", "replace", "keep"}).advanced();
        config::spec s("sequence", "Reads from one input after another.");
        s.object("sharded_join", std::move(join), "Joins messages by an id; not available yet.").advanced();
        s.list("inputs", config::field_type::input, "The inputs.");
        return s;
    }();
    return declared;
}

core::result<input_ptr> make_sequence(resources& in, const processor::context& who, const config::reader& read)
{
    const auto join = read.string("sharded_join.type");
    if (!join)
        return join.error();
    if (*join != "none")
        return core::error{errc::invalid_config, "field 'sharded_join' is not available in lambent yet"};
    auto from = build_inputs(in, who, read, 1);
    if (!from)
        return from.error();
    return input_ptr(std::make_unique<in_sequence>(std::move(*from)));
}

const config::spec& batched_spec()
{
    static const config::spec declared = [] {
        config::spec s("batched", "Gathers an input's messages into batches.");
        s.field("child", config::field_type::input, "The input.");
        s.object("policy", batch_policy_spec(), "When a batch ends.");
        return s;
    }();
    return declared;
}

core::result<input_ptr> make_batched(resources& in, const processor::context& who, const config::reader& read)
{
    auto child = build_input(in, read.raw("child"), who.path() + ".batched.child");
    if (!child)
        return child.error();
    auto batches = read_batching(who, read.object("policy"), who.path() + ".batched.policy");
    if (!batches)
        return batches.error();
    if (!*batches)
        return core::error{errc::invalid_config, "batch policy must have at least one active trigger"};
    return batched_input(in, who, std::move(*child), std::move(**batches));
}

/// A shared input under its label. Who reads is given what comes next, in turn.
class by_label final : public input
{
public:
    by_label(resources& in, std::string label) : in_(in), label_(std::move(label)), turn_(in.shard(), 1) {}

    awaitable<core::result<std::optional<transaction>>> read() override
    {
        input* to = in_.input_resource(label_);
        if (to == nullptr)
            co_return core::error{errc::not_found, "input resource '" + label_ + "' was not found"};
        const auto entered = co_await turn_.enter(core::deadline::never());
        if (!entered)
            co_return entered.error();
        auto next = co_await to->read();
        turn_.leave();
        co_return next;
    }
    void stop(ending how) noexcept override
    {
        if (input* to = in_.input_resource(label_))
            to->stop(how);
    }
    awaitable<void> close() override { co_return; } // its owner closes it
    bool connected() const noexcept override
    {
        const input* to = in_.input_resource(label_);
        return to != nullptr && to->connected();
    }

private:
    resources& in_;
    std::string label_;
    core::gate turn_;
};

const config::spec& resource_spec()
{
    static const config::spec declared =
        config::spec::scalar("resource", config::field_type::string, "\"\"", "An input of `input_resources`, by its label.");
    return declared;
}

core::result<input_ptr> make_resource(resources& in, const processor::context&, const config::reader& read)
{
    auto label = read.string();
    if (!label)
        return label.error();
    if (in.input_resource(*label) == nullptr)
        return core::error{errc::not_found, "input resource '" + *label + "' was not found"};
    return input_ptr(std::make_unique<by_label>(in, std::move(*label)));
}

} // namespace

component_entry<input> broker_input_entry() { return {&broker_spec, &make_broker}; }
component_entry<input> sequence_input_entry() { return {&sequence_spec, &make_sequence}; }
component_entry<input> batched_input_entry() { return {&batched_spec, &make_batched}; }
component_entry<input> resource_input_entry() { return {&resource_spec, &make_resource}; }

} // namespace lambent::stream
