#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/yaml_text.hpp>

namespace lambent::bloblang {
namespace {

using data::value;

answer parse_yaml(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    return read_yaml(c.target.text());
}

answer format_yaml(const call& c) { return value::bytes(write_yaml(c.target)); }

} // namespace

const definitions& yaml_methods()
{
    static const definitions all = {
        {.name = "format_yaml", .run = format_yaml},
        {.name = "parse_yaml", .run = parse_yaml},
    };
    return all;
}

} // namespace lambent::bloblang
