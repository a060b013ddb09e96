#include <lambent/stream/ack.hpp>

#include <support/catch.hpp>

using namespace lambent;
using namespace lambent::stream;

namespace {

class recorder final : public acknowledger
{
public:
    int times = 0;
    outcome last;

private:
    void on_settle(outcome what) override
    {
        ++times;
        last = std::move(what);
    }
};

core::error why(const char* text) { return core::error{core::errc::closed, text}; }

data::batch numbered(std::initializer_list<std::size_t> origins)
{
    data::batch batch;
    for (const std::size_t origin : origins) {
        batch.emplace_back("x");
        batch.back().origin = origin;
    }
    return batch;
}

} // namespace

TEST_CASE("ack: a failed message is told by its number in the source batch", "[stream][ack]")
{
    auto source = std::make_shared<recorder>();
    const ack_ptr ack = translating(source, {2, 0}, 3);
    outcome what;
    what.add(0, why("late"));
    ack->settle(what);
    REQUIRE(source->times == 1);
    CHECK_FALSE(source->last.ok());
    REQUIRE(source->last.messages.size() == 1);
    CHECK(source->last.messages.at(2).detail == "late");
}

TEST_CASE("ack: a failed message of unknown descent fails the whole source batch", "[stream][ack]")
{
    auto source = std::make_shared<recorder>();
    const ack_ptr ack = translating(source, {static_cast<std::size_t>(-1), 0}, 3);
    outcome what;
    what.add(0, why("made anew"));
    ack->settle(what);
    CHECK_FALSE(source->last.ok());
    CHECK(source->last.messages.empty());
}

TEST_CASE("ack: a divided batch is settled when its last part is, with each failure", "[stream][ack]")
{
    auto source = std::make_shared<recorder>();
    const std::vector<data::batch> parts{numbered({0, 1}), numbered({2}), numbered({3})};
    const std::vector<ack_ptr> acks = dividing(source, parts, 4);
    outcome first;
    first.add(1, why("b"));
    acks[0]->settle(first);
    acks[2]->settle(outcome::none_delivered(why("d")));
    CHECK(source->times == 0);
    acks[1]->settle(outcome::delivered());
    REQUIRE(source->times == 1);
    REQUIRE(source->last.messages.size() == 2);
    CHECK(source->last.messages.at(1).detail == "b");
    CHECK(source->last.messages.at(3).detail == "d");
}

TEST_CASE("ack: each source of a joined batch hears about its own messages", "[stream][ack]")
{
    auto a = std::make_shared<recorder>();
    auto b = std::make_shared<recorder>();
    auto c = std::make_shared<recorder>();
    joined all;
    all.add(a, 2);
    all.add(b, 1);
    all.add(c, 3);
    outcome what;
    what.add(1, why("second of a"));
    what.add(3, why("first of c"));
    all.settle(what);
    REQUIRE(a->last.messages.size() == 1);
    CHECK(a->last.messages.at(1).detail == "second of a");
    CHECK(b->last.ok());
    CHECK(c->last.messages.at(0).detail == "first of c");
    CHECK(a->times + b->times + c->times == 3);
}
