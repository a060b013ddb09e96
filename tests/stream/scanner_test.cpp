#include <lambent/stream/detail/scanner_entries.hpp>

#include <support/catch.hpp>

#include <string>
#include <vector>

using namespace lambent;
using namespace lambent::stream;

namespace {

struct cut_result
{
    std::vector<std::string> messages;
    std::string error;
};

/// All messages of `text`, fed in two pieces.
cut_result cut(const scanner_recipe& recipe, std::string_view text, std::size_t at)
{
    cut_result result;
    const scanner_ptr cutter = recipe.make();
    const auto drain = [&] {
        for (;;) {
            auto next = cutter->next();
            if (!next) {
                result.error = next.error().text();
                return false;
            }
            if (!next->has_value())
                return true;
            for (const data::message& message : **next)
                result.messages.emplace_back(message.bytes());
        }
    };
    cutter->feed(text.substr(0, at));
    if (!drain())
        return result;
    cutter->feed(text.substr(at));
    if (!drain())
        return result;
    cutter->finish();
    drain();
    return result;
}

/// The same, whatever the place at which the bytes are split.
cut_result cut_everywhere(const scanner_recipe& recipe, std::string_view text)
{
    const cut_result whole = cut(recipe, text, text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        INFO("split at " << at);
        CHECK(cut(recipe, text, at).messages == whole.messages);
        CHECK(cut(recipe, text, at).error == whole.error);
    }
    return whole;
}

using list = std::vector<std::string>;

} // namespace

TEST_CASE("lines: split anywhere, lines are the same; one CR goes, empty lines stay, the last needs no end", "[stream][scanner]")
{
    CHECK(cut_everywhere(*lines_recipe("", 64, false), "a\r\nb\r\r\n\nlast").messages == list{"a", "b\r", "", "last"});
    CHECK(cut_everywhere(*lines_recipe("", 64, false), "a\n").messages == list{"a"});
    CHECK(cut_everywhere(*lines_recipe("", 64, false), "").messages.empty());
    CHECK(cut_everywhere(*lines_recipe("", 64, true), "\na\n\n\nb").messages == list{"a", "b"});
}

TEST_CASE("lines: a delimiter of one's own may have several bytes, and leaves CR alone", "[stream][scanner]")
{
    CHECK(cut_everywhere(*lines_recipe("|-|", 64, false), "a\r|-|b|-||-|c|-").messages == list{"a\r", "b", "", "c|-"});
}

TEST_CASE("lines: a line and its delimiter fit into the buffer, or the words of Go's scanner", "[stream][scanner]")
{
    CHECK(cut_everywhere(*lines_recipe("", 4, false), "abc\nabc\n").messages == list{"abc", "abc"});
    const cut_result long_line = cut_everywhere(*lines_recipe("", 4, false), "ab\nabcd\nab\n");
    CHECK(long_line.messages == list{"ab"});
    CHECK(long_line.error.starts_with("bufio.Scanner: token too long"));
    CHECK(cut_everywhere(*lines_recipe("", 4, false), "abcd").error.starts_with("bufio.Scanner: token too long"));
}

TEST_CASE("json_documents: values end where they end", "[stream][scanner]")
{
    const auto made = json_documents_entry().make(config::reader(json_documents_entry().spec(), config::node()));
    REQUIRE(made);
    const cut_result result = cut_everywhere(**made, "{\"a\":\"}\\\"{\"} [1,[2]]\n3 \"x\"true{}null\n");
    CHECK(result.messages == list{"{\"a\":\"}\\\"{\"}", "[1,[2]]", "3", "\"x\"", "true", "{}", "null"});
    CHECK(result.error.empty());
    CHECK(cut_everywhere(**made, "{\"a\":1} {\"b\":").error == "json_documents: unexpected EOF");
    CHECK(cut_everywhere(**made, "{\"a\":1} {b}").messages == list{"{\"a\":1}"});
    CHECK_FALSE(cut_everywhere(**made, "{\"a\":1} {b}").error.empty());
}

TEST_CASE("to_the_end and chunker: one message, or messages of a size", "[stream][scanner]")
{
    CHECK(cut_everywhere(*to_the_end_recipe(), "a\nb").messages == list{"a\nb"});
    CHECK(cut_everywhere(*to_the_end_recipe(), "").messages == list{""});
    CHECK(cut_everywhere(*chunker_recipe(2), "abcde").messages == list{"ab", "cd", "e"});
    CHECK(cut_everywhere(*chunker_recipe(2), "abcd").messages == list{"ab", "cd"});
}
