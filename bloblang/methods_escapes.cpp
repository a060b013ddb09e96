#include <lambent/bloblang/html.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

namespace lambent::bloblang {
namespace {

using data::value;

answer escape_html(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    return value(html_escaped(*text));
}

answer unescape_html(const call& c)
{
    const loose_text text(c.target);
    if (!text)
        return wrong_type("string", c.target);
    return value(html_unescaped(*text));
}

} // namespace

const definitions& escape_methods()
{
    static const definitions all = {
        {.name = "escape_html", .run = escape_html},
        {.name = "unescape_html", .run = unescape_html},
    };
    return all;
}

} // namespace lambent::bloblang
