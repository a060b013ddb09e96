// What is read can be written and read again to the same value; nothing crashes and nothing recurses without bound.
#include <lambent/data/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lambent::data;
    const auto first = read_json({reinterpret_cast<const char*>(data), size});
    if (!first)
        return 0;
    const auto text = write_json(*first);
    if (!text)
        return 0;
    const auto second = read_json(*text);
    if (!second)
        std::abort();
    const auto again = write_json(*second);
    if (!again || *again != *text)
        std::abort();
    return 0;
}
