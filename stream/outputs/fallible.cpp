#include <lambent/stream/backing.hpp>
#include <lambent/stream/composite.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/leaf.hpp>
#include <lambent/stream/legs.hpp>

#include <re2/re2.h>

#include <algorithm>

namespace lambent::stream {

namespace {

std::vector<output_ptr> only(output_ptr one)
{
    std::vector<output_ptr> list;
    list.push_back(std::move(one));
    return list;
}

/// The outcome of a part, said about the whole.
outcome of_whole(const leg& part, std::size_t size)
{
    outcome whole;
    if (part.result.ok())
        return whole;
    for (std::size_t i = 0; i < part.indices.size(); ++i)
        if (const core::error* why = part.result.why(i))
            whole.add(part.indices[i], *why);
    if (size == 1)
        whole.messages.clear();
    return whole;
}

class retrying final : public composite_output
{
public:
    retrying(processor::context of, output_ptr to, retry_limits limits) : composite_output(std::move(of), only(std::move(to))), limits_(limits) {}

    awaitable<outcome> write(data::batch batch) override
    {
        core::shard& shard = who().shard();
        const std::size_t size = batch.size();
        const core::instant began = shard.time().now();
        leg part = failed_part(batch, outcome::none_delivered(core::error()));
        core::duration pause = limits_.first;
        for (std::uint64_t retry = 1;; ++retry) {
            data::batch attempt = part.batch;
            part.result = co_await children().front()->write(std::move(attempt));
            if (part.result.ok() || part.result.failed->code == core::condition::cancelled)
                break;
            narrow(part);
            who().log(core::log_level::error, "Failed to send message: " + part.result.failed->text());
            const bool late = limits_.elapsed_max > core::duration::zero() && shard.time().now() - began >= limits_.elapsed_max;
            if (late || (limits_.retries_max > 0 && retry > limits_.retries_max)) {
                core::error spent{errc::write_failed, "message failed to reach a target destination"};
                part.result = outcome::none_delivered(std::move(spent));
                break;
            }
            // Half as long to one and a half times as long, so that writers that failed together do not return together.
            const auto jittered = core::duration(static_cast<std::int64_t>(static_cast<double>(pause.count()) * (0.5 + shard.chance().uniform())));
            const auto slept = co_await shard.time().sleep(jittered);
            if (!slept) {
                part.result = outcome::none_delivered(slept.error());
                break;
            }
            pause = std::min(pause + pause / 2, limits_.longest);
        }
        co_return of_whole(part, size);
    }

private:
    /// Keeps what failed.
    static void narrow(leg& part)
    {
        leg rest = failed_part(part.batch, part.result);
        for (std::size_t& index : rest.indices)
            index = part.indices[index];
        rest.result = outcome::none_delivered(*part.result.failed);
        part = std::move(rest);
    }

    retry_limits limits_;
};

const config::spec& retry_spec()
{
    static const config::spec declared = [] {
        config::spec backoff("backoff");
        backoff.field("initial_interval", config::field_type::duration).fallback("500ms").advanced();
        backoff.field("max_interval", config::field_type::duration).fallback("3s").advanced();
        backoff.field("max_elapsed_time", config::field_type::duration).fallback("0s").advanced();
        config::spec s("retry", "Repeats writes that failed.");
        s.field("max_retries", config::field_type::integer, "0: no limit.").fallback("0").advanced();
        s.object("backoff", std::move(backoff), "Pauses between attempts.").advanced();
        s.field("output", config::field_type::output, "The output.");
        return s;
    }();
    return declared;
}

core::result<output_ptr> make_retry(resources& in, const processor::context& who, const config::reader& read)
{
    const auto retries = read.integer("max_retries");
    if (!retries)
        return retries.error();
    const auto first = read.duration("backoff.initial_interval");
    if (!first)
        return first.error();
    const auto longest = read.duration("backoff.max_interval");
    if (!longest)
        return longest.error();
    const auto elapsed = read.duration("backoff.max_elapsed_time");
    if (!elapsed)
        return elapsed.error();
    auto to = build_output(in, read.raw("output"), who.path() + ".retry.output");
    if (!to)
        return to.error();
    retry_limits limits;
    limits.retries_max = static_cast<std::uint64_t>(std::max<std::int64_t>(*retries, 0));
    limits.first = *first;
    limits.longest = *longest;
    limits.elapsed_max = *elapsed;
    return with_retries(who, std::move(*to), limits);
}

class fallback_output final : public composite_output
{
public:
    using composite_output::composite_output;

    awaitable<outcome> write(data::batch batch) override
    {
        const std::size_t size = batch.size();
        leg part = failed_part(batch, outcome::none_delivered(core::error()));
        batch.clear();
        for (std::size_t i = 0; i < children().size(); ++i) {
            data::batch attempt = part.batch;
            part.result = co_await children()[i]->write(std::move(attempt));
            if (part.result.ok() || part.result.failed->code == core::condition::cancelled || i + 1 == children().size())
                break;
            leg rest;
            for (std::size_t m = 0; m < part.batch.size(); ++m) {
                const core::error* why = part.result.why(m);
                if (why == nullptr)
                    continue;
                part.batch[m].set_meta("fallback_error", data::value(why->text()));
                rest.batch.push_back(std::move(part.batch[m]));
                rest.indices.push_back(part.indices[m]);
            }
            part = std::move(rest);
        }
        co_return of_whole(part, size);
    }
};

const config::spec& fallback_spec()
{
    static const config::spec declared =
        config::spec::array("fallback", config::field_type::output, "[]", "Tries outputs in order until one takes the message.");
    return declared;
}

core::result<output_ptr> make_fallback(resources& in, const processor::context& who, const config::reader& read)
{
    std::vector<output_ptr> children;
    const std::vector<config::node> objects = read.elements();
    for (std::size_t i = 0; i < objects.size(); ++i) {
        auto one = build_output(in, objects[i], who.path() + ".fallback." + std::to_string(i));
        if (!one)
            return one.error();
        children.push_back(std::move(*one));
    }
    if (children.empty())
        return core::error{errc::invalid_config, "fallback requires at least one output"};
    return output_ptr(std::make_unique<fallback_output>(who, std::move(children)));
}

class reject_errored_output final : public composite_output
{
public:
    using composite_output::composite_output;

    awaitable<outcome> write(data::batch batch) override
    {
        outcome refused;
        leg good;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (const auto& failure = batch[i].failed()) {
                core::error why{errc::rejected, "rejecting due to failed processing: " + failure->text};
                refused.add(i, std::move(why));
                continue;
            }
            good.batch.push_back(batch[i]);
            good.indices.push_back(i);
        }
        if (!good.batch.empty()) {
            data::batch sent = std::move(good.batch);
            good.result = co_await children().front()->write(std::move(sent));
            for (std::size_t i = 0; i < good.indices.size(); ++i)
                if (const core::error* why = good.result.why(i))
                    refused.add(good.indices[i], *why);
        }
        if (batch.size() == 1)
            refused.messages.clear();
        co_return refused;
    }
};

const config::spec& reject_errored_spec()
{
    static const config::spec declared = [] {
        config::field_spec self;
        self.type = config::field_type::output;
        return config::spec::self_field("reject_errored", std::move(self), "Refuses failed messages, passes on the others.");
    }();
    return declared;
}

core::result<output_ptr> make_reject_errored(resources& in, const processor::context& who, const config::reader& read)
{
    auto to = build_output(in, read.raw(), who.path() + ".reject_errored");
    if (!to)
        return to.error();
    return output_ptr(std::make_unique<reject_errored_output>(who, only(std::move(*to))));
}

struct drop_rules
{
    bool any_error = false;
    std::vector<std::shared_ptr<const re2::RE2>> patterns;
    std::optional<core::duration> back_pressure;
};

class drop_on_output final : public composite_output
{
public:
    drop_on_output(processor::context of, output_ptr to, drop_rules rules)
        : composite_output(std::move(of), only(std::move(to))), rules_(std::move(rules)), free_(who().shard(), children().front()->max_in_flight())
    {}

    awaitable<outcome> write(data::batch batch) override
    {
        core::timekeeper& time = who().shard().time();
        core::deadline until; // named before the await: g++ 12 reads both sides of a choice inside one
        if (rules_.back_pressure)
            until = time.in(*rules_.back_pressure);
        const auto entered = co_await free_.enter(until);
        if (!entered && entered.error().code == core::errc::deadline_exceeded) {
            who().log(core::log_level::warn, "Message dropped due to back pressure.");
            co_return outcome::delivered();
        }
        if (!entered)
            co_return outcome::none_delivered(entered.error());
        const std::size_t size = batch.size();
        const outcome written = co_await children().front()->write(std::move(batch));
        free_.leave();
        outcome kept;
        for (std::size_t i = 0; i < size; ++i)
            if (const core::error* why = written.why(i); why != nullptr && !dropped(*why))
                kept.add(i, *why);
        if (size == 1)
            kept.messages.clear();
        co_return kept;
    }
    /// Waiting for the child is done here, where it is limited.
    std::size_t max_in_flight() const noexcept override
    {
        constexpr std::size_t waiting_max = 64;
        return children().front()->max_in_flight() + (rules_.back_pressure ? waiting_max : 0);
    }

private:
    bool dropped(const core::error& why) const
    {
        if (why.code == core::condition::cancelled)
            return false;
        const std::string text = why.text();
        if (rules_.any_error) {
            who().log(core::log_level::warn, "Message dropped due to: " + text);
            return true;
        }
        for (std::size_t i = 0; i < rules_.patterns.size(); ++i) {
            if (!re2::RE2::PartialMatch(text, *rules_.patterns[i]))
                continue;
            who().log(core::log_level::warn, "Message dropped due to error matching pattern " + std::to_string(i) + ": " + text);
            return true;
        }
        return false;
    }

    drop_rules rules_;
    core::gate free_;
};

const config::spec& drop_on_spec()
{
    static const config::spec declared = [] {
        config::spec s("drop_on", "Drops messages that the output refuses, or that wait too long.");
        s.field("error", config::field_type::boolean, "Drop on any error.").fallback("false");
        s.list("error_patterns", config::field_type::string, "Drop on errors that match a regular expression.").optional();
        s.field("back_pressure", config::field_type::duration, "Drop after waiting this long.").optional();
        s.field("output", config::field_type::output, "The output.");
        return s;
    }();
    return declared;
}

core::result<output_ptr> make_drop_on(resources& in, const processor::context& who, const config::reader& read)
{
    drop_rules rules;
    const auto any = read.boolean("error");
    if (!any)
        return any.error();
    rules.any_error = *any;
    if (read.has("error_patterns")) {
        const auto patterns = read.strings("error_patterns");
        if (!patterns)
            return patterns.error();
        for (const std::string& pattern : *patterns) {
            auto compiled = std::make_shared<const re2::RE2>(pattern, re2::RE2::Quiet);
            if (!compiled->ok())
                return core::error{errc::invalid_config, "failed to compile error pattern '" + pattern + "': " + compiled->error()};
            rules.patterns.push_back(std::move(compiled));
        }
    }
    const auto back_pressure = read.optional_duration("back_pressure");
    if (!back_pressure)
        return back_pressure.error();
    rules.back_pressure = *back_pressure;
    auto to = build_output(in, read.raw("output"), who.path() + ".drop_on.output");
    if (!to)
        return to.error();
    return output_ptr(std::make_unique<drop_on_output>(who, std::move(*to), std::move(rules)));
}

} // namespace

output_ptr with_retries(processor::context who, output_ptr to, retry_limits limits)
{
    return std::make_unique<retrying>(std::move(who), std::move(to), limits);
}

component_entry<output> retry_output_entry() { return {&retry_spec, &make_retry}; }
component_entry<output> fallback_output_entry() { return {&fallback_spec, &make_fallback}; }
component_entry<output> reject_errored_output_entry() { return {&reject_errored_spec, &make_reject_errored}; }
component_entry<output> drop_on_output_entry() { return {&drop_on_spec, &make_drop_on}; }

} // namespace lambent::stream
