#include <lambent/cli/known_host.hpp>

#include <lambent/bloblang/mapping.hpp>
#include <lambent/config/known.hpp>

#include <variant>

namespace lambent::cli {
namespace {

/// All functions exist and none is called: parsing needs neither clock nor chance.
class parsing_world final : public bloblang::environment
{
public:
    core::wall_time now() const override { return {}; }
    std::uint64_t random() const override { return 0; }
    bool has_world() const noexcept override { return true; }
};

const parsing_world& world()
{
    static const parsing_world the_world;
    return the_world;
}

template <class T>
std::optional<config::text_flaw> flaw_of(const bloblang::parsed<T>& parsed)
{
    const auto* error = std::get_if<bloblang::parse_error>(&parsed);
    if (!error)
        return {};
    config::text_flaw out;
    out.line = error->line;
    out.column = error->column;
    out.message = error->lint;
    return out;
}

} // namespace

const config::spec* known_host::component(config::field_type kind, std::string_view name) const
{
    return config::known_component(kind, name);
}

std::vector<std::string> known_host::component_names(config::field_type kind) const { return config::known_components(kind); }

std::optional<config::text_flaw> known_host::check_bloblang(std::string_view text) const
{
    return flaw_of<bloblang::mapping>(bloblang::mapping::parse(text, world()));
}

std::optional<config::text_flaw> known_host::check_interpolated(std::string_view text) const
{
    return flaw_of<bloblang::interpolation>(bloblang::interpolation::parse(text, world()));
}

} // namespace lambent::cli
