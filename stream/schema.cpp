#include <lambent/stream/schema.hpp>

#include <lambent/bloblang/mapping.hpp>
#include <lambent/config/known.hpp>

namespace lambent::stream {

namespace {

/// Only asked whether functions exist: nothing is evaluated with it but constant expressions.
class parsing_world final : public bloblang::environment
{
public:
    core::wall_time now() const override { return {}; }
    std::uint64_t random() const override { return 0; }
    bool has_world() const noexcept override { return true; }
};

template <class T>
std::optional<config::text_flaw> flaw(const bloblang::parsed<T>& parsed)
{
    const auto* wrong = std::get_if<bloblang::parse_error>(&parsed);
    if (wrong == nullptr)
        return std::nullopt;
    return config::text_flaw{wrong->line, wrong->column, wrong->lint.empty() ? wrong->message : wrong->lint};
}

class known_components final : public config::lint_host
{
public:
    const config::spec* component(config::field_type kind, std::string_view name) const override
    {
        return config::known_component(kind, name);
    }
    std::vector<std::string> component_names(config::field_type kind) const override { return config::known_components(kind); }
    std::optional<config::text_flaw> check_bloblang(std::string_view text) const override
    {
        return flaw(bloblang::mapping::parse(text, world_));
    }
    std::optional<config::text_flaw> check_interpolated(std::string_view text) const override
    {
        return flaw(bloblang::interpolation::parse(text, world_));
    }

private:
    parsing_world world_;
};

} // namespace

const config::lint_host& schema()
{
    static const known_components known;
    return known;
}

const config::spec& resources_spec()
{
    static const config::spec declared = [] {
        config::spec s("resources");
        for (const char* name : {"input_resources", "processor_resources", "output_resources", "cache_resources", "rate_limit_resources", "tests"})
            if (const config::field_spec* field = config::stream_spec().find(name))
                s.add(*field);
        return s;
    }();
    return declared;
}

} // namespace lambent::stream
