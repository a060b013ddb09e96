#include <lambent/bloblang/parse_mapping.hpp>
#include <lambent/bloblang/registry.hpp>

namespace lambent::bloblang {
namespace {

/// What a mapping inside a mapping may reach: nothing of the message, nothing of the world.
class closed_world final : public environment
{
public:
    explicit closed_world(const environment& outer) : outer_(outer) {}

    core::wall_time now() const override { return outer_.now(); }
    std::uint64_t random() const override { return outer_.random(); }
    bool nested() const noexcept override { return true; }

private:
    const environment& outer_;
};

struct nested_mapping
{
    explicit nested_mapping(const environment& outer) : world(outer) {}
    closed_world world;
    compiled_mapping parts;
};

preparation compile(const arguments& args, const environment& world)
{
    auto made = std::make_shared<nested_mapping>(world);
    auto parsed = parse_mapping(args.text(0), made->world, {});
    if (const auto* wrong = std::get_if<parse_error>(&parsed))
        return {nullptr, failed(wrong->message)};
    made->parts = std::get<compiled_mapping>(std::move(parsed));
    return {std::move(made), nullptr};
}

answer bloblang_(const call& c)
{
    const auto& nested = c.args.prepared<nested_mapping>();
    outcome_slots into;
    variable_table variables;
    const binding link{&c.target, nullptr};
    frame at;
    at.world = &nested.world;
    at.maps = nested.parts.maps.get();
    at.variables = &variables;
    at.root = &into.root;
    at.self = &link;
    at.maps_entered = c.at.maps_entered;
    if (problem why = nested.parts.statements->run(at, into))
        return why;
    return std::move(into.root);
}

} // namespace

const definitions& nested_methods()
{
    static const definitions all = {
        {.name = "bloblang",
            .parameters = {{"mapping", parameter_type::string}},
            .run = bloblang_,
            .prepare = compile,
            .unsourced = true,
            .not_nested = true},
    };
    return all;
}

} // namespace lambent::bloblang
