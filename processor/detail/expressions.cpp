#include <lambent/processor/detail/expressions.hpp>

#include <utility>
#include <variant>

namespace lambent::processor {

core::error unusable(std::string why) { return core::error{errc::invalid_config, std::move(why)}; }

core::error of_element(std::string_view what, std::size_t index, const core::error& why)
{
    if (why.code.category() != category())
        return why;
    return core::error{why.code, std::string(what) + " '" + std::to_string(index) + "' parse error: " + why.text()};
}

core::result<bloblang::mapping> parse_mapping(const context& who, std::string_view text, std::string_view before)
{
    auto parsed = bloblang::mapping::parse(text, who.host().bloblang());
    if (const auto* flaw = std::get_if<bloblang::parse_error>(&parsed))
        return unusable(std::string(before) + flaw->message);
    return std::get<bloblang::mapping>(std::move(parsed));
}

core::result<std::optional<bloblang::mapping>> parse_optional_mapping(
    const context& who, std::string_view text, std::string_view before)
{
    std::optional<bloblang::mapping> none;
    if (text.empty())
        return none;
    auto made = parse_mapping(who, text, before);
    if (!made)
        return made.error();
    return std::optional<bloblang::mapping>(std::move(*made));
}

core::result<bloblang::interpolation> parse_text(const context& who, std::string_view text, std::string_view before)
{
    auto parsed = bloblang::interpolation::parse(text, who.host().bloblang());
    if (const auto* flaw = std::get_if<bloblang::parse_error>(&parsed))
        return unusable(std::string(before) + flaw->message);
    return std::get<bloblang::interpolation>(std::move(parsed));
}

std::string_view go_type_name(const data::value& v) noexcept
{
    switch (v.kind()) {
    case data::kind::null:
        return "<nil>";
    case data::kind::boolean:
        return "bool";
    case data::kind::int64:
        return "int64";
    case data::kind::uint64:
        return "uint64";
    case data::kind::float64:
        return "float64";
    case data::kind::number:
        return "json.Number";
    case data::kind::string:
        return "string";
    case data::kind::bytes:
        return "[]uint8";
    case data::kind::timestamp:
        return "time.Time";
    case data::kind::array:
        return "[]interface {}";
    case data::kind::object:
        return "map[string]interface {}";
    case data::kind::deleted:
        return "value.Delete";
    case data::kind::nothing:
        return "value.Nothing";
    }
    return "<nil>";
}

} // namespace lambent::processor
