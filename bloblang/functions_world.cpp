#include <lambent/bloblang/registry.hpp>

namespace lambent::bloblang {
namespace {

using data::value;

/// Read once, while parsing, where the name is constant and `no_cache` is not asked for.
struct cached
{
    std::optional<value> v;
};

value variable_value(const environment& world, std::string_view name)
{
    std::string text;
    return world.variable(name, text) ? value(text) : value();
}

answer file_value(const environment& world, std::string_view path)
{
    core::result<std::string> text = world.read_file(std::string(path));
    if (!text)
        return failed(text.error().text());
    return value::bytes(text.value());
}

std::string relative(const environment& world, std::string_view path)
{
    if (path.starts_with('/') || world.directory().empty())
        return std::string(path);
    return world.directory() + "/" + std::string(path);
}

preparation read_variable(const arguments& args, const environment& world)
{
    auto made = std::make_shared<cached>();
    if (!args.flag(1))
        made->v = variable_value(world, args.text(0));
    return {std::move(made), nullptr};
}

preparation kept_file(const arguments& args, const environment& world, const std::string& path)
{
    auto made = std::make_shared<cached>();
    if (!args.flag(1)) {
        answer read = file_value(world, path);
        if (!read.ok())
            return {nullptr, std::move(read).take_failure()};
        made->v = std::move(read).value();
    }
    return {std::move(made), nullptr};
}

preparation read_file(const arguments& args, const environment& world)
{
    return kept_file(args, world, std::string(args.text(0)));
}
preparation read_relative(const arguments& args, const environment& world)
{
    return kept_file(args, world, relative(world, args.text(0)));
}

answer env(const call& c)
{
    const auto& kept = c.args.prepared<cached>().v;
    return kept ? *kept : variable_value(*c.at.world, c.args.text(0));
}
answer file(const call& c)
{
    const auto& kept = c.args.prepared<cached>().v;
    return kept ? answer(*kept) : file_value(*c.at.world, c.args.text(0));
}
answer file_rel(const call& c)
{
    const auto& kept = c.args.prepared<cached>().v;
    return kept ? answer(*kept) : file_value(*c.at.world, relative(*c.at.world, c.args.text(0)));
}
answer hostname(const call& c) { return value(c.at.world->hostname()); }

} // namespace

const definitions& world_functions()
{
    using enum parameter_type;
    static const std::vector<parameter> path = {{"path", string}, {"no_cache", boolean, value(false)}};
    static const definitions all = {
        {.name = "env",
            .parameters = {{"name", string}, {"no_cache", boolean, value(false)}},
            .run = env,
            .prepare = read_variable,
            .of_world = true},
        {.name = "file", .parameters = path, .run = file, .prepare = read_file, .of_world = true},
        {.name = "file_rel", .parameters = path, .run = file_rel, .prepare = read_relative, .of_world = true},
        {.name = "hostname", .run = hostname, .of_world = true},
    };
    return all;
}

} // namespace lambent::bloblang
