#include <lambent/stream/processed.hpp>

#include <deque>

namespace lambent::stream {

namespace {

class processed_input final : public input
{
public:
    processed_input(resources& in, input_ptr from, std::vector<processor::stage_ptr> stages)
        : in_(in), from_(std::move(from)), stages_(std::move(stages))
    {}

    awaitable<core::result<std::optional<transaction>>> read() override
    {
        for (;;) {
            if (!ready_.empty()) {
                transaction next = std::move(ready_.front());
                ready_.pop_front();
                co_return std::optional<transaction>(std::move(next));
            }
            auto got = co_await from_->read();
            if (!got || !got->has_value() || (*got)->is_pause())
                co_return got;
            transaction t = std::move(**got);
            const std::size_t size = t.batch.size();
            number(t.batch);
            auto made = co_await processor::run_all(stages_, std::move(t.batch));
            if (!made) {
                t.ack->settle(outcome::none_delivered(made.error()));
                continue;
            }
            spread(std::move(*made), std::move(t.ack), size);
        }
    }
    void stop(ending how) noexcept override { from_->stop(how); }
    awaitable<void> close() override
    {
        for (transaction& left : ready_) {
            core::error cancelled{core::errc::cancelled, ""};
            left.ack->settle(outcome::none_delivered(std::move(cancelled)));
        }
        ready_.clear();
        co_await from_->close();
        co_await processor::close_all(stages_);
    }
    bool connected() const noexcept override { return from_->connected(); }

private:
    void spread(processor::batches made, ack_ptr ack, std::size_t size)
    {
        if (made.empty()) {
            in_.count().filtered += size;
            ack->settle(outcome::delivered());
        } else if (made.size() == 1) {
            ack_ptr translated = translating(std::move(ack), lineage(made.front()), size);
            ready_.push_back(transaction{std::move(made.front()), std::move(translated)});
        } else {
            std::vector<ack_ptr> acks = dividing(std::move(ack), made, size);
            for (std::size_t i = 0; i < made.size(); ++i)
                ready_.push_back(transaction{std::move(made[i]), std::move(acks[i])});
        }
    }

    resources& in_;
    input_ptr from_;
    std::vector<processor::stage_ptr> stages_;
    std::deque<transaction> ready_; ///< at most what one batch became
};

class processed_output final : public output
{
public:
    processed_output(output_ptr to, std::vector<processor::stage_ptr> stages) : to_(std::move(to)), stages_(std::move(stages)) {}

    awaitable<core::result<void>> connect() override { return to_->connect(); }
    awaitable<outcome> write(data::batch batch) override
    {
        const std::size_t size = batch.size();
        number(batch);
        auto made = co_await processor::run_all(stages_, std::move(batch));
        if (!made)
            co_return outcome::none_delivered(made.error());
        outcome sum;
        bool whole = false;
        for (data::batch& one : *made) {
            const std::vector<std::size_t> origins = lineage(one);
            const outcome written = co_await to_->write(std::move(one));
            outcome own = translate(written, origins, size);
            if (own.ok())
                continue;
            whole = whole || own.messages.empty();
            if (!sum.failed)
                sum.failed = own.failed;
            sum.messages.merge(own.messages);
        }
        if (whole)
            sum.messages.clear();
        co_return sum;
    }
    void flush() noexcept override { to_->flush(); }
    awaitable<void> close() override
    {
        co_await to_->close();
        co_await processor::close_all(stages_);
    }
    bool connected() const noexcept override { return to_->connected(); }
    std::size_t max_in_flight() const noexcept override { return to_->max_in_flight(); }

private:
    output_ptr to_;
    std::vector<processor::stage_ptr> stages_;
};

} // namespace

input_ptr with_processors(resources& in, input_ptr from, std::vector<processor::stage_ptr> stages)
{
    if (stages.empty())
        return from;
    return std::make_unique<processed_input>(in, std::move(from), std::move(stages));
}

output_ptr with_processors(output_ptr to, std::vector<processor::stage_ptr> stages)
{
    if (stages.empty())
        return to;
    return std::make_unique<processed_output>(std::move(to), std::move(stages));
}

} // namespace lambent::stream
