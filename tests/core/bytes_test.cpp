#include <lambent/core/byte_buffer.hpp>
#include <lambent/core/bytes.hpp>
#include <lambent/core/entropy.hpp>

#include <support/catch.hpp>

#include <string>

using namespace lambent::core;

namespace {

std::string random_bytes(entropy& chance, std::size_t n)
{
    std::string bytes(n, '\0');
    for (char& c : bytes)
        c = static_cast<char>(chance.below(256));
    return bytes;
}

} // namespace

TEST_CASE("base64: the vectors of RFC 4648, section 10", "[core][bytes]")
{
    const std::pair<const char*, const char*> vectors[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
        CHECK(to_base64(plain) == coded);
        CHECK(from_base64(coded) == std::string(plain));
    }
}

TEST_CASE("base64: what is not exactly one encoding is refused", "[core][bytes]")
{
    for (const char* bad : {"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zh==", "Zm9=", "Zm 8", "Zm8=\n", "Zm-_", "Zg==Zg==", "Z=g="})
        CHECK_FALSE(from_base64(bad).has_value());
}

TEST_CASE("hex and base64: decode what they encode, all bytes, all lengths", "[core][bytes]")
{
    entropy chance(11);
    for (std::size_t n = 0; n < 300; ++n) {
        const std::string bytes = random_bytes(chance, n);
        REQUIRE(from_base64(to_base64(bytes)) == bytes);
        REQUIRE(from_hex(to_hex(bytes)) == bytes);
    }
    CHECK(to_hex(std::string("\x00\xff\x1a", 3)) == "00ff1a");
    CHECK(from_hex("00FF1a") == std::string("\x00\xff\x1a", 3));
    CHECK_FALSE(from_hex("0").has_value());
    CHECK_FALSE(from_hex("0g").has_value());
}

TEST_CASE("byte buffer: never beyond its limit, refused appends leave it as it was", "[core][bytes]")
{
    byte_buffer b(10);
    CHECK(b.append("1234567890"));
    CHECK_FALSE(b.append("x"));
    CHECK(b.prepare(1).empty());
    CHECK(b.view() == "1234567890");
    b.consume(4);
    CHECK(b.append("abcd"));
    CHECK_FALSE(b.append("x"));
    CHECK(b.view() == "567890abcd");
    CHECK(b.capacity() <= 10);
    b.consume(10);
    CHECK(b.empty());
    b.release(0);
    CHECK(b.capacity() == 0);
    CHECK(b.append("again"));
    CHECK(b.view() == "again");
}

TEST_CASE("byte buffer: behaves as a string does, whatever is done to it", "[core][bytes]")
{
    entropy chance(5);
    for (int round = 0; round < 50; ++round) {
        const std::size_t limit = chance.below(3000);
        byte_buffer b(limit);
        std::string model;
        for (int i = 0; i < 400; ++i) {
            switch (chance.below(4)) {
            case 0:
            case 1: {
                const std::string bytes = random_bytes(chance, chance.below(700));
                const bool fits = model.size() + bytes.size() <= limit;
                REQUIRE(b.append(bytes) == fits);
                if (fits)
                    model += bytes;
                break;
            }
            case 2: {
                const std::size_t n = chance.below(model.size() + 1);
                b.consume(n);
                model.erase(0, n);
                break;
            }
            case 3:
                if (const auto room = b.prepare(1); !room.empty()) {
                    REQUIRE(room.size() <= limit - model.size());
                    room[0] = 'q';
                    b.commit(1);
                    model += 'q';
                }
                else
                    REQUIRE(model.size() == limit);
                break;
            }
            REQUIRE(b.view() == model);
            REQUIRE(b.capacity() <= std::max<std::size_t>(limit, 0));
        }
    }
}
