#include <lambent/stream/replay.hpp>

#include <cmath>
#include <utility>

namespace lambent::stream {

using namespace std::chrono_literals;

core::duration replay_delay(unsigned replay, double chance) noexcept
{
    if (replay <= 2)
        return core::duration::zero();
    constexpr double first_ns = 1e6;
    constexpr double last_ns = 1e9;
    // 1.1^73 is the first power beyond 1000; no need to compute larger ones.
    const double grown = first_ns * std::pow(1.1, std::min(replay - 3, 73U));
    const double spread = std::min(grown, last_ns) * (0.5 + chance);
    return core::duration(static_cast<std::int64_t>(std::min(spread, last_ns)));
}

/// What the pipeline settles. The input outlives every batch that it gave out.
class replaying::acknowledged final : public acknowledger
{
public:
    acknowledged(replaying& from, entry e) : from_(from), entry_(std::move(e)) {}

private:
    void on_settle(outcome what) override { from_.settle(std::move(entry_), what); }

    replaying& from_;
    entry entry_;
};

replaying::replaying(
    processor::context who, source_ptr from, replay_options options, statistics& count, rejected_sink* rejected)
    : who_(std::move(who)), source_(std::move(from)), options_(options), count_(count), rejected_(rejected),
      tasks_(who_.shard()), changed_(who_.shard()), room_(who_.shard())
{}

replaying::~replaying() = default;

awaitable<core::result<std::optional<transaction>>> replaying::read()
{
    if (!started_) {
        started_ = true;
        who_.log(core::log_level::info, "Input type " + who_.name() + " is now active");
        tasks_.start(read_ahead());
    }
    for (;;) {
        const core::instant now = who_.shard().time().now();
        if (!waiting_.empty() && waiting_.begin()->first <= now) {
            entry e = std::move(waiting_.begin()->second);
            waiting_.erase(waiting_.begin());
            count_.replays += e.batch.size();
            co_return std::optional<transaction>(give(std::move(e)));
        }
        if (may_give_fresh())
            co_return std::optional<transaction>(give_fresh());
        const bool spent = ended_ && fresh_.empty();
        if (spent && outstanding_ == 0) {
            if (broken_)
                co_return *broken_;
            co_return std::optional<transaction>();
        }
        if (spent && !paused_ && waiting_.empty()) {
            paused_ = true;
            co_return std::optional<transaction>(transaction());
        }
        const core::deadline until = waiting_.empty() ? core::deadline::never() : core::deadline(waiting_.begin()->first);
        const auto waited = co_await changed_.wait(until);
        if (!waited)
            co_return waited.error();
    }
}

awaitable<void> replaying::read_ahead()
{
    while (!abandoned_) {
        if (fresh_.size() >= options_.ahead_max) {
            const auto waited = co_await room_.wait(core::deadline::never());
            if (!waited)
                break;
            continue;
        }
        auto next = co_await source_->read();
        if (!next) {
            if (next.error().code != core::condition::cancelled)
                broken_ = next.error();
            break;
        }
        if (!next->has_value())
            break;
        fresh_.push_back(std::move(**next));
        changed_.notify();
    }
    if (abandoned_)
        discard_fresh();
    ended_ = true;
    changed_.notify();
}

bool replaying::may_give_fresh() const noexcept
{
    return !fresh_.empty() && waiting_.size() < options_.waiting_max && outstanding_ < options_.outstanding_max;
}

transaction replaying::give_fresh()
{
    entry e;
    e.batch = std::move(fresh_.front().batch);
    e.tag = fresh_.front().tag;
    e.first = who_.shard().time().now();
    fresh_.pop_front();
    // Half empty is soon enough: the reader fills it up again in one go.
    if (fresh_.size() <= options_.ahead_max / 2)
        room_.notify();
    count_.messages_in += e.batch.size();
    outstanding_ += e.batch.size();
    return give(std::move(e));
}

transaction replaying::give(entry e)
{
    paused_ = false;
    transaction t;
    t.batch = e.batch;
    t.ack = std::make_shared<acknowledged>(*this, std::move(e));
    return t;
}

void replaying::settle(entry e, const outcome& what)
{
    if (what.ok()) {
        count_.acknowledged += e.batch.size();
        outstanding_ -= e.batch.size();
        finish(e, true);
    } else if (what.failed->code == core::condition::cancelled) {
        count_.undelivered += e.batch.size();
        outstanding_ -= e.batch.size();
        finish(e, false);
    } else if (options_.replay_nacks) {
        again(std::move(e), what);
    } else {
        drop(e, what);
    }
    changed_.notify();
}

void replaying::again(entry e, const outcome& what)
{
    if (!what.messages.empty()) {
        data::batch failed;
        for (std::size_t i = 0; i < e.batch.size(); ++i)
            if (what.why(i) != nullptr)
                failed.push_back(std::move(e.batch[i]));
        const std::size_t done = e.batch.size() - failed.size();
        count_.acknowledged += done;
        outstanding_ -= done;
        e.batch = std::move(failed);
    }
    ++e.failures;
    core::shard& shard = who_.shard();
    const core::instant at = shard.time().now() + replay_delay(e.failures, shard.chance().uniform());
    waiting_.emplace(at, std::move(e));
}

void replaying::drop(const entry& e, const outcome& what)
{
    for (std::size_t i = 0; i < e.batch.size(); ++i) {
        const core::error* why = what.why(i);
        if (why == nullptr) {
            ++count_.acknowledged;
            continue;
        }
        ++count_.rejected;
        who_.log(core::log_level::error, "Message rejected and not replayed (auto_replay_nacks is false): " + why->text());
        if (rejected_ != nullptr)
            rejected_->add(e.batch[i], *why);
    }
    outstanding_ -= e.batch.size();
    finish(e, false);
}

void replaying::finish(const entry& e, bool delivered)
{
    count_.latency_ns.record(static_cast<std::uint64_t>((who_.shard().time().now() - e.first).count()));
    source_->settled(e.tag, delivered);
}

void replaying::discard_fresh()
{
    for (const sourced& s : fresh_)
        source_->settled(s.tag, false);
    fresh_.clear();
}

void replaying::stop(ending how) noexcept
{
    if (how == ending::abandon) {
        abandoned_ = true;
        discard_fresh();
    }
    if (!started_) {
        // Nothing was read yet, and nothing will be.
        started_ = true;
        ended_ = true;
    }
    source_->stop();
    room_.notify();
    changed_.notify();
}

awaitable<void> replaying::close()
{
    tasks_.cancel();
    co_await tasks_.join();
    discard_fresh();
    for (const auto& [at, e] : waiting_) {
        count_.undelivered += e.batch.size();
        outstanding_ -= e.batch.size();
        source_->settled(e.tag, false);
    }
    waiting_.clear();
    co_await source_->close();
}

} // namespace lambent::stream
