#include <lambent/emulator/base64.hpp>

#include <support/catch.hpp>

using namespace lambent::emulator;

TEST_CASE("base64: RFC 4648's vectors, both ways", "[emulator][base64]")
{
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        CHECK(encode_base64(plain) == encoded);
        CHECK(decode_base64(encoded) == plain);
    }
    CHECK(encode_base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("base64: whatever is encoded decodes to itself", "[emulator][base64]")
{
    std::string bytes;
    for (int i = 0; i < 600; ++i) {
        CHECK(decode_base64(encode_base64(bytes)) == bytes);
        bytes += static_cast<char>(i * 37);
    }
}

TEST_CASE("base64: other text is refused", "[emulator][base64]")
{
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "=Zg=", "Z g=", "Zm9v\n", "Zm9-", "Zg==Zg=="})
        CHECK_FALSE(decode_base64(text));
}
