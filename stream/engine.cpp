#include <lambent/stream/engine.hpp>

#include <lambent/stream/event.hpp>

namespace lambent::stream {

namespace {

/// Passes the outcome on and wakes the worker that waits for it; the worker may be gone by then.
class awaited final : public acknowledger
{
public:
    awaited(ack_ptr to, std::shared_ptr<event> wake) : to_(std::move(to)), wake_(std::move(wake)) {}

private:
    void on_settle(outcome what) override
    {
        to_->settle(std::move(what));
        wake_->notify();
    }

    ack_ptr to_;
    std::shared_ptr<event> wake_;
};

} // namespace

engine::engine(resources& in, engine_parts parts)
    : in_(in), parts_(std::move(parts)), tasks_(in.shard()), work_(in.shard(), 0), ready_(in.shard(), 0)
{}

awaitable<core::result<void>> engine::run()
{
    tasks_.start(deliver());
    workers_left_ = parts_.stages.empty() ? 0 : parts_.workers;
    for (std::size_t i = 0; i < workers_left_; ++i)
        tasks_.start(work());
    tasks_.start(feed());
    co_await tasks_.join();
    if (broken_)
        co_return *broken_;
    co_return core::result<void>();
}

void engine::stop() noexcept { parts_.from->stop(ending::drain); }
void engine::cancel() noexcept { tasks_.cancel(); }

awaitable<void> engine::close()
{
    co_await parts_.from->close();
    co_await processor::close_all(parts_.stages);
    co_await parts_.to->close();
}

awaitable<void> engine::feed()
{
    const bool passes_by = parts_.stages.empty();
    for (;;) {
        auto next = co_await parts_.from->read();
        if (!next && next.error().code != core::condition::cancelled)
            broken_ = next.error();
        if (!next || !next->has_value())
            break;
        transaction t = std::move(**next);
        if (t.is_pause()) {
            exhausted_ = true;
            left_pipeline(0);
            continue;
        }
        ++in_pipeline_;
        if (passes_by) {
            co_await forward(std::move(t));
            continue;
        }
        const auto sent = co_await work_.send(t, core::deadline::never());
        if (!sent) {
            t.ack->settle(outcome::none_delivered(sent.error()));
            break;
        }
    }
    work_.close();
    if (passes_by)
        ready_.close();
}

awaitable<void> engine::work()
{
    for (;;) {
        auto next = co_await work_.receive(core::deadline::never());
        if (!next)
            break;
        co_await process(std::move(*next));
    }
    if (--workers_left_ == 0)
        ready_.close();
}

awaitable<void> engine::process(transaction t)
{
    const std::size_t size = t.batch.size();
    number(t.batch);
    auto made = co_await processor::run_all(parts_.stages, std::move(t.batch));
    if (!made) {
        t.ack->settle(outcome::none_delivered(made.error()));
        left_pipeline(1);
    } else if (made->empty()) {
        in_.count().filtered += size;
        t.ack->settle(outcome::delivered());
        left_pipeline(1);
    } else if (made->size() == 1) {
        transaction result;
        // A single message needs no translation: whatever fails of the result is that message.
        result.ack = size == 1 && made->front().size() == 1 ? std::move(t.ack)
                                                             : translating(std::move(t.ack), lineage(made->front()), size);
        result.batch = std::move(made->front());
        co_await forward(std::move(result));
    } else {
        co_await forward_all(std::move(*made), std::move(t.ack), size);
    }
}

awaitable<void> engine::forward_all(processor::batches made, ack_ptr ack, std::size_t size)
{
    in_pipeline_ += made.size() - 1;
    auto settled = std::make_shared<event>(in_.shard());
    std::vector<ack_ptr> acks = dividing(std::make_shared<awaited>(std::move(ack), settled), made, size);
    for (std::size_t i = 0; i < made.size(); ++i) {
        transaction part;
        part.batch = std::move(made[i]);
        part.ack = std::move(acks[i]);
        co_await forward(std::move(part));
    }
    // Cancelled or told, this worker is done with it.
    const auto told = co_await settled->wait(core::deadline::never());
    static_cast<void>(told);
}

awaitable<void> engine::forward(transaction t)
{
    const auto sent = co_await ready_.send(t, core::deadline::never());
    if (!sent) {
        t.ack->settle(outcome::none_delivered(sent.error()));
        left_pipeline(1);
    }
}

awaitable<void> engine::deliver()
{
    const auto connected = co_await parts_.to->connect();
    core::gate slots(in_.shard(), parts_.to->max_in_flight());
    core::task_group writes(in_.shard());
    while (connected) {
        const auto entered = co_await slots.enter(core::deadline::never());
        if (!entered)
            break;
        auto next = co_await ready_.receive(core::deadline::never());
        if (!next)
            break;
        if (parts_.to->max_in_flight() == 1) {
            left_pipeline(1);
            co_await write(std::move(*next), &slots);
        } else {
            writes.start(write(std::move(*next), &slots));
            // The write has begun, so that what a batch waits for is known to it when it is told to wait no longer.
            left_pipeline(1);
        }
    }
    co_await writes.join();
}

awaitable<void> engine::write(transaction t, core::gate* slots)
{
    outcome what = co_await parts_.to->write(std::move(t.batch));
    t.ack->settle(std::move(what));
    slots->leave();
}

void engine::left_pipeline(std::size_t batches) noexcept
{
    in_pipeline_ -= batches;
    if (!exhausted_ || in_pipeline_ > 0)
        return;
    parts_.to->flush();
    in_.flush();
}

} // namespace lambent::stream
