#include "rig.hpp"

#include <lambent/core/task_group.hpp>
#include <lambent/stream/catalogue.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdlib.h>

using namespace lambent;
using namespace lambent::stream;
using namespace std::chrono_literals;
using test::batch_of;
using test::rig;

namespace {

namespace fs = std::filesystem;

class folder
{
public:
    folder()
    {
        std::string pattern = (fs::temp_directory_path() / "lambent_stream.XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    std::string at(const std::string& name) const { return (path_ / name).string(); }
    std::string read(const std::string& name) const
    {
        std::ifstream file(path_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name, std::ios::binary) << text; }

private:
    fs::path path_;
};

config::node yaml(const std::string& text)
{
    auto parsed = config::node::parse(text, "test.yaml");
    INFO(text);
    REQUIRE(parsed);
    return *parsed;
}

output_ptr output_of(rig& r, const std::string& text)
{
    auto made = build_output(r.shared, yaml(text), "output");
    INFO((made ? std::string() : made.error().text()));
    REQUIRE(made);
    return std::move(*made);
}

std::string output_error(rig& r, const std::string& text)
{
    const auto made = build_output(r.shared, yaml(text), "output");
    REQUIRE_FALSE(made);
    return made.error().text();
}

input_ptr input_of(rig& r, const std::string& text)
{
    auto made = build_input(r.shared, yaml(text), "input");
    INFO((made ? std::string() : made.error().text()));
    REQUIRE(made);
    return std::move(*made);
}

std::string input_error(rig& r, const std::string& text)
{
    const auto made = build_input(r.shared, yaml(text), "input");
    REQUIRE_FALSE(made);
    return made.error().text();
}

awaitable<outcome> write_one(output& to, data::batch batch)
{
    const auto connected = co_await to.connect();
    REQUIRE(connected);
    co_return co_await to.write(std::move(batch));
}

outcome written(rig& r, output& to, const std::vector<std::string>& texts) { return r.world.run(write_one(to, batch_of(texts))); }

/// Reads to the end and settles everything as delivered; batches as lists of texts, with the time they came.
struct seen
{
    std::vector<std::vector<std::string>> batches;
    std::vector<core::duration> times;
    std::size_t pauses = 0;
};

awaitable<void> read_all(rig& r, input& from, seen& all)
{
    std::vector<transaction> held;
    for (;;) {
        auto next = co_await from.read();
        REQUIRE(next);
        if (!next->has_value())
            break;
        if ((*next)->is_pause()) {
            ++all.pauses;
            for (transaction& t : held)
                t.ack->settle(outcome::delivered());
            held.clear();
            continue;
        }
        all.batches.push_back(test::texts_of((*next)->batch));
        all.times.push_back(r.world.elapsed());
        held.push_back(std::move(**next));
    }
    co_await from.close();
}

seen read_up(rig& r, input& from)
{
    seen all;
    r.world.run(read_all(r, from, all));
    return all;
}

using lists = std::vector<std::vector<std::string>>;

} // namespace

TEST_CASE("file output: makes folders, appends lines, adds no second line feed", "[stream][output]")
{
    rig r;
    const folder here;
    const output_ptr to = output_of(r, "file: {path: '" + here.at("a/b/out.txt") + "'}");
    CHECK(written(r, *to, {"one", "two\n", "three"}).ok());
    CHECK(here.read("a/b/out.txt") == "one\ntwo\nthree\n");
}

TEST_CASE("file output: the path is interpolated for each message; codecs", "[stream][output]")
{
    rig r;
    const folder here;
    const output_ptr to = output_of(r, "file: {path: '" + here.at("${! json(\"id\") }.txt") + "', codec: append}");
    CHECK(written(r, *to, {R"({"id":1})", R"({"id":2})", R"({"id":1})"}).ok());
    CHECK(here.read("1.txt") == R"({"id":1}{"id":1})");
    CHECK(here.read("2.txt") == R"({"id":2})");
    const output_ptr whole = output_of(r, "file: {path: '" + here.at("whole.txt") + "', codec: all-bytes}");
    CHECK(written(r, *whole, {"first", "second"}).ok());
    CHECK(here.read("whole.txt") == "second");
    const output_ptr delimited = output_of(r, "file: {path: '" + here.at("delim.txt") + "', codec: 'delim:||'}");
    CHECK(written(r, *delimited, {"first", "second||"}).ok());
    CHECK(here.read("delim.txt") == "first||second||");
    CHECK(output_error(r, "file: {path: x, codec: xml}") ==
          "failed to init output <no label> path root.output: codec was not recognised: xml");
}

TEST_CASE("file output: what cannot be written is told message by message, with path and reason", "[stream][output]")
{
    rig r;
    const folder here;
    here.write("plain", "");
    const output_ptr to = output_of(r, "file: {path: '" + here.at("${! content() }") + "'}");
    const outcome result = written(r, *to, {"good", "plain/under", "fine"});
    REQUIRE_FALSE(result.ok());
    REQUIRE(result.messages.size() == 1);
    CHECK(result.messages.at(1).text() == "open " + here.at("plain/under") + ": not a directory");
    CHECK(r.log.count("Failed to send message to file: open ") == 1);
    CHECK(here.read("good") == "good\n");
    CHECK(here.read("fine") == "fine\n");
}

TEST_CASE("reject: refuses the whole batch with the text of its first message", "[stream][output]")
{
    rig r;
    const output_ptr to = output_of(r, "reject: 'no ${! content() }'");
    const outcome result = written(r, *to, {"a", "b"});
    REQUIRE_FALSE(result.ok());
    CHECK(result.why(1)->text() == "no a");
    CHECK(output_error(r, "reject: ''").ends_with("an error message must be provided in order to provide context for the rejection"));
}

TEST_CASE("switch: each message goes to its first case, failures come back to it alone", "[stream][output]")
{
    rig r;
    const folder here;
    const output_ptr to = output_of(r, "switch:\n  cases:\n    - check: this.n == 1\n      output: {file: {path: '" + here.at("one") +
                                           "'}}\n    - check: this.n == 2\n      output: {reject: 'two'}\n    - check: this.n == 4\n      continue: true\n"
                                           "      output: {file: {path: '" +
                                           here.at("four") + "'}}\n    - check: this.n > 3\n      output: {file: {path: '" + here.at("rest") + "'}}\n");
    const outcome result = written(r, *to, {R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})", "not JSON"});
    REQUIRE_FALSE(result.ok());
    REQUIRE(result.messages.size() == 1);
    CHECK(result.messages.at(1).text() == "two");
    CHECK(here.read("one") == "{\"n\":1}\n");
    CHECK(here.read("four") == "{\"n\":4}\n");
    CHECK(here.read("rest") == "{\"n\":4}\n");
    CHECK(r.log.count("Failed to test case 0: ") == 1);
    CHECK(output_error(r, "switch: {cases: [{output: {drop: {}}}]}").find("switch with fewer than 2 cases") != std::string::npos);
}

TEST_CASE("switch: in strict mode a message that no case takes refuses the batch", "[stream][output]")
{
    rig r;
    const output_ptr to = output_of(r, "switch: {strict_mode: true, cases: [{check: this.n == 1, output: {drop: {}}}, {check: this.n == 2, output: {drop: {}}}]}");
    CHECK(written(r, *to, {R"({"n":2})"}).ok());
    CHECK(written(r, *to, {R"({"n":1})", R"({"n":3})"}).why(0)->text() == "no switch output conditions were met by message");
}

TEST_CASE("fallback: only what failed goes on, with the error as metadata", "[stream][output]")
{
    rig r;
    const folder here;
    const output_ptr to = output_of(r, "fallback:\n  - switch:\n      cases:\n        - check: content() == \"bad\"\n          output: {reject: broken}\n"
                                       "        - output: {drop: {}}\n  - file: {path: '" +
                                           here.at("${! meta(\"fallback_error\") }") + "'}\n");
    CHECK(written(r, *to, {"good", "bad"}).ok());
    CHECK(here.read("broken") == "bad\n");
    const output_ptr none = output_of(r, "fallback: [{reject: first}, {reject: 'second after ${! @fallback_error }'}]");
    CHECK(written(r, *none, {"x"}).why(0)->text() == "second after first");
}

TEST_CASE("reject_errored: failed messages are refused, the others pass", "[stream][output]")
{
    rig r;
    const folder here;
    const output_ptr to = output_of(r, "reject_errored: {file: {path: '" + here.at("out") + "'}}");
    data::batch batch = batch_of({"good", "bad"});
    batch[1].fail("it broke");
    const outcome result = r.world.run(write_one(*to, std::move(batch)));
    REQUIRE(result.messages.size() == 1);
    CHECK(result.messages.at(1).text() == "rejecting due to failed processing: it broke");
    CHECK(here.read("out") == "good\n");
}

TEST_CASE("drop_on: drops on errors, or on those that match", "[stream][output]")
{
    rig r;
    const output_ptr any = output_of(r, "drop_on: {error: true, output: {reject: nope}}");
    CHECK(written(r, *any, {"x"}).ok());
    CHECK(r.log.count("Message dropped due to: nope") == 1);
    const output_ptr some = output_of(r, "drop_on: {error_patterns: ['^bad'], output: {reject: '${! content() }'}}");
    CHECK(written(r, *some, {"bad luck"}).ok());
    CHECK(r.log.count("Message dropped due to error matching pattern 0: bad luck") == 1);
    CHECK_FALSE(written(r, *some, {"not bad"}).ok());
}

TEST_CASE("retry output: repeats with pauses, gives up after its retries", "[stream][output][sim]")
{
    rig r;
    const output_ptr to = output_of(r, "retry: {max_retries: 3, output: {reject: nope}}");
    const outcome result = written(r, *to, {"x"});
    REQUIRE_FALSE(result.ok());
    CHECK(result.why(0)->text() == "message failed to reach a target destination");
    CHECK(r.world.elapsed() > 1s);
    CHECK(r.world.elapsed() < 4s);
}

TEST_CASE("broker output: fan_out_fail_fast tells a failure, fan_out repeats until all have it", "[stream][output][sim]")
{
    rig r;
    const folder here;
    const output_ptr fast = output_of(r, "broker: {pattern: fan_out_fail_fast, outputs: [{file: {path: '" + here.at("a") + "'}}, {reject: nope}]}");
    CHECK_FALSE(written(r, *fast, {"x"}).ok());
    CHECK(here.read("a") == "x\n");
    const output_ptr turn = output_of(r, "broker: {pattern: round_robin, outputs: [{file: {path: '" + here.at("b") + "'}}, {file: {path: '" + here.at("c") + "'}}]}");
    CHECK(written(r, *turn, {"1"}).ok());
    CHECK(written(r, *turn, {"2"}).ok());
    CHECK(written(r, *turn, {"3"}).ok());
    CHECK(here.read("b") == "1\n3\n");
    CHECK(here.read("c") == "2\n");
}

TEST_CASE("output processors: what they filter counts as delivered, failures go to the source message", "[stream][output]")
{
    rig r;
    const folder here;
    const output_ptr to = output_of(r, "file: {path: '" + here.at("${! content() }") +
                                           "'}\nprocessors:\n  - mapping: 'root = if content() == \"gone\" { deleted() } else { content().uppercase() }'\n");
    here.write("BAD", "");
    const output_ptr bad = output_of(r, "reject: 'no ${! content() }'\nprocessors: [{mapping: 'root = content().uppercase()'}]\n");
    CHECK(written(r, *to, {"gone", "kept"}).ok());
    CHECK(here.read("KEPT") == "KEPT\n");
    CHECK(written(r, *bad, {"a"}).why(0)->text() == "no A");
}

TEST_CASE("resources: an output by label is shared; labels collide, miss and lead in circles with a clear word", "[stream][resources]")
{
    rig r;
    const folder here;
    REQUIRE(r.shared.declare(config::field_type::output, yaml("[{label: there, file: {path: '" + here.at("out") + "'}}]")));
    const auto again = r.shared.declare(config::field_type::output, yaml("[{label: there, drop: {}}]"));
    REQUIRE_FALSE(again);
    CHECK(again.error().text() == "output resource label 'there' collides with a previously defined resource");
    CHECK_FALSE(r.shared.declare(config::field_type::output, yaml("[{drop: {}}]")));
    REQUIRE(r.shared.build());
    const output_ptr to = output_of(r, "resource: there");
    CHECK(written(r, *to, {"x"}).ok());
    CHECK(here.read("out") == "x\n");
    CHECK(output_error(r, "resource: nowhere") == "failed to init output <no label> path root.output: output resource 'nowhere' was not found");
    CHECK(output_error(r, "switch: {cases: [{output: {drop: {}}}, {output: {label: mine, resource: nowhere}}]}") ==
          "failed to init output 'mine' path root.output.switch.output: output resource 'nowhere' was not found");

    rig circle;
    REQUIRE(circle.shared.declare(config::field_type::output, yaml("[{label: a, resource: b}, {label: b, resource: a}]")));
    const auto built = circle.shared.build();
    REQUIRE_FALSE(built);
    CHECK(built.error().text().find("refers to itself") != std::string::npos);
}

TEST_CASE("file input: files in order, with path and time as metadata; globs", "[stream][input]")
{
    rig r;
    const folder here;
    here.write("b.txt", "3\n");
    here.write("a.txt", "1\n2");
    const input_ptr from = input_of(r, "file: {paths: ['" + here.at("*.txt") + "']}");
    CHECK(read_up(r, *from).batches == lists{{"1"}, {"2"}, {"3"}});
    const input_ptr with_path = input_of(r, "file: {paths: ['" + here.at("b.txt") + "']}\nprocessors: [{mapping: 'root = @path'}]\n");
    CHECK(read_up(r, *with_path).batches == lists{{here.at("b.txt")}});
}

TEST_CASE("file input: an unreadable path is told at the start, with the reason", "[stream][input]")
{
    rig r;
    const folder here;
    CHECK(input_error(r, "file: {paths: ['" + here.at("none.txt") + "']}") ==
          "failed to init input <no label> path root.input: open " + here.at("none.txt") + ": no such file or directory");
    CHECK(input_error(r, "file: {paths: ['" + here.at("") + "']}").ends_with(": is a directory"));
}

TEST_CASE("file input: a finished file is deleted where asked, only after all of it was delivered", "[stream][input]")
{
    rig r;
    const folder here;
    here.write("a.txt", "1\n2\n");
    const input_ptr from = input_of(r, "file: {paths: ['" + here.at("a.txt") + "'], delete_on_finish: true}");
    CHECK(read_up(r, *from).batches == lists{{"1"}, {"2"}});
    CHECK_FALSE(fs::exists(here.at("a.txt")));
}

TEST_CASE("file input: scanners of one's choice", "[stream][input]")
{
    rig r;
    const folder here;
    here.write("a", "x|y|z");
    CHECK(read_up(r, *input_of(r, "file: {paths: ['" + here.at("a") + "'], scanner: {lines: {custom_delimiter: '|'}}}")).batches == lists{{"x"}, {"y"}, {"z"}});
    CHECK(read_up(r, *input_of(r, "file: {paths: ['" + here.at("a") + "'], scanner: {to_the_end: {}}}")).batches == lists{{"x|y|z"}});
    CHECK(read_up(r, *input_of(r, "file: {paths: ['" + here.at("a") + "'], codec: 'delim:y'}")).batches == lists{{"x|"}, {"|z"}});
    CHECK(input_error(r, "file: {paths: ['" + here.at("a") + "'], scanner: {tar: {}}}").ends_with("lambent has no scanner 'tar' yet"));
}

TEST_CASE("generate: the first at once, then each interval, as many as asked for", "[stream][input][sim]")
{
    rig r;
    const seen all = read_up(r, *input_of(r, "generate: {mapping: 'root.n = count(\"generate_test\")', interval: 10ms, count: 3}"));
    CHECK(all.batches.size() == 3);
    CHECK(all.times == std::vector<core::duration>{0ms, 10ms, 20ms});
    rig fast;
    CHECK(read_up(fast, *input_of(fast, "generate: {mapping: 'root = \"x\"', interval: '', count: 5, batch_size: 2}")).batches ==
          lists{{"x", "x"}, {"x", "x"}, {"x"}});
    CHECK(input_error(r, "generate: {mapping: 'root = ', interval: ''}").find("failed to parse bloblang mapping: line 1") != std::string::npos);
    CHECK(input_error(r, "generate: {mapping: 'root = 1', interval: '0 30 * * * *'}").find("cron") != std::string::npos);
}

TEST_CASE("generate: what the mapping deletes is not counted", "[stream][input][sim]")
{
    rig r;
    const seen all = read_up(r, *input_of(r, "generate: {mapping: 'root = if count(\"generate_deleted\") % 2 == 0 { deleted() } else { \"x\" }', interval: '', count: 4}"));
    CHECK(all.batches.size() == 4);
}

TEST_CASE("broker input: batches end by count, and the tail of a finite input is given out", "[stream][input][sim]")
{
    rig r;
    const folder here;
    here.write("a", "1\n2\n3\n4\n5\n");
    const seen all = read_up(r, *input_of(r, "broker: {inputs: [{file: {paths: ['" + here.at("a") + "']}}], batching: {count: 2}}"));
    CHECK(all.batches == lists{{"1", "2"}, {"3", "4"}, {"5"}});
}

TEST_CASE("broker input: batches end by period, by size and by check", "[stream][input][sim]")
{
    rig r;
    const seen timed = read_up(r, *input_of(r, "broker: {inputs: [{generate: {mapping: 'root = \"x\"', interval: 10ms, count: 7}}], batching: {count: 100, period: 35ms}}"));
    REQUIRE(timed.batches.size() == 2);
    CHECK(timed.batches[0].size() == 4);
    CHECK(timed.times[0] == 35ms);
    const folder here;
    here.write("a", "aaaa\nbb\nc\nend\nd\n");
    CHECK(read_up(r, *input_of(r, "broker: {inputs: [{file: {paths: ['" + here.at("a") + "']}}], batching: {byte_size: 5}}")).batches ==
          lists{{"aaaa", "bb"}, {"c", "end", "d"}});
    CHECK(read_up(r, *input_of(r, "broker: {inputs: [{file: {paths: ['" + here.at("a") + "']}}], batching: {check: 'content() == \"end\"'}}")).batches ==
          lists{{"aaaa", "bb", "c", "end"}, {"d"}});
    CHECK(input_error(r, "broker: {inputs: [{generate: {mapping: 'root = 1'}}], batching: {processors: [{noop: {}}]}}")
              .ends_with("batch policy must have at least one active trigger"));
}

TEST_CASE("broker input: ends when all inputs have", "[stream][input][sim]")
{
    rig r;
    const seen all = read_up(r, *input_of(r, "broker: {inputs: [{generate: {mapping: 'root = \"a\"', interval: 10ms, count: 2}}, "
                                             "{generate: {mapping: 'root = \"b\"', interval: '', count: 3}}]}"));
    CHECK(all.batches.size() == 5);
}

TEST_CASE("sequence: the next input begins when the one before is over", "[stream][input][sim]")
{
    rig r;
    const seen all = read_up(r, *input_of(r, "sequence: {inputs: [{generate: {mapping: 'root = \"a\"', interval: 10ms, count: 2}}, "
                                             "{generate: {mapping: 'root = \"b\"', interval: '', count: 1}}]}"));
    CHECK(all.batches == lists{{"a"}, {"a"}, {"b"}});
}

TEST_CASE("read_until: ends after the message that passes the check, or when nothing comes", "[stream][input][sim]")
{
    rig r;
    const folder here;
    here.write("a", "1\n2\n3\n4\n");
    CHECK(read_up(r, *input_of(r, "read_until: {input: {file: {paths: ['" + here.at("a") + "']}}, check: 'content() == \"2\"'}")).batches == lists{{"1"}, {"2"}});
    CHECK(read_up(r, *input_of(r, "read_until: {input: {generate: {mapping: 'root = \"x\"', interval: 1h}}, idle_timeout: 5s}")).batches == lists{{"x"}});
}

TEST_CASE("batched output: writers wait for their batch; each hears about its own message", "[stream][output][sim]")
{
    rig r;
    const folder here;
    const output_ptr to = output_of(r, "broker: {pattern: fan_out_fail_fast, outputs: [{switch: {cases: [{check: 'content() == \"bad\"', output: {reject: no}}, "
                                       "{output: {file: {path: '" + here.at("out") + "'}}}]}}], batching: {count: 3}}");
    CHECK(to->max_in_flight() >= 3);
    std::vector<std::optional<outcome>> told(3);
    core::task_group group(r.world.shard());
    struct writer
    {
        static awaitable<void> run(output& sink, std::string text, std::optional<outcome>& into)
        {
            data::batch one = batch_of({text});
            into = co_await sink.write(std::move(one));
        }
        static awaitable<void> connect(output& sink)
        {
            const auto connected = co_await sink.connect();
            REQUIRE(connected);
        }
        static awaitable<void> close(output& sink) { co_await sink.close(); }
    };
    r.world.run(writer::connect(*to));
    group.start(writer::run(*to, "a", told[0]));
    group.start(writer::run(*to, "bad", told[1]));
    r.world.settle();
    CHECK_FALSE(told[0]);
    group.start(writer::run(*to, "c", told[2]));
    r.world.settle();
    REQUIRE((told[0] && told[1] && told[2]));
    CHECK(told[0]->ok());
    CHECK_FALSE(told[1]->ok());
    CHECK(told[2]->ok());
    CHECK(here.read("out") == "a\nc\n");
    group.start(writer::run(*to, "tail", told[0]));
    r.world.settle();
    to->flush();
    r.world.settle();
    CHECK(here.read("out") == "a\nc\ntail\n");
    r.world.run(writer::close(*to));
}

TEST_CASE("unknown components are told apart from those that lambent does not have", "[stream]")
{
    rig r;
    CHECK(input_error(r, "bogus: {}") == "failed to init input <no label> path root.input: unable to infer input type from candidates: [bogus]");
    CHECK(input_error(r, "http_server: {}") == "failed to init input <no label> path root.input: lambent has no input 'http_server' yet");
    CHECK(input_error(r, "stdin: {scanner: {lines: {max_buffer_size: many}}}").find("cannot unmarshal") != std::string::npos);
}
