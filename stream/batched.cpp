#include <lambent/stream/batched.hpp>

#include <lambent/core/channel.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/stream/event.hpp>

#include <algorithm>

namespace lambent::stream {

namespace {

void report(const processor::context& who, batch_policy& policy)
{
    if (const auto failure = policy.check_failure())
        who.log(core::log_level::error, "Failed to execute batch check query: " + failure->text());
}

/// What the batch's own processors make of it: several batches are merged into one, nothing means filtered.
awaitable<core::result<data::batch>> finish(const std::vector<processor::stage_ptr>& stages, data::batch batch)
{
    if (stages.empty())
        co_return std::move(batch);
    auto made = co_await processor::run_all(stages, std::move(batch));
    if (!made)
        co_return made.error();
    co_return processor::flatten(std::move(*made));
}

class batching_input final : public input
{
public:
    batching_input(resources& in, processor::context who, input_ptr from, batching how)
        : in_(in), who_(std::move(who)), from_(std::move(from)), stages_(std::move(how.stages)),
          policy_(std::move(how.policy), who_.shard().time().now()), tasks_(who_.shard()), arrived_(who_.shard(), 0)
    {}

    awaitable<core::result<std::optional<transaction>>> read() override
    {
        if (!started_) {
            started_ = true;
            tasks_.start(pull());
        }
        for (;;) {
            if (end_ready_) {
                auto ended = co_await end_batch();
                if (!ended)
                    co_return ended.error();
                if (ended->has_value())
                    co_return ended;
                continue;
            }
            if (pausing_) {
                pausing_ = false;
                co_return std::optional<transaction>(transaction());
            }
            auto next = co_await arrived_.receive(policy_.due());
            if (next) {
                take(std::move(*next));
            } else if (next.error().code == core::errc::deadline_exceeded) {
                end_ready_ = true;
            } else if (next.error().code == core::errc::closed) {
                // A source that ended has settled everything, so nothing is pending here.
                if (broken_)
                    co_return *broken_;
                co_return std::optional<transaction>();
            } else {
                co_return next.error();
            }
        }
    }
    void stop(ending how) noexcept override { from_->stop(how); }
    awaitable<void> close() override
    {
        tasks_.cancel();
        co_await tasks_.join();
        core::error cancelled{core::errc::cancelled, ""};
        const outcome lost = outcome::none_delivered(std::move(cancelled));
        while (auto left = arrived_.try_receive())
            if (left->ack)
                left->ack->settle(lost);
        if (pending_)
            std::exchange(pending_, nullptr)->settle(lost);
        co_await from_->close();
        co_await processor::close_all(stages_);
    }
    bool connected() const noexcept override { return from_->connected(); }

private:
    awaitable<void> pull()
    {
        for (;;) {
            auto next = co_await from_->read();
            if (!next || !next->has_value()) {
                if (!next && next.error().code != core::condition::cancelled)
                    broken_ = next.error();
                break;
            }
            transaction t = std::move(**next);
            const auto sent = co_await arrived_.send(t, core::deadline::never());
            if (!sent) {
                if (t.ack) {
                    core::error cancelled{core::errc::cancelled, ""};
                    t.ack->settle(outcome::none_delivered(std::move(cancelled)));
                }
                break;
            }
        }
        arrived_.close();
    }

    void take(transaction t)
    {
        if (t.is_pause()) {
            pausing_ = true;
            end_ready_ = policy_.size() > 0;
            return;
        }
        if (!pending_)
            pending_ = std::make_shared<joined>();
        pending_->add(std::move(t.ack), t.batch.size());
        const core::instant now = who_.shard().time().now();
        for (data::message& message : t.batch) {
            end_ready_ = policy_.add(std::move(message), now) || end_ready_;
            report(who_, policy_);
        }
    }

    awaitable<core::result<std::optional<transaction>>> end_batch()
    {
        end_ready_ = false;
        std::shared_ptr<joined> ack = std::exchange(pending_, nullptr);
        data::batch batch = policy_.take(who_.shard().time().now());
        const std::size_t size = batch.size();
        number(batch);
        auto made = co_await finish(stages_, std::move(batch));
        if (!made) {
            ack->settle(outcome::none_delivered(made.error()));
            co_return made.error();
        }
        if (made->empty()) {
            in_.count().filtered += size;
            ack->settle(outcome::delivered());
            co_return std::optional<transaction>();
        }
        ack_ptr translated = stages_.empty() ? ack_ptr(ack) : translating(ack, lineage(*made), size);
        co_return std::optional<transaction>(transaction{std::move(*made), std::move(translated)});
    }

    resources& in_;
    processor::context who_;
    input_ptr from_;
    std::vector<processor::stage_ptr> stages_;
    batch_policy policy_;
    core::task_group tasks_;
    core::channel<transaction> arrived_;
    std::shared_ptr<joined> pending_; ///< acknowledgers of what the policy holds
    std::optional<core::error> broken_;
    bool started_ = false;
    bool end_ready_ = false;
    bool pausing_ = false; ///< to be passed on once the partial batch is out
};

class batching_output final : public output
{
public:
    batching_output(processor::context who, output_ptr to, batching how)
        : who_(std::move(who)), to_(std::move(to)), stages_(std::move(how.stages)), limit_(limit(how.policy)),
          policy_(std::move(how.policy), who_.shard().time().now()), tasks_(who_.shard()), changed_(who_.shard()),
          slots_(who_.shard(), to_->max_in_flight())
    {}

    awaitable<core::result<void>> connect() override
    {
        auto connected = co_await to_->connect();
        if (connected && !started_) {
            started_ = true;
            tasks_.start(watch_period());
        }
        co_return connected;
    }

    awaitable<outcome> write(data::batch batch) override
    {
        waiting place(who_.shard());
        if (!held_)
            held_ = std::make_shared<held>();
        held_->places.push_back({&place, batch.size()});
        bool ends = eager_;
        const core::instant now = who_.shard().time().now();
        for (data::message& message : batch) {
            ends = policy_.add(std::move(message), now) || ends;
            report(who_, policy_);
        }
        if (ends)
            end_batch();
        else
            changed_.notify();
        const auto told = co_await place.done.wait(core::deadline::never());
        if (told)
            co_return std::move(place.result);
        // Cancelled: this place must be forgotten before it dies.
        place.forget();
        if (held_)
            held_->remove(&place);
        core::error cancelled{core::errc::cancelled, ""};
        co_return outcome::none_delivered(std::move(cancelled));
    }

    void flush() noexcept override
    {
        eager_ = true;
        if (held_)
            end_batch();
        to_->flush();
    }
    awaitable<void> close() override
    {
        tasks_.cancel();
        co_await tasks_.join();
        co_await to_->close();
        co_await processor::close_all(stages_);
    }
    bool connected() const noexcept override { return to_->connected(); }
    std::size_t max_in_flight() const noexcept override { return limit_; }

private:
    /// Writes that wait at once. The policy ends a batch at this many messages, so that it cannot wait for more than may come.
    static std::size_t limit(batch_policy_options& policy)
    {
        constexpr std::size_t usual = 10'000;
        policy.messages_max = std::min(policy.messages_max, std::max(usual, policy.count));
        return policy.messages_max;
    }

    struct held;
    /// One `write` that waits for what becomes of its messages; lives in its frame.
    struct waiting
    {
        explicit waiting(core::shard& on) : done(on) {}
        event done;
        outcome result;
        std::shared_ptr<held> in; ///< set once its batch is under way
        void forget();
    };
    struct held
    {
        struct place
        {
            waiting* who; ///< null: gone
            std::size_t messages;
        };
        std::vector<place> places;
        void remove(const waiting* one)
        {
            for (place& p : places)
                if (p.who == one)
                    p.who = nullptr;
        }
    };

    void end_batch()
    {
        std::shared_ptr<held> group = std::exchange(held_, nullptr);
        for (const held::place& p : group->places)
            if (p.who != nullptr)
                p.who->in = group;
        tasks_.start(send(policy_.take(who_.shard().time().now()), std::move(group)));
    }

    awaitable<void> send(data::batch batch, std::shared_ptr<held> group)
    {
        const outcome result = co_await deliver(std::move(batch));
        std::size_t first = 0;
        for (const held::place& p : group->places) {
            if (p.who != nullptr) {
                for (std::size_t m = 0; m < p.messages; ++m)
                    if (const core::error* why = result.why(first + m))
                        p.who->result.add(m, *why);
                if (p.messages == 1)
                    p.who->result.messages.clear();
                p.who->done.notify();
            }
            first += p.messages;
        }
    }

    awaitable<outcome> deliver(data::batch batch)
    {
        const std::size_t size = batch.size();
        number(batch);
        auto made = co_await finish(stages_, std::move(batch));
        if (!made)
            co_return outcome::none_delivered(made.error());
        if (made->empty())
            co_return outcome::delivered();
        const std::vector<std::size_t> origins = lineage(*made);
        const auto entered = co_await slots_.enter(core::deadline::never());
        if (!entered)
            co_return outcome::none_delivered(entered.error());
        const outcome written = co_await to_->write(std::move(*made));
        slots_.leave();
        co_return stages_.empty() ? written : translate(written, origins, size);
    }

    awaitable<void> watch_period()
    {
        for (;;) {
            const auto waited = co_await changed_.wait(policy_.due());
            if (!waited)
                co_return;
            if (held_ && policy_.due().passed(who_.shard().time().now()))
                end_batch();
        }
    }

    processor::context who_;
    output_ptr to_;
    std::vector<processor::stage_ptr> stages_;
    std::size_t limit_;
    batch_policy policy_;
    core::task_group tasks_;
    event changed_; ///< the policy's due time
    core::gate slots_;
    std::shared_ptr<held> held_; ///< those whose messages the policy holds
    bool eager_ = false;
    bool started_ = false;
};

void batching_output::waiting::forget()
{
    if (in)
        in->remove(this);
}

} // namespace

input_ptr batched_input(resources& in, processor::context who, input_ptr from, batching how)
{
    return std::make_unique<batching_input>(in, std::move(who), std::move(from), std::move(how));
}

output_ptr batched_output(processor::context who, output_ptr to, batching how)
{
    return std::make_unique<batching_output>(std::move(who), std::move(to), std::move(how));
}

} // namespace lambent::stream
