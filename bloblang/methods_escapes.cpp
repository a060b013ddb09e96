#include <lambent/bloblang/html.hpp>
#include <lambent/bloblang/registry.hpp>

namespace lambent::bloblang {
namespace {

using data::value;

answer escape_html(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    return value(html_escaped(c.target.text()));
}

answer unescape_html(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    return value(html_unescaped(c.target.text()));
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
