#include "rig.hpp"

#include <lambent/stream/replay.hpp>

using namespace lambent;
using namespace lambent::stream;
using namespace std::chrono_literals;
using test::counting_source;
using test::rig;

namespace {

class kept_rejections final : public rejected_sink
{
public:
    void add(const data::message& message, const core::error& why) override { lines.push_back(std::string(message.bytes()) + ": " + why.text()); }
    std::vector<std::string> lines;
};

core::error refused() { return core::error{core::errc::closed, "refused"}; }

awaitable<void> read_and_settle(rig& r, input& from, std::vector<std::pair<std::string, core::duration>>& seen, int refusals)
{
    for (;;) {
        auto next = co_await from.read();
        REQUIRE(next);
        if (!next->has_value())
            break;
        if ((*next)->is_pause())
            continue;
        seen.emplace_back((*next)->batch.front().bytes(), r.world.elapsed());
        (*next)->ack->settle(refusals-- > 0 ? outcome::none_delivered(refused()) : outcome::delivered());
    }
    co_await from.close();
}

awaitable<void> refuse_second(input& from, std::vector<std::vector<std::string>>& seen)
{
    for (int turn = 0;; ++turn) {
        auto next = co_await from.read();
        REQUIRE(next);
        if (!next->has_value())
            break;
        if ((*next)->is_pause())
            continue;
        seen.push_back(test::texts_of((*next)->batch));
        (*next)->batch.front().set_bytes("changed on its way");
        outcome what;
        if (turn == 0)
            what.add(1, refused());
        (*next)->ack->settle(std::move(what));
    }
    co_await from.close();
}

awaitable<void> hold_all(input& from, std::vector<transaction>& held, std::size_t until)
{
    while (held.size() < until) {
        auto next = co_await from.read();
        REQUIRE(next);
        REQUIRE(next->has_value());
        held.push_back(std::move(**next));
    }
}

awaitable<void> read_once(input& from, std::optional<transaction>& into)
{
    auto next = co_await from.read();
    REQUIRE(next);
    into = std::move(*next);
}

awaitable<void> close_one(input& from) { co_await from.close(); }

} // namespace

TEST_CASE("replay: two at once, then 1 ms growing by a tenth, half as much to half more, at most 1 s", "[stream][replay]")
{
    CHECK(replay_delay(1, 0.5) == 0ns);
    CHECK(replay_delay(2, 0.5) == 0ns);
    CHECK(replay_delay(3, 0.5) == 1ms);
    CHECK(replay_delay(3, 0.0) == 500us);
    CHECK(replay_delay(4, 0.5) == 1100us);
    CHECK(replay_delay(1000, 0.5) == 1s);
    CHECK(replay_delay(1000, 0.99) == 1s);
    CHECK(replay_delay(4'000'000'000U, 0.0) == 500ms);
}

TEST_CASE("replay: a refused message comes again as it was read until it is delivered", "[stream][replay]")
{
    rig r;
    replaying input(r.who("stdin"), std::make_unique<counting_source>(r.world.shard(), 1, 1), replay_options(), r.shared.count(), nullptr);
    std::vector<std::pair<std::string, core::duration>> seen;
    r.world.run(read_and_settle(r, input, seen, 5));
    REQUIRE(seen.size() == 6);
    CHECK(seen[2].second == 0ns);
    CHECK(seen[3].second > 0ns);
    CHECK(seen[3].second < 2ms);
    CHECK(seen[5].second < 10ms);
    CHECK(r.shared.count().messages_in == 1);
    CHECK(r.shared.count().replays == 5);
    CHECK(r.shared.count().acknowledged == 1);
    CHECK(r.shared.count().in_flight() == 0);
}

TEST_CASE("replay: of a batch only the failed messages come again", "[stream][replay]")
{
    rig r;
    replaying input(r.who("stdin"), std::make_unique<counting_source>(r.world.shard(), 1, 3), replay_options(), r.shared.count(), nullptr);
    std::vector<std::vector<std::string>> seen;
    r.world.run(refuse_second(input, seen));
    REQUIRE(seen.size() == 2);
    CHECK(seen[0] == std::vector<std::string>{"0", "1", "2"});
    CHECK(seen[1] == std::vector<std::string>{"1"});
    CHECK(r.shared.count().acknowledged == 3);
}

TEST_CASE("replay: without replays a refused message is dropped, loudly, counted and kept aside", "[stream][replay]")
{
    rig r;
    kept_rejections kept;
    replay_options options;
    options.replay_nacks = false;
    replaying input(r.who("stdin"), std::make_unique<counting_source>(r.world.shard(), 3, 1), options, r.shared.count(), &kept);
    std::vector<std::pair<std::string, core::duration>> seen;
    r.world.run(read_and_settle(r, input, seen, 2));
    CHECK(seen.size() == 3);
    CHECK(kept.lines == std::vector<std::string>{"0: refused", "1: refused"});
    CHECK(r.log.count("rejected and not replayed") == 2);
    CHECK(r.shared.count().rejected == 2);
    CHECK(r.shared.count().acknowledged == 1);
}

TEST_CASE("replay: what is not settled is bounded, and so is what is read ahead", "[stream][replay]")
{
    rig r;
    replay_options options;
    options.outstanding_max = 10;
    options.ahead_max = 4;
    auto source = std::make_unique<counting_source>(r.world.shard(), 1000, 1);
    counting_source& counted = *source;
    replaying input(r.who("stdin"), std::move(source), options, r.shared.count(), nullptr);
    std::vector<transaction> held;
    r.world.run(hold_all(input, held, 10));
    CHECK(counted.given <= 14);
    core::task_group group(r.world.shard());
    std::optional<transaction> next;
    group.start(read_once(input, next));
    r.world.settle();
    CHECK_FALSE(next);
    held.back().ack->settle(outcome::delivered());
    r.world.settle();
    CHECK(next);
    for (std::size_t i = 0; i + 1 < held.size(); ++i)
        held[i].ack->settle(outcome::delivered());
    if (next)
        next->ack->settle(outcome::delivered());
    r.world.run(close_one(input));
}

TEST_CASE("replay: an ended source says so with a pause while batches are not settled, and ends when they are", "[stream][replay]")
{
    rig r;
    replaying input(r.who("stdin"), std::make_unique<counting_source>(r.world.shard(), 1, 1), replay_options(), r.shared.count(), nullptr);
    std::optional<transaction> first;
    std::optional<transaction> second;
    std::optional<transaction> third;
    r.world.run(read_once(input, first));
    r.world.run(read_once(input, second));
    REQUIRE(second);
    CHECK(second->is_pause());
    core::task_group group(r.world.shard());
    bool over = false;
    third.emplace();
    group.start(read_once(input, third));
    r.world.settle();
    over = !third.has_value();
    CHECK_FALSE(over);
    first->ack->settle(outcome::delivered());
    r.world.settle();
    CHECK_FALSE(third.has_value());
    r.world.run(close_one(input));
}
