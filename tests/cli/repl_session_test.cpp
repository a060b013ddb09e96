#include <lambent/cli/repl_session.hpp>

#include <bloblang/library.hpp>
#include <support/catch.hpp>

#include <algorithm>

using namespace lambent;
using cli::repl_session;

namespace {

struct conversation
{
    bloblang::still_world world;
    repl_session session{world};

    std::string say(std::string_view line) { return session.enter(line).text; }
};

bool offers(std::string_view before, std::string_view word)
{
    std::size_t start = 0;
    const auto all = repl_session::completions(before, start);
    return std::find(all.begin(), all.end(), word) != all.end();
}

} // namespace

TEST_CASE("repl: a query shows its value, assignments the new document, texts in quotes", "[cli][repl]")
{
    conversation c;
    CHECK(c.say(R"(:in {"name":"ann","n":2})").empty());
    CHECK(c.say("this.n + 1") == "3\n");
    CHECK(c.say("root.up = this.name.uppercase()") == "{\n  \"up\": \"ANN\"\n}\n");
    CHECK(c.say("this.name") == "\"ann\"\n");
    CHECK(c.say("content().slice(0, 2)") == "bytes \"{\\\"\"\n");
    CHECK(c.say("deleted()") == "(deleted)\n");
    CHECK(c.say("root = if false { 1 }") == "(nothing)\n");
}

TEST_CASE("repl: what one entry did is not there in the next, maps are", "[cli][repl]")
{
    conversation c;
    CHECK(c.say("meta x = 1") == "@ {\n  \"x\": 1\n}\n");
    CHECK(c.say("@x") == "null\n");
    CHECK(c.say("map shout { root = this.uppercase() }").empty());
    CHECK(c.say("\"a\".apply(\"shout\")") == "\"A\"\n");
    CHECK(c.say("root.b = \"b\".apply(\"shout\")") == "{\n  \"b\": \"B\"\n}\n");
    CHECK(c.say(":reset").empty());
    CHECK(c.say("\"a\".apply(\"shout\")") == "failed assignment (line 1): map shout was not found\n");
}

TEST_CASE("repl: an unfinished mapping goes on until it is whole, or an empty line gives it up", "[cli][repl]")
{
    conversation c;
    CHECK(c.say("root = [1,").empty());
    CHECK(c.session.unfinished());
    CHECK(c.say("2]") == "[\n  1,\n  2\n]\n");
    CHECK_FALSE(c.session.unfinished());
    CHECK(c.say("root = (1 +").empty());
    CHECK(c.say("").find("failed to parse mapping: line 1 char 12:") == 0);
    CHECK_FALSE(c.session.unfinished());
    CHECK(c.say("root = \"open").find("required: expected end quote") != std::string::npos);
    CHECK_FALSE(c.session.unfinished());
    CHECK(c.say("root = [1,").empty());
    c.session.abandon();
    CHECK(c.say("1") == "1\n");
}

TEST_CASE("repl: between :{ and :} everything is one mapping", "[cli][repl]")
{
    conversation c;
    for (const char* line : {":{", "let a = 2", "", "root.a = $a"})
        CHECK(c.say(line).empty());
    CHECK(c.say(":}") == "{\n  \"a\": 2\n}\n");
}

TEST_CASE("repl: an error has the entry's own line, however many maps stand before it", "[cli][repl]")
{
    conversation c;
    CHECK(c.say("map a { root = 1 }").empty());
    CHECK(c.say("map b { root = 1 }").empty());
    CHECK(c.say("root.x = nope()") ==
        "failed to parse mapping: line 1 char 16: unrecognised function 'nope'\n  |\n1 | root.x = nope()\n  |                ^---\n");
    CHECK(c.say("this.a.uppercase()").find("expected string value, got null") != std::string::npos);
}

TEST_CASE("repl: document and metadata are set, shown and removed", "[cli][repl]")
{
    conversation c;
    CHECK(c.say(":show") == "{}\n");
    CHECK(c.say(":in no json").find("this is no document") == 0);
    CHECK(c.say("content().string()") == "\"no json\"\n");
    CHECK(c.say(":meta a {\"b\":1}").empty());
    CHECK(c.say(":meta t plain text").empty());
    CHECK(c.say("[@a.b, @t]") == "[\n  1,\n  \"plain text\"\n]\n");
    CHECK(c.say(":meta t").empty());
    CHECK(c.say(":meta") == "@ {\n  \"a\": {\n    \"b\": 1\n  }\n}\n");
    CHECK(c.say(":load").find("needs a file") != std::string::npos);
    CHECK(c.say(":nope").find("there is no command :nope") == 0);
    CHECK(c.say(":help").find(":in TEXT") != std::string::npos);
    CHECK(c.session.enter(":quit").quit);
}

TEST_CASE("repl: an entry that never ends is dropped at its bound", "[cli][repl]")
{
    conversation c;
    CHECK(c.say(":{").empty());
    const std::string line(repl_session::entry_bytes_max / 2, '#');
    CHECK(c.say(line).empty());
    CHECK(c.say(line).find("an entry takes no more than 1048576 bytes") == 0);
    CHECK_FALSE(c.session.unfinished());
}

TEST_CASE("repl: names are completed by where they stand", "[cli][repl]")
{
    CHECK(offers("this.upper", "uppercase("));
    CHECK_FALSE(offers("upper", "uppercase("));
    CHECK(offers("root.id = uuid_", "uuid_v4("));
    CHECK(offers("th", "this"));
    CHECK(offers(":lo", ":load "));
    std::size_t start = 0;
    CHECK(repl_session::completions("", start).empty());
    (void)repl_session::completions("root = this.upp", start);
    CHECK(start == 12);
}
