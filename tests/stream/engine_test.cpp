#include "rig.hpp"

#include <lambent/stream/engine.hpp>
#include <lambent/stream/replay.hpp>

#include <algorithm>
#include <map>

using namespace lambent;
using namespace lambent::stream;
using namespace std::chrono_literals;
using test::counting_source;
using test::rig;

namespace {

/// Takes a while for some batches; filters, splits or fails some, where asked to.
class moody_stage final : public processor::stage
{
public:
    moody_stage(core::shard& on, double slow, double filter, double divide) : shard_(on), slow_(slow), filter_(filter), divide_(divide) {}

    awaitable<core::result<processor::batches>> process(data::batch batch) override
    {
        ++running;
        most_running = std::max(most_running, running);
        if (shard_.chance().chance(slow_)) {
            const auto slept = co_await shard_.time().sleep(core::duration(static_cast<std::int64_t>(shard_.chance().below(20'000'000))));
            if (!slept) {
                --running;
                co_return slept.error();
            }
        }
        --running;
        processor::batches made;
        if (shard_.chance().chance(filter_)) {
            for (const data::message& message : batch)
                filtered.emplace_back(message.bytes());
            co_return made;
        }
        if (shard_.chance().chance(divide_)) {
            for (data::message& message : batch) {
                data::batch one;
                one.push_back(std::move(message));
                made.push_back(std::move(one));
            }
            co_return made;
        }
        made.push_back(std::move(batch));
        co_return made;
    }

    std::size_t running = 0;
    std::size_t most_running = 0;
    std::vector<std::string> filtered;

private:
    core::shard& shard_;
    double slow_;
    double filter_;
    double divide_;
};

/// Refuses some messages, takes a while for some.
class moody_output final : public output
{
public:
    moody_output(core::shard& on, double slow, double refuse, std::size_t in_flight) : shard_(on), slow_(slow), refuse_(refuse), in_flight_(in_flight) {}

    awaitable<core::result<void>> connect() override { co_return core::result<void>(); }
    awaitable<outcome> write(data::batch batch) override
    {
        ++running;
        most_running = std::max(most_running, running);
        if (shard_.chance().chance(slow_)) {
            const auto slept = co_await shard_.time().sleep(core::duration(static_cast<std::int64_t>(shard_.chance().below(20'000'000))));
            if (!slept) {
                --running;
                co_return outcome::none_delivered(slept.error());
            }
        }
        --running;
        outcome what;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (shard_.chance().chance(refuse_)) {
                core::error why{core::errc::closed, "moody"};
                what.add(i, std::move(why));
            } else {
                delivered.emplace_back(batch[i].bytes());
            }
        }
        co_return what;
    }
    awaitable<void> close() override { co_return; }
    bool connected() const noexcept override { return true; }
    std::size_t max_in_flight() const noexcept override { return in_flight_; }

    std::vector<std::string> delivered;
    std::size_t running = 0;
    std::size_t most_running = 0;

private:
    core::shard& shard_;
    double slow_;
    double refuse_;
    std::size_t in_flight_;
};

struct moods
{
    std::size_t batches = 60;
    std::size_t batch_size = 3;
    std::size_t workers = 4;
    std::size_t in_flight = 3;
    double slow = 0.3;
    double slow_source = 0.3;
    double filter = 0.1;
    double divide = 0.2;
    double refuse = 0.2;
    bool replay = true;
};

/// An engine over moody parts, which stay visible.
struct machine
{
    machine(rig& r, const moods& m)
    {
        auto from = std::make_unique<counting_source>(r.world.shard(), m.batches, m.batch_size, m.slow_source);
        source = from.get();
        auto middle = std::make_unique<moody_stage>(r.world.shard(), m.slow, m.filter, m.divide);
        stage = middle.get();
        auto sink = std::make_unique<moody_output>(r.world.shard(), m.slow, m.refuse, m.in_flight);
        to = sink.get();
        replay_options options;
        options.replay_nacks = m.replay;
        engine_parts parts;
        parts.from = std::make_unique<replaying>(r.who("stdin"), std::move(from), options, r.shared.count(), nullptr);
        parts.stages.push_back(std::move(middle));
        parts.to = std::move(sink);
        parts.workers = m.workers;
        running.emplace(r.shared, std::move(parts));
    }

    counting_source* source = nullptr;
    moody_stage* stage = nullptr;
    moody_output* to = nullptr;
    std::optional<engine> running;
};

awaitable<void> run_and_close(engine& e)
{
    const auto ended = co_await e.run();
    CHECK(ended);
    co_await e.close();
}

awaitable<void> stop_after(rig& r, engine& e, core::duration graceful, core::duration cut)
{
    if (const auto slept = co_await r.world.shard().time().sleep(graceful); !slept)
        co_return;
    e.stop();
    if (const auto slept = co_await r.world.shard().time().sleep(cut); !slept)
        co_return;
    e.cancel();
}

awaitable<void> run_with_stop(rig& r, engine& e, core::duration graceful, core::duration cut)
{
    core::task_group beside(r.world.shard());
    beside.start(stop_after(r, e, graceful, cut));
    const auto ended = co_await e.run();
    CHECK(ended);
    beside.cancel();
    co_await beside.join();
    co_await e.close();
}

/// Every message that was given out is accounted for, and no batch was settled twice.
void check_accounts(const rig& r, const machine& m)
{
    const statistics& count = r.shared.count();
    CHECK(count.in_flight() == 0);
    CHECK(count.messages_in == count.acknowledged + count.rejected + count.undelivered);
    for (const int times : m.source->settled_times)
        CHECK(times <= 1);
}

} // namespace

TEST_CASE("engine: under refusals, filters and splits nothing is lost and each batch is settled once", "[stream][engine][sim]")
{
    for (std::uint64_t round = 0; round < 30; ++round) {
        rig r;
        for (std::uint64_t skip = 0; skip < round; ++skip)
            r.world.chance().next();
        machine m(r, moods());
        r.world.run(run_and_close(*m.running));
        check_accounts(r, m);
        CHECK(r.shared.count().messages_in == 180);
        CHECK(r.shared.count().acknowledged == 180);
        std::vector<std::string> all = m.to->delivered;
        all.insert(all.end(), m.stage->filtered.begin(), m.stage->filtered.end());
        std::sort(all.begin(), all.end());
        all.erase(std::unique(all.begin(), all.end()), all.end());
        CHECK(all.size() == 180);
        CHECK(std::all_of(m.source->settled_times.begin(), m.source->settled_times.end(), [](int times) { return times == 1; }));
    }
}

TEST_CASE("engine: a message that was delivered is never delivered again", "[stream][engine][sim]")
{
    rig r;
    moods kind;
    kind.filter = 0;
    machine m(r, kind);
    r.world.run(run_and_close(*m.running));
    std::vector<std::string> all = m.to->delivered;
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
    CHECK(all.size() == 180);
}

TEST_CASE("engine: without replays each message is delivered, filtered or rejected, once", "[stream][engine][sim]")
{
    rig r;
    moods kind;
    kind.replay = false;
    machine m(r, kind);
    r.world.run(run_and_close(*m.running));
    check_accounts(r, m);
    CHECK(r.shared.count().rejected > 0);
    CHECK(m.to->delivered.size() + m.stage->filtered.size() + r.shared.count().rejected == 180);
}

TEST_CASE("engine: one worker and one write at a time keep the order", "[stream][engine][sim]")
{
    rig r;
    moods kind;
    kind.workers = 1;
    kind.in_flight = 1;
    kind.filter = 0;
    kind.refuse = 0;
    machine m(r, kind);
    r.world.run(run_and_close(*m.running));
    REQUIRE(m.to->delivered.size() == 180);
    for (std::size_t i = 0; i < 180; ++i)
        CHECK(m.to->delivered[i] == std::to_string(i));
}

TEST_CASE("engine: workers and writes run at once, as many as asked for and no more", "[stream][engine][sim]")
{
    rig r;
    moods kind;
    kind.workers = 7;
    kind.in_flight = 5;
    kind.slow = 1;
    kind.slow_source = 0;
    kind.batches = 200;
    machine m(r, kind);
    r.world.run(run_and_close(*m.running));
    CHECK(m.stage->most_running == 7);
    CHECK(m.to->most_running == 5);
}

TEST_CASE("engine: a graceful stop at any time delivers all that was read", "[stream][engine][sim]")
{
    for (int ms = 0; ms < 120; ms += 3) {
        INFO("stopped after " << ms << " ms");
        rig r;
        machine m(r, moods());
        r.world.run(run_with_stop(r, *m.running, std::chrono::milliseconds(ms), 1000s));
        check_accounts(r, m);
        CHECK(r.shared.count().undelivered == 0);
        CHECK(r.shared.count().acknowledged == m.source->given * 3);
    }
}

TEST_CASE("engine: a cut at any time accounts for every message, and ends", "[stream][engine][sim]")
{
    for (int ms = 0; ms < 120; ms += 1) {
        INFO("cut after " << ms << " ms");
        rig r;
        machine m(r, moods());
        r.world.run(run_with_stop(r, *m.running, std::chrono::milliseconds(ms), 2ms));
        check_accounts(r, m);
    }
}

TEST_CASE("engine: whichever step is cut, every message is accounted for", "[stream][engine][sim]")
{
    moods kind;
    kind.batches = 8;
    std::size_t cut = 0;
    for (std::size_t step = 0;; ++step) {
        INFO("cut at step " << step);
        rig r;
        machine m(r, kind);
        r.world.cancel_at(step);
        r.world.run(run_and_close(*m.running));
        check_accounts(r, m);
        if (!r.world.was_cancelled())
            break;
        ++cut;
    }
    CHECK(cut > 50);
}

TEST_CASE("engine: a slow output holds the input back", "[stream][engine][sim]")
{
    rig r;
    moods kind;
    kind.batches = 100'000;
    kind.batch_size = 1;
    kind.workers = 8;
    kind.in_flight = 1;
    kind.slow = 1;
    kind.refuse = 0;
    kind.filter = 0;
    kind.divide = 0;
    machine m(r, kind);
    r.world.run(run_with_stop(r, *m.running, 3s, 1ms));
    check_accounts(r, m);
    CHECK(m.to->delivered.size() > 100);
    // Read ahead (16), in the channels' senders (workers and reader) and in the one write.
    CHECK(m.source->given < m.to->delivered.size() + 40);
}

TEST_CASE("engine: an output that refuses everything keeps memory bounded", "[stream][engine][sim]")
{
    rig r;
    moods kind;
    kind.batches = 100'000;
    kind.batch_size = 1;
    kind.refuse = 1;
    kind.filter = 0;
    kind.slow = 0.01;
    machine m(r, kind);
    r.world.run(run_with_stop(r, *m.running, 3s, 1ms));
    check_accounts(r, m);
    CHECK(r.shared.count().acknowledged == 0);
    CHECK(r.shared.count().messages_in <= 1024 + 64);
    CHECK(r.shared.count().undelivered == r.shared.count().messages_in);
}
