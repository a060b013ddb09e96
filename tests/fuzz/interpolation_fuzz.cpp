// Any text is a string with queries in it or an error; one without a query is itself, and what it resolves to does not change.
#include "bloblang_world.hpp"

#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lambent;
    static const fuzz::small_world world;
    static const data::batch batch{data::message(R"({"a":{"b":[1,2.5,"x",null,true]},"s":"text","n":-3})"), data::message("no document")};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    world.begin();
    const auto parsed = bloblang::interpolation::parse(text, world);
    const auto* made = std::get_if<bloblang::interpolation>(&parsed);
    if (made == nullptr)
        return 0;
    if (made->literal() == nullptr) {
        (void)made->resolve(batch, 0);
        (void)made->resolve(batch, 1);
        return 0;
    }
    const auto resolved = made->resolve(batch, 0);
    if (!resolved || *resolved != *made->literal())
        std::abort();
    if (text.find("${") == std::string_view::npos && *resolved != text)
        std::abort();
    return 0;
}
