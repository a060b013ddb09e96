#include "fake_host.hpp"

#include <lambent/data/json.hpp>

using namespace lambent;
using namespace lambent::test;

namespace {

std::string meta_of(const data::message& m)
{
    data::value all = data::value::object();
    for (const auto& [key, value] : m.metadata())
        all.set_member(key, value);
    return data::write_json(all).value();
}

data::batch numbered(int count)
{
    data::batch batch;
    for (int i = 1; i <= count; ++i) {
        batch.emplace_back("{\"id\":" + std::to_string(i) + "}");
        batch.back().set_meta("orig", "o");
        batch.back().set_meta("same", "old");
    }
    return batch;
}

} // namespace

TEST_CASE("branch: the recorded trace of four messages", "[processor][branch]")
{
    bench b;
    const data::batch done = b.one(R"yaml(
branch:
  request_map: |
    root = if this.id == 2 { deleted() } else { {"rid": this.id} }
    meta added = "req"
  processors:
    - mapping: |
        root = if this.rid == 3 { throw("nope3") } else { this }
        root.done = true
        meta same = "new"
        meta lambda_function_error = if this.rid == 4 { "Unhandled" } else { deleted() }
  result_map: |
    root.this = this
    root.at = @
    root.m = meta()
    root.md = metadata()
    root.exists = meta().exists("lambda_function_error")
    meta copied = meta("added")
)yaml", numbered(4));

    REQUIRE(done.size() == 4);
    CHECK(failures(done)
        == std::vector<std::string>{"", "", "processors failed: failed assignment (line 1): nope3", ""});
    CHECK(contents(done)[0]
        == R"({"at":{"orig":"o","same":"old"},"exists":false,"id":1,"m":{"added":"req","orig":"o","same":"new"},)"
           R"("md":{"added":"req","orig":"o","same":"new"},"this":{"done":true,"rid":1}})");
    CHECK(contents(done)[1] == R"({"id":2})");
    CHECK(contents(done)[2] == R"({"id":3})");
    CHECK(contents(done)[3]
        == R"({"at":{"orig":"o","same":"old"},"exists":true,"id":4,"m":{"added":"req","lambda_function_error":"Unhandled","orig":"o","same":"new"},)"
           R"("md":{"added":"req","lambda_function_error":"Unhandled","orig":"o","same":"new"},"this":{"done":true,"rid":4}})");
    CHECK(meta_of(done[0]) == R"({"copied":"req","orig":"o","same":"old"})");
    CHECK(meta_of(done[1]) == R"({"orig":"o","same":"old"})");
    CHECK(meta_of(done[2]) == R"({"orig":"o","same":"old"})");
    CHECK(meta_of(done[3]) == R"({"copied":"req","orig":"o","same":"old"})");
    // Wrapped failures have no source.
    CHECK(done[2].failed()->source == nullptr);
    CHECK(b.host.lines.at(core::log_level::error) == std::vector<std::string>{"failed assignment (line 1): nope3"});
    CHECK(b.host.lines.lines.front().fields.at("path") == "root.pipeline.processors.0.branch.processors.0");
}

TEST_CASE("branch: a failing result map keeps what it did before it failed", "[processor][branch]")
{
    bench b;
    const data::batch done = b.one(R"yaml(
branch:
  processors: [ noop: {} ]
  result_map: |
    root.partial = true
    meta kept = "yes"
    root.never = throw("boom")
)yaml", {R"({"id":1})"});
    CHECK(contents(done) == std::vector<std::string>{R"({"id":1,"partial":true})"});
    CHECK(failures(done) == std::vector<std::string>{"result mapping failed: failed assignment (line 3): boom"});
    CHECK(meta_of(done[0]) == R"({"kept":"yes"})");
    CHECK(b.host.lines.has(
        core::log_level::error, "Branch error: result mapping failed: failed assignment (line 3): boom"));
}

TEST_CASE("branch: a request map that never assigns root sends an empty message", "[processor][branch]")
{
    bench b;
    const data::batch done = b.one(R"yaml(
branch:
  request_map: 'meta x = "y"'
  processors: [ mapping: 'root = {"got": content().string(), "x": @x}' ]
  result_map: 'root.reply = this'
)yaml", {R"({"id":1})"});
    CHECK(contents(done) == std::vector<std::string>{R"({"id":1,"reply":{"got":"","x":"y"}})"});
}

TEST_CASE("branch: without maps the original stays as it is, its failure too", "[processor][branch]")
{
    bench b;
    data::batch batch = messages({R"({"id":1})", R"({"id":2})"});
    batch[1].fail("before");
    const data::batch done = b.one("branch: { processors: [ mapping: 'root.e = error()' ] }", std::move(batch));
    CHECK(contents(done) == std::vector<std::string>{R"({"id":1})", R"({"id":2})"});
    CHECK(failures(done) == std::vector<std::string>{"", "before"});
}

TEST_CASE("branch: children do not see the original's failure, request maps do", "[processor][branch]")
{
    bench b;
    data::batch batch = messages({"{}"});
    batch[0].fail("before");
    const data::batch done = b.one(R"yaml(
branch:
  request_map: 'root.outside = error()'
  processors: [ mutation: 'root.inside = error()' ]
  result_map: 'root = this'
)yaml", std::move(batch));
    CHECK(contents(done) == std::vector<std::string>{R"({"inside":null,"outside":"before"})"});
    CHECK(failures(done) == std::vector<std::string>{"before"});
}

TEST_CASE("branch: filtering everything inside fails all messages, each map error its own", "[processor][branch]")
{
    bench b;
    const data::batch done = b.one(R"yaml(
branch:
  request_map: 'root = if this.id == 1 { throw("one") } else { this }'
  processors: [ mapping: 'root = deleted()' ]
)yaml", numbered(3));
    CHECK(failures(done)
        == std::vector<std::string>{"request mapping failed: failed assignment (line 1): one",
            "child processors resulted in zero messages", "child processors resulted in zero messages"});
    CHECK(b.host.lines.has(
        core::log_level::error, "Child processors failed: child processors resulted in zero messages"));
}

TEST_CASE("branch: a changed number of messages fails all of them, numbers the wrong way round", "[processor][branch]")
{
    bench b;
    const data::batch done
        = b.one("branch: { processors: [ unarchive: { format: json_array } ] }", {"[1,2,3]", "[4]"});
    const std::string why
        = "message count from branch processors does not match request, started with 4 messages, finished with 2";
    CHECK(failures(done) == std::vector<std::string>{why, why});
    CHECK(contents(done) == std::vector<std::string>{"[1,2,3]", "[4]"});
}

TEST_CASE("branch: deleted in the result map is ignored", "[processor][branch]")
{
    bench b;
    const data::batch done
        = b.one("branch: { processors: [ noop: {} ], result_map: 'root = deleted()' }", {R"({"id":1})"});
    CHECK(contents(done) == std::vector<std::string>{R"({"id":1})"});
    CHECK(failures(done) == std::vector<std::string>{""});
}

TEST_CASE("branch: results keep their places when some messages are skipped", "[processor][branch]")
{
    bench b;
    const data::batch done = b.one(R"yaml(
branch:
  request_map: 'root = if this.id % 2 == 0 { deleted() } else { {"n": this.id, "i": batch_index()} }'
  processors: [ mutation: 'root.size = batch_size()' ]
  result_map: 'root.reply = this'
)yaml", numbered(5));
    CHECK(contents(done)
        == std::vector<std::string>{R"({"id":1,"reply":{"i":0,"n":1,"size":3}})", R"({"id":2})",
            R"({"id":3,"reply":{"i":2,"n":3,"size":3}})", R"({"id":4})", R"({"id":5,"reply":{"i":4,"n":5,"size":3}})"});
}

TEST_CASE("branch: what cannot be built", "[processor][branch]")
{
    bench b;
    const std::string prefix = "failed to init processor <no label> path root.pipeline.processors.0: ";
    CHECK(build_error(b.host, "branch: { processors: [] }")
        == prefix + "the branch processor requires at least one child processor");
    CHECK(build_error(b.host, "branch: { request_map: 'root = ' , processors: [ noop: {} ] }").starts_with(
        prefix + "failed to parse request mapping: "));
    CHECK(build_error(b.host, "branch: { result_map: 'root = nope()', processors: [ noop: {} ] }")
        == prefix + "failed to parse result mapping: unrecognised function 'nope'");
}
