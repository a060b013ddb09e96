// Substitution and YAML of any bytes end in a tree or one error with a place inside the text.
#include <lambent/config/node.hpp>
#include <lambent/config/substitute.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lambent::config;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto replaced = substitute(text, [](std::string_view name) -> std::optional<std::string> {
        if (name == "A")
            return "1";
        return std::nullopt;
    });
    if (!replaced)
        return 0;
    const auto tree = node::parse(replaced->text, "fuzz.yaml");
    if (tree)
        (void)tree->to_json();
    (void)parse_duration(text);
    return 0;
}
