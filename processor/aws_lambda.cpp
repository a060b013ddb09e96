#include <lambent/aws/lambda_client.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/http/dialer.hpp>
#include <lambent/processor/aws_session.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>
#include <lambent/processor/detail/labelled_limiter.hpp>

#include <algorithm>
#include <utility>

namespace lambent::processor {
namespace {

using namespace std::chrono_literals;

/// Nothing is in flight when a stage is closed; idle connections need no longer than this to say goodbye.
constexpr core::duration close_within = 5s;

/// More retries than this are as good as endless.
constexpr std::int64_t retries_max = 1'000'000;

/// Invokes a function for each message of a batch and puts its answer in the message's place.
///
/// A failed call leaves the contents and flags the message. A function that fails has answered: the contents become its error,
/// metadata `lambda_function_error` says so, and the message is not flagged. Success clears no earlier flag or metadata.
class aws_lambda_stage final : public stage
{
public:
    struct options
    {
        bool parallel = false;
        std::string function;
        std::string rate_limit; ///< empty: none
        aws::lambda_options client;
    };

    aws_lambda_stage(const context& who, options o, std::shared_ptr<aws::credentials_source> keys)
        : who_(who), parallel_(o.parallel), function_(std::move(o.function)),
          limiter_(o.rate_limit.empty()
                  ? nullptr
                  : std::make_unique<labelled_limiter>(who, std::move(o.rate_limit), "Rate limit error: ")),
          lambda_(who.shard(), std::move(o.client), std::move(keys), limiter_.get(), who.host().network())
    {
        who_.host().watch(lambda_);
    }
    ~aws_lambda_stage() override { who_.host().forget(lambda_); }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        std::optional<core::error> stopped;
        if (parallel_ && batch.size() != 1) {
            core::task_group group(who_.shard());
            for (data::message& m : batch)
                group.start(invoke_one(m, "Lambda parallel request to '", stopped));
            co_await group.join();
        } else {
            for (std::size_t i = 0; i < batch.size() && !stopped; ++i)
                co_await invoke_one(batch[i], "Lambda function '", stopped);
        }
        if (stopped)
            co_return std::move(*stopped);
        co_return as_batches(std::move(batch));
    }

    awaitable<void> close() override { co_await lambda_.close(who_.shard().time().in(close_within)); }

private:
    /// @param message  as `complaint` and `stopped`: lives in `process`, which joins.
    /// @param stopped  set when the call was cut short by cancellation: then the message is neither answered nor failed.
    awaitable<void> invoke_one(data::message& message, const char* complaint, std::optional<core::error>& stopped)
    {
        aws::invocation call{.function = function_, .payload = message.bytes()};
        auto reply = co_await lambda_.invoke(call, core::forever); // `timeout` bounds each attempt
        if (!reply) {
            if (reply.error().code == core::condition::cancelled) {
                stopped = reply.error();
                co_return;
            }
            const std::string why = reply.error().text();
            who_.log(core::log_level::error, complaint + function_ + "' failed: " + why);
            who_.fail(message, why);
            co_return;
        }
        if (reply->function_error && !reply->function_error->empty())
            message.set_meta("lambda_function_error", *reply->function_error);
        message.set_bytes(std::move(reply->payload));
    }

    context who_;
    bool parallel_;
    std::string function_;
    std::unique_ptr<labelled_limiter> limiter_;
    aws::lambda_client lambda_;
};

const config::spec& aws_lambda_spec()
{
    using config::field_type;
    static const config::spec spec =
        config::spec("aws_lambda", "Invokes an AWS Lambda function with each message and takes its answer as the contents.")
            .field("parallel", field_type::boolean, "The messages of a batch at once.")
            .fallback("false")
            .field("function", field_type::string, "Name, name:qualifier, partial or full ARN.")
            .field("rate_limit", field_type::string, "The label of a rate limit; asked before every HTTP attempt.")
            .fallback(R"("")")
            .advanced()
            .include(aws_session_spec())
            .field("timeout", field_type::duration, "Bounds each HTTP attempt.")
            .fallback("5s")
            .advanced()
            .field("retries", field_type::integer, "Further attempts after the first.")
            .fallback("3")
            .advanced()
            .field("at_most_once", field_type::boolean, "Do not repeat an attempt after which the function may have run.")
            .fallback("false")
            .advanced();
    return spec;
}

core::result<stage_ptr> make_aws_lambda(const context& who, const config::reader& read)
{
    aws_lambda_stage::options o;
    auto keys = read_aws_session(who, read, o.client);
    if (!keys)
        return keys.error();
    auto parallel = read.boolean("parallel");
    if (!parallel)
        return parallel.error();
    o.parallel = *parallel;
    auto function = read.string("function");
    if (!function)
        return function.error();
    if (function->empty())
        return unusable("lambda function must not be empty");
    o.function = std::move(*function);
    auto timeout = read.duration("timeout");
    if (!timeout)
        return timeout.error();
    o.client.attempt_timeout = *timeout;
    auto retries = read.integer("retries");
    if (!retries)
        return retries.error();
    o.client.retry.retries = static_cast<unsigned>(std::clamp<std::int64_t>(*retries, 0, retries_max));
    auto at_most_once = read.boolean("at_most_once");
    if (!at_most_once)
        return at_most_once.error();
    o.client.retry.ambiguous = !*at_most_once;
    o.client.retry.budget = 0;             // `retries` promises its number whatever other messages meet
    o.client.any_function_name = true;     // as the original: the service is the judge of names
    auto label = read.string("rate_limit");
    if (!label)
        return label.error();
    if (!label->empty())
        if (auto there = require_rate_limit(who, *label); !there)
            return there.error();
    o.rate_limit = std::move(*label);
    return std::make_unique<aws_lambda_stage>(who, std::move(o), std::move(*keys));
}

} // namespace

entry aws_lambda_entry() { return {&aws_lambda_spec, &make_aws_lambda}; }

} // namespace lambent::processor
