// A document whose values are made when they are asked for is the tree that is made at once.

#include <lambent/data/json.hpp>
#include <lambent/data/message.hpp>
#include <lambent/data/path.hpp>

#include <support/catch.hpp>
#include <support/random_json.hpp>

#include <functional>
#include <thread>

using namespace lambent::data;
using lambent::support::random_json;
using lambent::support::seed_of_run;

namespace {

lambent::core::result<value> at_once(std::string_view text)
{
    json_read_options options;
    options.eager = true;
    return read_json(text, options);
}

std::string written(const value& v, const json_write_options& options = {})
{
    const auto text = write_json(v, options);
    return text ? text.value() : "error: " + text.error().text();
}

/// Every path of the tree leads to the same.
void check_below(const value& root, const value& tree, std::vector<std::string>& path)
{
    const auto here = find_path(root, path);
    REQUIRE(here.has_value());
    CHECK(written(*here) == written(tree));
    if (tree.is_object()) {
        for (const member& m : tree.members()) {
            path.emplace_back(m.name());
            check_below(root, m.item, path);
            path.pop_back();
        }
    } else if (tree.is_array()) {
        for (std::size_t i = 0; i < tree.size(); ++i) {
            path.push_back(std::to_string(i));
            check_below(root, tree.items()[i], path);
            path.pop_back();
        }
    }
}

} // namespace

TEST_CASE("document: what is read on demand is what is read at once", "[data][json]")
{
    const unsigned seed = seed_of_run();
    INFO("LAMBENT_SEED=" << seed);
    random_json chance(seed);
    for (int round = 0; round < 2000; ++round) {
        const std::string text = chance.document();
        INFO(text);
        const auto unread = read_json(text);
        const auto tree = at_once(text);
        REQUIRE(unread.has_value());
        REQUIRE(tree.has_value());
        json_write_options html;
        html.escape_html = true;
        json_write_options indented;
        indented.indent = "  ";
        CHECK(written(unread.value()) == written(tree.value()));
        CHECK(written(unread.value(), html) == written(tree.value(), html));
        CHECK(written(read_json(text).value(), indented) == written(tree.value(), indented));
        std::vector<std::string> path;
        check_below(unread.value(), tree.value(), path);
        for (const std::string_view beside : {"nowhere", "*", "-1", "+0", "7"}) {
            path = {std::string(beside), "a"};
            const auto left = find_path(unread.value(), path);
            const auto right = find_path(tree.value(), path);
            CHECK(left.has_value() == right.has_value());
            CHECK((!left || identical(*left, *right)));
        }
        CHECK(identical(unread.value(), tree.value()));
        CHECK(written(unread.value()) == written(tree.value()));
    }
}

TEST_CASE("document: what is no JSON is refused in the same words", "[data][json]")
{
    const unsigned seed = seed_of_run() + 1;
    INFO("LAMBENT_SEED=" << seed - 1);
    random_json chance(seed);
    int refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        const std::string text = chance.broken(chance.document());
        INFO(text);
        const auto unread = read_json(text);
        const auto tree = at_once(text);
        REQUIRE(unread.has_value() == tree.has_value());
        if (tree) {
            CHECK(written(unread.value()) == written(tree.value()));
        } else {
            CHECK(unread.error().text() == tree.error().text());
            ++refused;
        }
    }
    CHECK(refused > 5000);
}

TEST_CASE("document: every cut of a text has one verdict", "[data][json]")
{
    const std::string text = "  {\"a\" : [1, -2.5e+3, \"x\\u00e9\\n\", true, null, {}], \"b\":{\"c\":\"a text longer than fourteen\"}} \n";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const auto unread = read_json(std::string_view(text).substr(0, size));
        const auto tree = at_once(std::string_view(text).substr(0, size));
        REQUIRE(unread.has_value() == tree.has_value());
        CHECK((tree || unread.error().text() == tree.error().text()));
    }
}

TEST_CASE("document: a part outlives the message it came from", "[data][json]")
{
    value part;
    value text;
    {
        const message from(std::string("{\"a\":{\"b\":[1,{\"z\":1,\"y\":2}]},\"t\":\"a text longer than fourteen bytes\"}"));
        part = *find_path(from.structured().value(), {"a", "b"});
        text = *from.structured().value().find("t");
    }
    CHECK(written(part) == "[1,{\"y\":2,\"z\":1}]");
    CHECK(text.text() == "a text longer than fourteen bytes");
    CHECK(part.items()[1].find("y")->text() == "2");
    const value inner = part.items()[1];
    part = value();
    CHECK(written(inner) == "{\"y\":2,\"z\":1}");
}

TEST_CASE("document: a change is the holder's own", "[data][json]")
{
    const value whole = read_json("{\"b\":[1,2,{\"c\":3}],\"a\":{\"x\":1}}").value();
    value changed = whole;
    changed.edit_member("b").edit_items()[2].set_member("d", value(true));
    changed.edit_member("a").erase_member("x");
    changed.set_member("n", value());
    CHECK(written(changed) == "{\"a\":{},\"b\":[1,2,{\"c\":3,\"d\":true}],\"n\":null}");
    CHECK(written(whole) == "{\"a\":{\"x\":1},\"b\":[1,2,{\"c\":3}]}");
    changed = value::array({whole, changed});
    CHECK(written(changed) == "[{\"a\":{\"x\":1},\"b\":[1,2,{\"c\":3}]},{\"a\":{},\"b\":[1,2,{\"c\":3,\"d\":true}],\"n\":null}]");
}

TEST_CASE("document: nested as deep as is allowed, and one deeper", "[data][json]")
{
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); };
    const auto deepest = read_json(nested(10'000));
    REQUIRE(deepest.has_value());
    CHECK(written(deepest.value()) == nested(10'000));
    CHECK(read_json(nested(10'001)).error().text() == "exceeded max depth");
    CHECK(written(value::array({deepest.value()})) == "error: json: the value is nested deeper than 10000 levels");
    CHECK(written(value::array({read_json(nested(9'999)).value()})) == nested(10'000));
}

TEST_CASE("document: threads may read one value at the same time", "[data][json]")
{
    std::string text = "[0";
    for (int i = 0; i < 300; ++i)
        text += ",{\"b\":[" + std::to_string(i) + ",{\"c\":\"a text longer than fourteen bytes\"}],\"a\":1}";
    text += "]";
    for (int round = 0; round < 20; ++round) {
        const value shared = read_json(text).value();
        std::string seen[3];
        const auto look = [&shared](std::string& out) {
            for (const value& v : shared.items().subspan(1)) {
                const value copy = v;
                out += copy.members()[1].item.items()[0].text();
                out += v.members()[1].item.items()[1].members()[0].item.text();
            }
        };
        std::thread one(look, std::ref(seen[0]));
        std::thread other(look, std::ref(seen[1]));
        look(seen[2]);
        one.join();
        other.join();
        CHECK(seen[0] == seen[2]);
        CHECK(seen[1] == seen[2]);
    }
}
