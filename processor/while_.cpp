#include <lambent/processor/detail/children.hpp>
#include <lambent/processor/detail/entries.hpp>
#include <lambent/processor/detail/expressions.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace lambent::processor {
namespace {

/// Runs the children on the batch for as long as the check holds for the first message.
class while_stage final : public stage
{
public:
    struct options
    {
        bool at_least_once = false;
        std::int64_t loops_max = 0; ///< 0: no limit
    };

    while_stage(const context& who, options o, bloblang::mapping check, std::vector<stage_ptr> stages)
        : who_(who), options_(o), check_(std::move(check)), stages_(std::move(stages))
    {
    }

    awaitable<core::result<batches>> process(data::batch batch) override
    {
        batches current = as_batches(std::move(batch));
        if (current.empty())
            co_return std::move(current);
        bool again = options_.at_least_once || holds(current.front());
        for (std::int64_t loops = 0; again; ++loops) {
            if (options_.loops_max > 0 && loops >= options_.loops_max)
                break;
            // A loop whose children never wait would keep the shard to itself, shutdown included.
            co_await asio::post(who_.shard().executor(), await_tuple);
            const auto cancelled = co_await asio::this_coro::cancellation_state;
            if (cancelled.cancelled() != asio::cancellation_type::none)
                co_return core::error{core::errc::cancelled, {}};
            auto done = co_await run_each(stages_, std::move(current));
            if (!done || done->empty())
                co_return done;
            current = std::move(*done);
            again = !current.front().empty() && holds(current.front());
        }
        co_return std::move(current);
    }
    awaitable<void> close() override { co_await close_all(stages_); }

private:
    bool holds(const data::batch& batch) const
    {
        auto verdict = check_.check(batch, 0);
        if (!verdict)
            who_.log(core::log_level::error, "Query failed for loop: " + verdict.error().text());
        return verdict && *verdict;
    }

    context who_;
    options options_;
    bloblang::mapping check_;
    std::vector<stage_ptr> stages_;
};

const config::spec& while_spec()
{
    using config::field_type;
    static const config::spec spec = config::spec("while", "Repeats processors for as long as a check holds.")
        .field("at_least_once", field_type::boolean, "Run once before the first check.")
        .fallback("false")
        .field("max_loops", field_type::integer, "The most loops; 0: no limit.")
        .fallback("0")
        .advanced()
        .field("check", field_type::bloblang, "A query that yields a boolean; asked of the first message.")
        .fallback(R"("")")
        .list("processors", field_type::processor, "What is repeated.");
    return spec;
}

core::result<stage_ptr> make_while(const context& who, const config::reader& read)
{
    while_stage::options o;
    auto loops_max = read.integer("max_loops");
    if (!loops_max)
        return loops_max.error();
    o.loops_max = *loops_max;
    auto at_least_once = read.boolean("at_least_once");
    if (!at_least_once)
        return at_least_once.error();
    o.at_least_once = *at_least_once;
    auto text = read.string("check");
    if (!text)
        return text.error();
    auto stages = children(who, read.elements("processors"), "processors");
    if (!stages)
        return stages.error();
    if (text->empty())
        return unusable("a check query is required");
    auto check = parse_mapping(who, *text, "failed to parse check query: ");
    if (!check)
        return check.error();
    return std::make_unique<while_stage>(who, o, std::move(*check), std::move(*stages));
}

} // namespace

entry while_entry() { return {&while_spec, &make_while}; }

} // namespace lambent::processor
