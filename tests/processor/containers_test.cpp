#include "fake_host.hpp"

using namespace lambent;
using namespace lambent::test;

TEST_CASE("try: a message that fails skips the rest, the others go on", "[processor][try]")
{
    bench b;
    const data::batch done = b.one(
        "try: [ mapping: 'root = if this.n == 2 { throw(\"two!\") } else { this }', mutation: 'root.second = true' ]",
        {R"({"n":1})", R"({"n":2})", R"({"n":3})"});
    CHECK(contents(done)
        == std::vector<std::string>{R"({"n":1,"second":true})", R"({"n":2})", R"({"n":3,"second":true})"});
    CHECK(failures(done) == std::vector<std::string>{"", "failed assignment (line 1): two!", ""});
}

TEST_CASE("try: a message that failed before takes no part", "[processor][try]")
{
    bench b;
    data::batch batch = messages({"{}"});
    batch[0].fail("before");
    CHECK(contents(b.one("try: [ mutation: 'root.a = 1' ]", std::move(batch))) == std::vector<std::string>{"{}"});
}

TEST_CASE("catch: runs on failed messages only, and clears every failure", "[processor][catch]")
{
    bench b;
    data::batch batch = messages({"{}", "{}"});
    batch[1].fail("before");
    const data::batch done = b.one("catch: [ mutation: 'root.e = error()', mutation: 'root.again = throw(error())' ]",
        std::move(batch));
    CHECK(contents(done) == std::vector<std::string>{"{}", R"({"e":"before"})"});
    CHECK(failures(done) == std::vector<std::string>{"", ""});
}

TEST_CASE("catch: a message stays caught when a child clears its failure", "[processor][catch]")
{
    bench b;
    data::batch batch = messages({"{}"});
    batch[0].fail("before");
    CHECK(contents(b.one("catch: [ catch: [], mutation: 'root.still = true' ]", std::move(batch)))
        == std::vector<std::string>{R"({"still":true})"});
}

TEST_CASE("catch: try inside never runs", "[processor][catch]")
{
    bench b;
    data::batch batch = messages({"{}"});
    batch[0].fail("before");
    const data::batch done = b.one("catch: [ try: [ mutation: 'root.never = 1' ] ]", std::move(batch));
    CHECK(contents(done) == std::vector<std::string>{"{}"});
    CHECK(failures(done) == std::vector<std::string>{""});
}

TEST_CASE("try_catch: the failure moves into metadata, with its source where there is one", "[processor][try_catch]")
{
    bench b;
    const data::batch done = b.one(R"yaml(
try_catch:
  processors:
    - label: first
      mapping: 'root = if this.n == 2 { throw("two!") } else { this }'
  catch:
    - mutation: 'root.e = @error'
)yaml", {R"({"n":1})", R"({"n":2})"});
    CHECK(contents(done)
        == std::vector<std::string>{R"({"n":1})",
            R"({"e":{"label":"first","name":"mapping","path":"pipeline.processors.0.try_catch.processors.0","what":"failed assignment (line 1): two!"},"n":2})"});
    CHECK(failures(done) == std::vector<std::string>{"", ""});
}

TEST_CASE("for_each: each message is a batch of its own, and they come back as one", "[processor][for_each]")
{
    bench b;
    const auto done = b.all("for_each: [ mutation: 'root = \"%v/%v\".format(batch_index(), batch_size())' ]",
        messages({"{}", "{}"}));
    CHECK(contents(done) == std::vector<std::vector<std::string>>{{"0/1", "0/1"}});
    CHECK(b.all("for_each: [ mapping: 'root = deleted()' ]", messages({"{}"})).empty());
}

TEST_CASE("processors: a group sees the batch as it is", "[processor][processors]")
{
    bench b;
    CHECK(contents(b.one("processors: [ mutation: 'root = batch_size()' ]", {"{}", "{}"}))
        == std::vector<std::string>{"2", "2"});
}

TEST_CASE("parallel: the order is kept, and no more than cap run at once", "[processor][parallel]")
{
    for (const auto& [cap, expected] : {std::pair{0, 40}, std::pair{2, 50}, std::pair{1, 100}}) {
        bench b;
        const auto done = b.one("parallel: { cap: " + std::to_string(cap)
                + ", processors: [ sleep: { duration: '${! json(\"ms\") }ms' }, mutation: 'root.done = true' ] }",
            {R"({"ms":40})", R"({"ms":30})", R"({"ms":20})", R"({"ms":10})"});
        CHECK(contents(done)
            == std::vector<std::string>{R"({"done":true,"ms":40})", R"({"done":true,"ms":30})",
                R"({"done":true,"ms":20})", R"({"done":true,"ms":10})"});
        CHECK(b.world.elapsed() == std::chrono::milliseconds(expected));
    }
}

TEST_CASE("parallel: cancelled at any step it hands back an error, and no task stays behind", "[processor][parallel]")
{
    for (std::size_t step = 0;; ++step) {
        bench b;
        auto stage = b.build("parallel: { processors: [ sleep: { duration: 10ms }, sleep: { duration: 10ms } ] }");
        b.world.cancel_at(step);
        auto done = b.process(*stage, messages({"{}", "{}", "{}"}));
        if (!b.world.was_cancelled()) {
            CHECK(done);
            break;
        }
        if (!done)
            CHECK(done.error().code == core::condition::cancelled);
        else
            CHECK(done->at(0).size() == 3);
        CHECK(b.world.time().waiting() == 0);
    }
}

TEST_CASE("resource: every reference runs the one instance", "[processor][resource]")
{
    bench b;
    b.host.processors["shared"] = b.build("mutation: 'root.n = this.n + 1'", "processor_resources");
    CHECK(contents(b.one("processors: [ resource: shared, resource: shared ]", {R"({"n":1})"}))
        == std::vector<std::string>{R"({"n":3})"});
}

TEST_CASE("noop: changes nothing", "[processor][noop]")
{
    bench b;
    CHECK(contents(b.one("noop: {}", {"a", "", "b"})) == std::vector<std::string>{"a", "", "b"});
}
