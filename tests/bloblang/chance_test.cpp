// The functions of chance and time: their bits come from the environment, and from nothing else.

#include <bloblang/library.hpp>
#include <support/catch.hpp>

using namespace lambent::bloblang;

TEST_CASE("uuid_v4: all bits but version and variant are the environment's", "[bloblang]")
{
    CHECK(outcome("root = uuid_v4()", still_world(0)) == "00000000-0000-4000-8000-000000000000");
    CHECK(outcome("root = uuid_v4()", still_world(~std::uint64_t{0})) == "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST_CASE("uuid_v7: begins with the milliseconds of the moment", "[bloblang]")
{
    CHECK(outcome("root = uuid_v7()", still_world(0)) == "0175b934-7220-7000-8000-000000000000");
    CHECK(outcome("root = uuid_v7(1)", still_world(~std::uint64_t{0})) == "00000000-03e8-7fff-bfff-ffffffffffff");
}

TEST_CASE("ksuid: begins with the seconds since its epoch, in base 62", "[bloblang]")
{
    // 205,130,023 s and 16 zero bytes are 205130023 * 2^128.
    const std::string zero = outcome("root = ksuid()", still_world(0));
    const std::string ones = outcome("root = ksuid()", still_world(~std::uint64_t{0}));
    CHECK(zero.size() == 27);
    CHECK(zero < ones);
    CHECK(zero.substr(0, 4) == ones.substr(0, 4));
}

TEST_CASE("nanoid: letters of the alphabet only, as many as asked for, bounded", "[bloblang]")
{
    const still_world world(1, 0x9e3779b97f4a7c15U);
    CHECK(outcome("root = nanoid().length()", world) == "21");
    CHECK(outcome("root = nanoid(5, \"z\")", world) == "zzzzz");
    CHECK(outcome("root = nanoid(2, \"\u00e9\")", world) == "\u00e9\u00e9");
    CHECK(outcome("root = nanoid(100, \"ab\").re_match(\"^(a+b+)+a*$|^(b+a+)+b*$\")", world) == "true");
    CHECK(outcome("root = nanoid(1048577)", world) ==
        "error: failed assignment (line 1): an id of more than 1048576 characters is not supported");
}

TEST_CASE("random_int: stays between its bounds, repeats with its seed, and a seed is taken once per call site", "[bloblang]")
{
    const still_world world(1, 1);
    const std::string_view inside = "root = range(0, 500).map_each(random_int(seed: 7, min: 3, max: 5)).all(n -> n >= 3 && n <= 5)";
    CHECK(outcome(inside, world) == "true");
    CHECK(outcome("root = range(0, 500).map_each(random_int(seed: 7, min: 3, max: 5)).unique().sort()", world) == "[3,4,5]");
    const std::string_view ten = "root = range(0, 10).map_each(random_int(seed: 7))";
    CHECK(outcome(ten, world) == outcome(ten, world));
    CHECK(outcome(ten, world) != outcome("root = range(0, 10).map_each(random_int(seed: 8))", world));
    CHECK(outcome("let draw = range(0, 10).map_each(random_int(seed: this)).unique().length()\nroot = $draw > 1", world) == "true");
}

TEST_CASE("counter: one count per call site and mapping, however many evaluations", "[bloblang]")
{
    const still_world world;
    const auto parsed = mapping::parse("root.a = counter(min: 9, max: 11)\nroot.b = counter()", world);
    REQUIRE(std::holds_alternative<mapping>(parsed));
    std::string seen;
    for (int i = 0; i < 4; ++i) {
        const lambent::data::batch batch{lambent::data::message("{}")};
        lambent::data::message onto = batch[0];
        REQUIRE(std::get<mapping>(parsed).map(onto, batch, 0));
        seen += onto.bytes();
    }
    CHECK(seen == R"({"a":9,"b":1}{"a":10,"b":2}{"a":11,"b":3}{"a":9,"b":4})");
}
