#include <lambent/core/entropy.hpp>

#include <support/catch.hpp>

#include <array>
#include <set>
#include <string>
#include <vector>

using lambent::core::entropy;

TEST_CASE("entropy: the published sequence of splitmix64, so that a seed means the same everywhere", "[core][entropy]")
{
    // Reference implementation (Vigna), seed 1234567.
    entropy chance(1234567);
    for (std::uint64_t expected : {6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U})
        CHECK(chance.next() == expected);
}

TEST_CASE("entropy: numbers stay in their bounds and reach them", "[core][entropy]")
{
    entropy chance(7);
    std::array<int, 6> seen{};
    for (int i = 0; i < 6000; ++i) {
        ++seen.at(chance.below(6));
        const double u = chance.uniform();
        REQUIRE((u >= 0 && u < 1));
    }
    for (int n : seen)
        CHECK((n > 800 && n < 1200));
    CHECK(chance.below(0) == 0);
    CHECK(chance.below(1) == 0);
    CHECK_FALSE(chance.chance(0));
    CHECK(chance.chance(1));
}

TEST_CASE("entropy: a uuid is version 4, variant 10, and new each time", "[core][entropy]")
{
    entropy chance = entropy::from_system();
    std::set<std::string> seen;
    std::vector<std::set<char>> digits(36);
    for (int i = 0; i < 1000; ++i) {
        const std::string id = chance.uuid();
        REQUIRE(id.size() == 36);
        for (std::size_t k = 0; k < id.size(); ++k) {
            if (k == 8 || k == 13 || k == 18 || k == 23)
                REQUIRE(id[k] == '-');
            else
                REQUIRE(std::string_view("0123456789abcdef").find(id[k]) != std::string_view::npos);
        }
        REQUIRE(id[14] == '4');
        REQUIRE(std::string_view("89ab").find(id[19]) != std::string_view::npos);
        REQUIRE(seen.insert(id).second);
        for (std::size_t k = 0; k < id.size(); ++k)
            digits[k].insert(id[k]);
    }
    // Every place that is free takes every digit: 1,000 draws miss one of 16 with a chance below 1e-25.
    for (std::size_t k = 0; k < digits.size(); ++k) {
        const std::size_t wanted = k == 8 || k == 13 || k == 18 || k == 23 || k == 14 ? 1 : k == 19 ? 4 : 16;
        CHECK(digits[k].size() == wanted);
    }
}
