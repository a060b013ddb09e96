#include <lambent/data/path.hpp>
#include <lambent/data/value.hpp>

#include <support/catch.hpp>

using namespace lambent::data;

TEST_CASE("value: a writer does not change what others share", "[data][value]")
{
    value a = value::object({{value("k"), value::array({value(1), value(2)})}});
    value b = a;
    b.edit_member("k").edit_items().push_back(value(3));
    b.set_member("new", value("a text longer than what fits inside"));
    CHECK(a.peek("k")->size() == 2);
    CHECK(a.peek("new") == nullptr);
    CHECK(b.peek("k")->size() == 3);
    CHECK(b.peek("new")->text() == "a text longer than what fits inside");
}

TEST_CASE("value: objects are sorted and of equal keys the last stays", "[data][value]")
{
    const value v = value::object({{value("b"), value(1)}, {value("a"), value(2)}, {value("b"), value(3)}});
    REQUIRE(v.size() == 2);
    CHECK(v.members()[0].name() == "a");
    CHECK(v.peek("b")->as_int64() == 3);
}

TEST_CASE("value: a tree a million levels deep is built, copied and destroyed", "[data][value]")
{
    value v(1);
    for (int i = 0; i < 1'000'000; ++i)
        v = value::array({v});
    const value copy = v;
    CHECK(identical(v, copy));
}

TEST_CASE("path: dots and tildes of a segment are escaped", "[data][path]")
{
    CHECK(split_path("a.b~1c.~0d") == std::vector<std::string>{"a", "b.c", "~d"});
    CHECK(join_path({"a", "b.c", "~d"}) == "a.b~1c.~0d");
    const value v = value::object({{value("a"), value::array({value(7), value::object({{value("x"), value(8)}})})}});
    CHECK(find_path(v, split_path("a.1.x"))->as_int64() == 8);
    CHECK_FALSE(find_path(v, split_path("a.2")).has_value());
    CHECK(find_path(v, split_path("a.*.x"))->size() == 1);
}
