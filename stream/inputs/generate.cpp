#include <lambent/core/gate.hpp>
#include <lambent/stream/detail/entries.hpp>
#include <lambent/stream/errc.hpp>
#include <lambent/stream/leaf.hpp>

#include <algorithm>

namespace lambent::stream {

namespace {

struct generate_options
{
    core::duration interval = core::duration::zero(); ///< zero: as fast as they are taken
    bool first_at_once = true;
    std::uint64_t count = 0;                          ///< of messages; 0: no end
    std::size_t batch_size = 1;
};

class generate_source final : public source
{
public:
    generate_source(processor::context who, bloblang::mapping mapping, generate_options options)
        : who_(std::move(who)), mapping_(std::move(mapping)), options_(options), stopping_(who_.shard(), 0)
    {}

    awaitable<core::result<std::optional<sourced>>> read() override
    {
        while (!stopped_ && left() > 0) {
            auto waited = co_await tick();
            if (waited) {
                data::batch batch;
                const auto made = make(batch);
                if (made && !batch.empty())
                    co_return std::optional<sourced>(sourced{std::move(batch), 0});
                waited = co_await rest(made);
            }
            if (!waited && waited.error().code == core::errc::shutting_down)
                break;
            if (!waited)
                co_return waited.error();
        }
        co_return std::optional<sourced>();
    }
    void stop() noexcept override
    {
        stopped_ = true;
        stopping_.close();
    }

private:
    std::uint64_t left() const noexcept { return options_.count == 0 ? options_.batch_size : options_.count - made_; }

    /// Waits for the time of the next batch. Of ticks that nobody took in time one is made up for.
    awaitable<core::result<void>> tick()
    {
        core::timekeeper& time = who_.shard().time();
        if (options_.interval == core::duration::zero())
            co_return core::result<void>();
        if (!next_) {
            next_ = time.now();
            if (!options_.first_at_once)
                *next_ += options_.interval;
        }
        const auto slept = co_await sleep(core::deadline(*next_));
        if (!slept)
            co_return slept.error();
        *next_ += options_.interval;
        if (const core::instant now = time.now(); *next_ < now)
            *next_ += (now - *next_) / options_.interval * options_.interval;
        co_return core::result<void>();
    }

    /// After a turn without a message: a mapping that fails or filters for ever must not keep the thread to itself.
    awaitable<core::result<void>> rest(const core::result<void>& made)
    {
        using namespace std::chrono_literals;
        core::duration pause = 1ms;
        if (!made) {
            who_.log(core::log_level::error, "Failed to read message: " + made.error().text());
            pause = 1s;
        }
        co_return co_await sleep(who_.shard().time().in(pause));
    }

    /// Errors: cancellation, or `errc::shutting_down` after `stop`.
    awaitable<core::result<void>> sleep(core::deadline until)
    {
        const auto entered = co_await stopping_.enter(until);
        if (!entered && entered.error().code != core::errc::deadline_exceeded)
            co_return entered.error();
        co_return core::result<void>();
    }

    core::result<void> make(data::batch& batch)
    {
        const data::batch nothing;
        const std::uint64_t wanted = std::min<std::uint64_t>(options_.batch_size, left());
        for (std::uint64_t i = 0; i < wanted; ++i) {
            data::message message;
            const auto mapped = mapping_.map(message, nothing, 0);
            if (!mapped)
                return core::error{errc::mapping_failed, "failed to generate message: " + mapped.error().text()};
            if (*mapped != bloblang::effect::deleted)
                batch.push_back(std::move(message));
        }
        made_ += batch.size();
        return {};
    }

    processor::context who_;
    bloblang::mapping mapping_;
    generate_options options_;
    core::gate stopping_; ///< has no permits: waiting at it is sleeping until a time or until `stop`
    std::optional<core::instant> next_;
    std::uint64_t made_ = 0;
    bool stopped_ = false;
};

const config::spec& generate_spec()
{
    static const config::spec declared = [] {
        config::spec s("generate", "Makes messages with a mapping.");
        s.field("mapping", config::field_type::bloblang, "What each message is.");
        s.field("interval", config::field_type::string, "Time between batches; empty: as fast as they are taken.").fallback("1s");
        s.field("count", config::field_type::integer, "How many messages; 0: no end.").fallback("0");
        s.field("batch_size", config::field_type::integer, "Messages per batch.").fallback("1");
        add_replay_field(s);
        return s;
    }();
    return declared;
}

core::result<void> read_interval(std::string text, generate_options& into)
{
    constexpr std::string_view every = "@every ";
    if (text.starts_with(every)) {
        text.erase(0, every.size());
        into.first_at_once = false;
    }
    if (text.empty())
        return {};
    const auto interval = config::parse_duration(text);
    if (!interval && text.find(' ') != std::string::npos)
        return core::error{errc::invalid_config, "field 'interval': cron expressions are not available yet, use a duration such as 1m: " + text};
    if (!interval)
        return core::error{errc::invalid_config, "failed to parse interval: " + interval.error().text()};
    into.interval = std::max(*interval, core::duration::zero());
    return {};
}

core::result<input_ptr> make_generate(resources& in, const processor::context& who, const config::reader& read)
{
    const auto text = read.string("mapping");
    if (!text)
        return text.error();
    auto mapping = parse_mapping(who, *text);
    if (!mapping)
        return mapping.error();
    const auto interval = read.string("interval");
    if (!interval)
        return interval.error();
    const auto count = read.integer("count");
    if (!count)
        return count.error();
    const auto batch_size = read.integer("batch_size");
    if (!batch_size)
        return batch_size.error();
    generate_options options;
    if (auto good = read_interval(*interval, options); !good)
        return good.error();
    if (*batch_size < 1)
        return core::error{errc::invalid_config, "field 'batch_size' must be larger than zero"};
    options.count = static_cast<std::uint64_t>(std::max<std::int64_t>(*count, 0));
    options.batch_size = static_cast<std::size_t>(*batch_size);
    return replayed(in, who, read, std::make_unique<generate_source>(who, std::move(*mapping), options));
}

} // namespace

component_entry<input> generate_input_entry() { return {&generate_spec, &make_generate}; }

} // namespace lambent::stream
