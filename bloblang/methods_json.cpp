#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/registry.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/json.hpp>

#include <algorithm>

namespace lambent::bloblang {
namespace {

using data::value;

answer parse_json(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    data::json_read_options options;
    options.keep_number_text = c.args.given(0) && c.args.flag(0);
    options.whole = false;
    core::result<value> read = data::read_json(c.target.text(), options);
    if (!read)
        return failed("failed to parse value as JSON: " + read.error().text());
    return std::move(read).value();
}

answer format_json(const call& c)
{
    data::json_write_options options;
    options.escape_html = c.args.flag(2);
    if (!c.args.flag(1))
        options.indent = c.args.text(0);
    // Indentation alone grows with the square of the depth.
    options.null_list = written_as_null();
    options.bytes_max = std::min<std::uint64_t>(options.bytes_max, bytes_left());
    core::result<std::string> written = data::write_json(c.target, options);
    if (!written)
        return failed(written.error().text());
    return value::bytes(written.value());
}

} // namespace

const definitions& json_methods()
{
    using enum parameter_type;
    static const definitions all = {
        {.name = "format_json",
            .parameters = {{"indent", string, value("    ")}, {"no_indent", boolean, value(false)}, {"escape_html", boolean, value(true)}},
            .run = format_json},
        {.name = "parse_json", .parameters = {{"use_number", boolean, std::nullopt, true}}, .run = parse_json},
    };
    return all;
}

} // namespace lambent::bloblang
