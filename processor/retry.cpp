#include <lambent/core/task_group.hpp>
#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <algorithm>
#include <utility>

namespace lambent::processor {
namespace {

/// Exponential: half as long again each time, with half of it up or down by chance.
class pauses
{
public:
    struct options
    {
        core::duration initial = std::chrono::milliseconds(500);
        core::duration longest = std::chrono::seconds(10);
        core::duration elapsed_max = std::chrono::minutes(1); ///< zero: no limit
    };

    explicit pauses(const options& o) : options_(o), next_(o.initial) {}

    /// The next pause, or nothing when it would end after the longest time allowed.
    /// @param uniform  in [0, 1).
    std::optional<core::duration> next(core::duration elapsed, double uniform)
    {
        const auto middle = static_cast<double>(next_.count());
        const core::duration pause(static_cast<core::duration::rep>(middle * (0.5 + uniform)));
        next_ = std::min(options_.longest, core::duration(static_cast<core::duration::rep>(middle * 1.5)));
        if (options_.elapsed_max > core::duration::zero() && elapsed + pause > options_.elapsed_max)
            return std::nullopt;
        return pause;
    }

private:
    options options_;
    core::duration next_;
};

/// Runs the children on each message until nothing that comes out has failed, each time on a fresh copy.
class retry_stage final : public stage
{
public:
    retry_stage(const context& who, pauses::options o, std::int64_t retries_max, bool parallel, std::vector<stage_ptr> stages)
        : who_(who), options_(o), retries_max_(retries_max), parallel_(parallel), stages_(std::move(stages))
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        std::vector<core::result<batches>> results(batch.size(), core::result<batches>(batches{}));
        if (parallel_) {
            core::task_group group(who_.shard());
            for (std::size_t i = 0; i < batch.size(); ++i)
                group.start(attempt_into(batch[i], results[i]));
            co_await group.join();
        } else {
            for (std::size_t i = 0; i < batch.size(); ++i) {
                co_await attempt_into(batch[i], results[i]);
                if (!results[i])
                    break;
            }
        }
        data::batch together;
        for (core::result<batches>& r : results) {
            if (!r)
                co_return std::move(r).error();
            for (data::message& m : flatten(std::move(*r)))
                together.push_back(std::move(m));
        }
        co_return as_batches(std::move(together));
    }
    awaitable<void> close() override { co_await close_all(stages_); }

private:
    awaitable<void> attempt_into(data::message& message, core::result<batches>& result)
    {
        result = co_await attempt(message);
    }

    awaitable<core::result<batches>> attempt(data::message& message)
    {
        core::timekeeper& time = who_.shard().time();
        const core::instant start = time.now();
        pauses plan(options_);
        std::int64_t retries = 0;
        core::duration paused = core::duration::zero();
        message.clear_failure();
        for (;;) {
            data::batch one;
            one.push_back(message);
            auto done = co_await run_all(stages_, std::move(one));
            if (!done)
                co_return done;
            if (!any_failed(*done)) {
                record(*done, retries, paused);
                co_return done;
            }
            ++retries;
            std::optional<core::duration> pause;
            if (retries != retries_max_)
                pause = plan.next(time.now() - start, who_.shard().chance().uniform());
            if (!pause) {
                who_.log(core::log_level::debug, retries == retries_max_
                    ? "Error occurred and maximum number of retries was reached."
                    : "Error occurred and maximum wait period was reached.");
                record(*done, retries, paused);
                co_return done;
            }
            paused += *pause;
            who_.log(core::log_level::debug, "Error occurred, sleeping for next backoff period.");
            auto slept = co_await time.sleep(*pause);
            if (!slept)
                co_return std::move(slept).error();
        }
    }

    static bool any_failed(const batches& results)
    {
        for (const data::batch& b : results)
            for (const data::message& m : b)
                if (m.failed())
                    return true;
        return false;
    }

    static void record(batches& results, std::int64_t retries, core::duration paused)
    {
        for (data::batch& b : results)
            for (data::message& m : b) {
                m.set_meta("retry_count", retries);
                m.set_meta("backoff_duration", std::int64_t(paused.count()));
            }
    }

    context who_;
    pauses::options options_;
    std::int64_t retries_max_; ///< 0: no limit
    bool parallel_;
    std::vector<stage_ptr> stages_;
};

const config::spec& retry_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("retry", "Repeats processors on a message until they succeed.")
        .object("backoff",
            config::spec("backoff")
                .field("initial_interval", field_type::duration, "The first pause.")
                .fallback("500ms")
                .field("max_interval", field_type::duration, "The longest pause.")
                .fallback("10s")
                .field("max_elapsed_time", field_type::duration, "Gives up after this; 0s: never.")
                .fallback("1m"),
            "How long to wait between attempts.")
        .list("processors", field_type::processor, "What is repeated.")
        .field("parallel", field_type::boolean, "The messages of a batch at once.")
        .fallback("false")
        .field("max_retries", field_type::integer, "Gives up after this many; 0: never.")
        .fallback("0");
    return spec;
}

core::result<stage_ptr> make_retry(const context& who, const config::reader& read)
{
    auto stages = children(who, read.elements("processors"), "processors");
    if (!stages)
        return stages.error();
    if (stages->empty())
        return unusable("at least one child processor must be specified");
    pauses::options o;
    for (const auto& [name, into] : {std::pair{"backoff.initial_interval", &o.initial},
             std::pair{"backoff.max_interval", &o.longest}, std::pair{"backoff.max_elapsed_time", &o.elapsed_max}}) {
        auto duration = read.duration(name);
        if (!duration)
            return duration.error();
        *into = *duration;
    }
    auto parallel = read.boolean("parallel");
    if (!parallel)
        return parallel.error();
    auto retries_max = read.integer("max_retries");
    if (!retries_max)
        return retries_max.error();
    return std::make_unique<retry_stage>(who, o, *retries_max, *parallel, std::move(*stages));
}

} // namespace

entry retry_entry() { return {&retry_spec, &make_retry}; }

} // namespace lambent::processor
