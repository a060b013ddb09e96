#include <lambent/cli/mapped_lines.hpp>

#include <bloblang/library.hpp>
#include <support/catch.hpp>

#include <unistd.h>

using namespace lambent;
using cli::line_reader;

namespace {

std::string mapped(std::string_view mapping, std::string_view line, const cli::line_form& form = {})
{
    static const bloblang::still_world world;
    const auto parsed = bloblang::mapping::parse(mapping, world);
    if (const auto* wrong = std::get_if<bloblang::parse_error>(&parsed))
        return cli::told_with_caret(mapping, *wrong);
    const auto done = cli::map_line(std::get<bloblang::mapping>(parsed), line, form);
    return done ? *done : "error: " + done.error().text();
}

/// A pipe that holds `bytes` and is at its end.
struct full_pipe
{
    explicit full_pipe(std::string_view bytes)
    {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        REQUIRE(::write(ends[1], bytes.data(), bytes.size()) == static_cast<::ssize_t>(bytes.size()));
        ::close(ends[1]);
        from = ends[0];
    }
    ~full_pipe() { ::close(from); }
    int from = -1;
};

/// Each line and "|"; at last how it ended.
std::string lines_of(std::string_view bytes, std::size_t longest)
{
    const full_pipe source(bytes);
    line_reader lines(source.from, longest);
    std::string out;
    std::string_view line;
    for (;;) {
        switch (lines.next(line)) {
        case line_reader::found::line: out.append(line).append("|"); break;
        case line_reader::found::end: return out + "end";
        case line_reader::found::too_long: return out + "too long";
        case line_reader::found::failed: return out + "failed";
        }
    }
}

} // namespace

TEST_CASE("blobl: a result is a line, texts as they are, everything else JSON with HTML escaped", "[cli][blobl]")
{
    CHECK(mapped("root.b = this.a + 1", R"({"a":1})") == R"({"b":2})");
    CHECK(mapped("root = this", R"({"b":1.50, "a":"<x>"})") == R"({"a":"\u003cx\u003e","b":1.50})");
    CHECK(mapped("root = \"a <text>\"", "{}") == "a <text>");
    CHECK(mapped("root = content().uppercase()", "foo", {.raw = true}) == "FOO");
    CHECK(mapped("root = deleted()", "{}").empty());
    CHECK(mapped("root = this", R"({"k":[1,{"x":2}],"e":[],"f":{}})", {.pretty = true}) ==
        "{\n  \"e\": [],\n  \"f\": {},\n  \"k\": [\n    1,\n    {\n      \"x\": 2\n    }\n  ]\n}");
    CHECK(mapped("root = \"{\\\"a\\\":1}\"", "{}", {.pretty = true}) == R"({"a":1})");
}

TEST_CASE("blobl: a document that is left alone is written anew, or as it was where lines are texts or no JSON", "[cli][blobl]")
{
    CHECK(mapped("meta x = 1", R"({"b":1, "a":2})") == R"({"a":2,"b":1})");
    CHECK(mapped("meta x = 1", R"({"b":1, "a":2})", {.raw = true}) == R"({"b":1, "a":2})");
    CHECK(mapped("root = nothing()", "abc") == "abc");
}

TEST_CASE("blobl: metadata is read back from earlier assignments, contents are not", "[cli][blobl]")
{
    CHECK(mapped("meta x = 5\nroot.x = @x\nroot.y = meta(\"x\")\nroot.c = content().string()\nroot.z = this.a", R"({"a":1})") ==
        R"({"c":"{\"a\":1}","x":5,"y":"5","z":1})");
}

TEST_CASE("blobl: a failure is told from its innermost assignment on, one of the document without any", "[cli][blobl]")
{
    CHECK(mapped("root = throw(\"bad <x>\")", "{}") == "error: failed assignment (line 1): bad <x>");
    CHECK(mapped("map foo { root = this.uppercase() }\nroot = this.b.map_each(i -> i.apply(\"foo\"))", R"({"b":[1]})") ==
        "error: failed assignment (line 1): expected string value, got number from field `this` (1)");
    CHECK(mapped("root.a = 1\nroot.b = this.d", "x") ==
        "error: unable to reference message as structured (with 'this.d'): parse as json: invalid character 'x' looking for beginning of value");
}

TEST_CASE("blobl: a parse error shows the line with a caret under the place", "[cli][blobl]")
{
    CHECK(mapped("root = this.a\nroot.b = nope()\nroot.c = 1", "{}") ==
        "failed to parse mapping: line 2 char 16: unrecognised function 'nope'\n"
        "  |\n"
        "2 | root.b = nope()\n"
        "  |                ^---\n");
    CHECK(mapped("root.a = 1\n\n\n\n\n\n\n\n\n\nroot = foo(", "{}") ==
        "failed to parse mapping: line 11 char 12: required: expected function argument\n"
        "   |\n"
        "11 | root = foo(\n"
        "   |            ^---\n");
    CHECK(mapped("", "{}") == "failed to parse mapping: line 1 char 1: expected import, map, or assignment\n  |\n1 | \n  | ^---\n");
}

TEST_CASE("blobl: lines end in LF or CRLF, the last one needs no end", "[cli][blobl]")
{
    CHECK(lines_of("", 10) == "end");
    CHECK(lines_of("a\n\nb", 10) == "a||b|end");
    CHECK(lines_of("a\r\nb\r\n", 10) == "a|b|end");
}

TEST_CASE("blobl: a line as long as the bound is refused, wherever it stands", "[cli][blobl]")
{
    CHECK(lines_of("1234567\n123\n", 8) == "1234567|123|end");
    CHECK(lines_of("123\n12345678\n1\n", 8) == "123|too long");
    CHECK(lines_of("12345678", 8) == "too long");
    CHECK(lines_of(std::string(60000, 'x'), 50000) == "too long");
}
