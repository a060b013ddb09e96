// Any text is a mapping or an error with words and a place that stands in the text.
#include "bloblang_world.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lambent;
    static const fuzz::small_world world;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = bloblang::mapping::parse(text, world);
    const auto* wrong = std::get_if<bloblang::parse_error>(&parsed);
    if (wrong == nullptr)
        return 0;
    const auto lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    if (wrong->message.empty() || wrong->bare.empty() || wrong->line < 1 || wrong->line > lines || wrong->column > text.size() + 1)
        std::abort();
    return 0;
}
