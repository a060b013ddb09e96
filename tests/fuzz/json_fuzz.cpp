// What is read can be written and read again to the same value; a text that is read on demand is the tree that is made at once, in
// verdict, words and bytes; nothing crashes and nothing recurses without bound.
#include <lambent/data/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lambent::data;
    const std::string_view given(reinterpret_cast<const char*>(data), size);
    json_read_options at_once;
    at_once.eager = true;
    const auto first = read_json(given);
    const auto tree = read_json(given, at_once);
    if (first.has_value() != tree.has_value() || (!first && first.error().text() != tree.error().text()))
        std::abort();
    if (!first)
        return 0;
    const auto text = write_json(*first);
    const auto of_tree = write_json(*tree);
    if (text.has_value() != of_tree.has_value())
        std::abort();
    if (!text)
        return 0;
    if (*text != *of_tree || !identical(*first, *tree))
        std::abort();
    const auto second = read_json(*text);
    if (!second)
        std::abort();
    const auto again = write_json(*second);
    if (!again || *again != *text)
        std::abort();
    return 0;
}
