// A mapping cannot crash or hang the process: what loops, doubles or nests without end is refused, with words that name the bound.

#include <bloblang/library.hpp>
#include <support/catch.hpp>

#include <lambent/data/json.hpp>

using namespace lambent::bloblang;

namespace {

/// As much as a test has patience for.
class strict_world final : public environment
{
public:
    lambent::core::wall_time now() const override { return still_.now(); }
    std::uint64_t random() const override { return 7; }
    evaluation_limits limits() const noexcept override { return {.steps = 200'000, .bytes = 16 << 20}; }

private:
    still_world still_;
};

std::string strictly(std::string_view mapping, std::string_view input = "{}")
{
    static const strict_world world;
    return outcome(mapping, world, input);
}

constexpr std::string_view steps = "the evaluation takes more than 200000 steps";
constexpr std::string_view bytes = "the values of the evaluation take more than 16777216 bytes";

std::string repeated(std::string_view text, std::size_t times)
{
    std::string out;
    while (times-- > 0)
        out += text;
    return out;
}

} // namespace

TEST_CASE("limits: loops within loops end after a number of steps", "[bloblang][limits]")
{
    for (const char* mapping : {
             "root = range(0, 1000).map_each(a -> range(0, 1000).all(b -> true))",
             "root = range(0, 1000).filter(a -> range(0, 1000).any(b -> false))",
             "root = range(0, 1000).map_each(a -> range(0, 1000).fold(0, f -> f.tally + 1))",
             "root = range(0, 1000).sort_by(a -> range(0, 1000).find_by(b -> false))",
             "root = range(0, 1000).unique(a -> range(0, 1000).find_all_by(b -> false).length())",
             "root = range(0, 300000).sort(this.left < this.right)",
             "root = range(0, 300000).sort(this.left > this.right)",
             "map twice { root = this.apply(\"once\") + this.apply(\"once\") }\nmap once { root = range(0, 1000).map_each(this).sum() }\n"
             "root = range(0, 1000).map_each(i -> i.apply(\"twice\"))",
             "map both { root = if this > 0 { (this - 1).apply(\"both\") + (this - 1).apply(\"both\") } else { 1 } }\nroot = 60.apply(\"both\")",
         }) {
        INFO(mapping);
        const std::string told = strictly(mapping);
        CHECK((told.find(steps) != std::string::npos || told.starts_with("parse error: ")));
    }
}

TEST_CASE("limits: `catch` does not go on where the steps are gone", "[bloblang][limits]")
{
    CHECK(strictly("root = range(0, 1000).map_each(a -> range(0, 1000).map_each(b -> b.string()).catch(0)).catch(\"over\")").find(steps) !=
        std::string::npos);
}

TEST_CASE("limits: values that grow without end are refused before the memory is", "[bloblang][limits]")
{
    for (const char* mapping : {
             "root = \"x\".repeat(100000000)",
             "root = this.s.repeat(100000000)",
             "root = range(0, 100).fold(\"x\", f -> f.tally + f.tally)",
             "root = range(0, 100).fold([1], f -> f.tally.concat(f.tally))",
             "root = range(0, 100).fold([1], f -> [f.tally, f.tally].flatten())",
             "root = range(0, 100).fold({\"a\":[1]}, f -> f.tally.merge(f.tally))",
             "root = range(0, 100000).map_each(\"x\".repeat(1000))",
             "root = range(0, 100000).map_each(i -> [i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i])",
             "root = range(0, 3000000)",
             "root = bytes(100000000)",
             "root = \"x\".repeat(10000).split(\"\").map_each(i -> \"y\".repeat(10000))",
             "root = \"x\".repeat(10000000).split(\"\")",
             "root = \"x\".repeat(1000000).re_find_all(\"x\")",
             "root = \"x\".repeat(1000000).re_find_all_submatch(\"((((x))))\")",
             "root = \"x\".repeat(10000).replace_all(\"x\", this.s.repeat(10000))",
             "root = \"x\".repeat(10000).replace_all(\"\", this.s.repeat(10000))",
             "root = \"x\".repeat(10000).re_replace_all(\"x\", this.s.repeat(10000))",
             "root = range(0, 10000).map_each(i -> this.s.repeat(1000)).join(\"\")",
             "root = range(0, 10000).map_each(i -> i.string()).join(this.s.repeat(10000))",
             "root = \"%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d"
             "%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d\".format(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17)",
             "root = range(0, 900000).enumerated()",
             "root = range(0, 9000).fold([], f -> [f.tally]).format_json()",
             "root = range(0, 100).fold([], f -> [f.tally, f.tally]).string()",
             "root = {\"a\": range(0, 40).fold([1], f -> [f.tally, f.tally])}.collapse()",
             "root = \"%v\".format(range(0, 40).fold([1], f -> [f.tally, f.tally]))",
             "root = range(0, 40).fold([1], f -> [f.tally, f.tally]).format_yaml()",
             "root = range(0, 40).fold([1], f -> [f.tally, f.tally]).infer_schema()",
             "root = range(0, 40).fold([1], f -> [f.tally, f.tally]).json_schema(\"\"\"{\"items\":{\"$ref\":\"#\"}}\"\"\")",
             "root = this.json_schema(\"\"\"{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}\"\"\")",
             "root = range(0, 40).fold([1], f -> [f.tally, f.tally]) == range(0, 40).fold([1], f -> [f.tally, f.tally])",
             "root = [range(0, 40).fold([1], f -> [f.tally, f.tally])].contains(range(0, 40).fold([1], f -> [f.tally, f.tally]))",
             "root = \"\".repeat(9223372036854775807) + \"x\".repeat(9223372036854775807)",
         }) {
        INFO(mapping);
        const std::string told = strictly(mapping, R"({"s":"x"})");
        INFO(told.substr(0, 200));
        const bool refused = told.find(bytes) != std::string::npos || told.find(steps) != std::string::npos ||
            told.find("would be longer than") != std::string::npos || told.find("more than 10000000 elements") != std::string::npos;
        CHECK(refused);
    }
}

TEST_CASE("limits: a document that cannot be written fails the mapping", "[bloblang][limits]")
{
    const still_world world;
    constexpr std::string_view deep = "failed to write root: json: the value is nested deeper than 10000 levels";
    CHECK(outcome("root = range(0, 12000).fold([], f -> [f.tally])", world).find(deep) != std::string::npos);
    const std::string input = repeated("[", 9'999) + repeated("]", 9'999);
    CHECK(outcome("root = [this]", world, input) == "[" + input + "]");
    CHECK(outcome("root = {\"a\": [[this]]}", world, input).find(deep) != std::string::npos);
    CHECK(outcome("let t = \"x\".repeat(1000000)\nroot = range(0, 300).map_each(i -> $t)", world)
              .find("failed to write root: json: the text would be longer than 268435456 bytes") != std::string::npos);
}

TEST_CASE("limits: a decompressed text is bounded, however small what it comes from", "[bloblang][limits]")
{
    for (const char* algorithm : {"gzip", "zlib", "flate", "snappy", "lz4", "pgzip"}) {
        INFO(algorithm);
        // 15 MiB of zeros fit, once; twice is too much.
        const std::string bomb = "let bomb = bytes(7000000).compress(\"" + std::string(algorithm) + "\")\n";
        const still_world world;
        const strict_world strict;
        CHECK(outcome(bomb + "root = $bomb.decompress(\"" + algorithm + "\").length()", world) == "7000000");
        const std::string twice = bomb + "root = range(0, 9).map_each(i -> $bomb.decompress(\"" + algorithm + "\").length()).sum()";
        CHECK(outcome(twice, strict).find(bytes) != std::string::npos);
    }
}

TEST_CASE("limits: recursion ends, in the text, in maps, in values and in documents", "[bloblang][limits]")
{
    const still_world world;
    CHECK(outcome("map r { root = this.apply(\"r\") }\nroot = this.apply(\"r\")", world)
              .find("exceeded maximum allowed stacks of 5000, this could be due to unbounded recursion") != std::string::npos);
    CHECK(outcome("map a { root = this.apply(\"b\") }\nmap b { root = [1].map_each(x -> x.apply(\"a\")) }\nroot = 1.apply(\"a\")", world)
              .find("exceeded maximum allowed stacks of 5000") != std::string::npos);
    for (const auto& [open, close] : {std::pair{"(", ")"}, {"[", "]"}, {"{\"a\":", "}"}, {"1.apply(", ")"}, {"if true { ", " }"}, {"!(", ")"},
             {"match { true => ", " }"}, {"this.(", ")"}, {"x -> (", ")"}, {"1 + (", ")"}}) {
        INFO(open);
        const std::string deep = "root = " + repeated(open, 100'000) + "1" + repeated(close, 100'000);
        CHECK(outcome(deep, world).find("parse error: ") == 0);
        // Closed or not.
        CHECK(outcome("root = " + repeated(open, 100'000), world).find("parse error: ") == 0);
    }
    CHECK(outcome("root = this" + repeated(".a", 100'000), world).find("parse error: ") == 0);
    CHECK(outcome("root = 1" + repeated(".string()", 100'000), world).find("more than 10000 methods and fields in a row") != std::string::npos);
    CHECK(outcome(repeated("if true { ", 100'000), world).find("nested deeper than 1000 levels") != std::string::npos);
    // A long chain is no recursion.
    CHECK(outcome("root = 1" + repeated(" + 1", 20'000), world) == "20001");
    CHECK(outcome("root = this.n" + repeated(" + 1", 20'000), world, R"({"n":1})") == "20001");
    const std::string deep_document = repeated("[", 20'000) + repeated("]", 20'000);
    CHECK(outcome("root = this", world, deep_document).find("exceeded max depth") != std::string::npos);
    CHECK(outcome("root = this.string().length()", world, repeated("[", 9'000) + repeated("]", 9'000)) == "18000");
    // What is made deeper than a document can be is not written.
    const std::string nest = "range(0, 20000).fold([], f -> [f.tally])";
    CHECK(outcome("root = " + nest + ".string() == null", world) == "true");
    CHECK(outcome("root = " + nest + " == " + nest, world) == "true");
    for (const char* method : {".format_yaml().length()", ".infer_schema()", ".flatten().length()", ".type()", ".merge([1]).length()",
             ".json_schema(\"\"\"{\"items\":{\"$ref\":\"#\"}}\"\"\").type()"}) {
        INFO(method);
        (void)outcome("root = " + nest + method, world); // ends
    }
    (void)outcome("root = \"%v\".format(" + nest + ").length()", world);
    // Nor is what a document can hold too deep for methods that walk it.
    CHECK(outcome("root = {\"a\":" + nest + "}.collapse().length()", world) == "0");
    CHECK(outcome("root = {\"a\":" + nest + "}.collapse(include_empty: true).keys().index(0).length()", world) == "40001");
    const std::string deep_object = repeated("{\"a\":", 9'000) + "1" + repeated("}", 9'000);
    const std::string deep_path = "a" + repeated(".a", 8'999);
    CHECK(outcome("root = this.collapse().keys().index(0).length()", world, deep_object) == "17999");
    CHECK(outcome("root = this.without(\"" + deep_path + "\").string().length()", world, deep_object) == std::to_string(6 * 8'999 + 2));
    CHECK(outcome("root = this.with(\"" + deep_path + "\").string().length()", world, deep_object) == std::to_string(6 * 9'000 + 1));
}

TEST_CASE("limits: numbers at the ends of their ranges are no traps", "[bloblang][limits]")
{
    const still_world world;
    CHECK(outcome("root = range(0, -9223372036854775807 - 1, -1)", world).find("more than 10000000 elements") != std::string::npos);
    CHECK(outcome("root = range(-9223372036854775807 - 1, 9223372036854775807)", world).find("more than 10000000 elements") != std::string::npos);
    CHECK(outcome("root = range(0, 1000000000000)", world).find("more than 10000000 elements") != std::string::npos);
    CHECK(outcome("root = (this.n - 1) % -1", world, R"({"n":-9223372036854775807})") == "0");
    CHECK(outcome("root = [1].slice(-9223372036854775807 - 1)", world) == "[1]");
    CHECK(outcome("root = \"abc\".slice(-9223372036854775807 - 1).length()", world) == "3");
    CHECK(outcome("root = [1].index(-9223372036854775807 - 1)", world).find("out of bounds") != std::string::npos);
    CHECK(outcome("root = (this.n - 1).abs()", world, R"({"n":-9223372036854775807})").find("error") != 0);
    for (const char* method : {".ts_format()", ".ts_add_iso8601(\"P100000000000Y\")", ".ts_round(1)", ".ts_unix_nano()", ".ts_strftime(\"%Y\")",
             ".ts_tz(\"Asia/Tokyo\")", ".ts_sub(1)", ".ts_round(7000000007)", ".ts_add_iso8601(\"P1Y\")", ".ts_sub_iso8601(\"P1DT9S\")",
             ".ts_add_iso8601(\"PT9223372036S\")", ".ts_sub_iso8601(\"PT9223372036S\")", ".ts_tz(\"Europe/Paris\").ts_round(7000000007)", ".ts_unix_milli()",
             ".ts_unix_micro()", ".ts_tz(\"Europe/Paris\").ts_add_iso8601(\"P1M\").ts_format()", ".ts_format(\"Monday 2006\", \"Asia/Tokyo\")", ".ts_strftime(\"%A %j %s\")", ".ts_tz(\"Asia/Tokyo\").ts_add_iso8601(\"P99999999D\")", ".bitwise_xor(3)", ".round()", ".int8()", ".float32()"}) {
        for (const char* number : {"9223372036854775807", "(-9223372036854775807 - 1)", "9999999999999999999999.5", "0.0"}) {
            INFO(number << method);
            (void)outcome(std::string("root = ") + number + method, world); // ends
        }
    }
    // Seconds wrap around where the original's do.
    CHECK(outcome("root = 9223372036854775807.ts_round(7000000007).ts_unix()", world) == "-9223372036854775808");
    CHECK(outcome("root = (-9223372036854775807 - 1).ts_round(7000000007).ts_unix()", world) == "-9223372036854775808");
    CHECK(outcome("root = 9223372036854775807.ts_round(3600000000000).ts_unix()", world) == "9223372036854774016");
    CHECK(outcome("root = 9223372036854775807.ts_sub(-9223372036854775807)", world) == "-2000000000");
    CHECK(outcome("root = 9223372036854775807.ts_add_iso8601(\"P1Y\").ts_unix()", world) == "-9223372036823239809");
}

TEST_CASE("limits: expressions that others take for ever over take no time, and too large ones are refused", "[bloblang][limits]")
{
    const still_world world;
    const std::string input = R"({"s":")" + std::string(50'000, 'a') + R"("})";
    CHECK(outcome("root = this.s.re_match(\"^(a+)+$\")", world, input) == "true");
    CHECK(outcome("root = (this.s + \"!\").re_match(\"^(a|a)*$\")", world, input) == "false");
    CHECK(outcome("root = this.s.re_match(\"((a{1,1000}){1,1000}){1,1000}\")", world, input).find("parse error: ") == 0);
    CHECK(outcome("root = this.s.re_match(\"" + repeated("(", 5'000) + "a" + repeated(")", 5'000) + "\")", world, input) != "");
}

TEST_CASE("limits: parsing is bounded as running is, for it evaluates what is constant", "[bloblang][limits]")
{
    CHECK(strictly("root = \"" + std::string(4'000, 'x') + "\"" + repeated(".repeat(2)", 30)).find(bytes) != std::string::npos);
    CHECK(strictly("root = \"x\".repeat(16000000) + \"x\".repeat(16000000)").find(bytes) != std::string::npos);
}
