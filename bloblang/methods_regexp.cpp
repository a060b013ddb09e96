#include <lambent/bloblang/go_regexp.hpp>
#include <lambent/bloblang/registry.hpp>

namespace lambent::bloblang {
namespace {

using data::value;

preparation compile(const arguments& args, const environment&)
{
    auto made = go_regexp::compile(args.text(0));
    if (auto* why = std::get_if<problem>(&made))
        return {nullptr, std::move(*why)};
    return {std::get<std::shared_ptr<go_regexp>>(std::move(made)), nullptr};
}

/// The texts of one match; groups that took no part are empty.
value texts_of(std::string_view text, const go_regexp::match& m)
{
    std::vector<value> out;
    for (const auto& [from, to] : m)
        out.push_back(value(from < 0 ? std::string_view() : text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from))));
    return value::array(std::move(out));
}

/// Groups by name, those without one by number.
value object_of(const go_regexp& re, std::string_view text, const go_regexp::match& m)
{
    const value texts = texts_of(text, m);
    std::vector<data::member> out;
    for (std::size_t i = 0; i < texts.size(); ++i)
        out.push_back({value(re.names()[i].empty() ? std::to_string(i) : re.names()[i]), texts.items()[i]});
    return value::object(std::move(out));
}

answer re_match(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    return value(c.args.prepared<go_regexp>().matches(c.target.text()));
}

answer re_find_all(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    std::vector<value> out;
    for (const std::string_view found : c.args.prepared<go_regexp>().find_texts(c.target.text()))
        out.push_back(value(found));
    return value::array(std::move(out));
}

answer re_find_all_submatch(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    std::vector<value> out;
    for (const auto& m : c.args.prepared<go_regexp>().find_all(c.target.text()))
        out.push_back(texts_of(c.target.text(), m));
    return value::array(std::move(out));
}

answer re_find_object(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    const auto& re = c.args.prepared<go_regexp>();
    const auto found = re.find_all(c.target.text(), 1);
    return found.empty() ? value::object() : object_of(re, c.target.text(), found.front());
}

answer re_find_all_object(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    const auto& re = c.args.prepared<go_regexp>();
    std::vector<value> out;
    for (const auto& m : re.find_all(c.target.text()))
        out.push_back(object_of(re, c.target.text(), m));
    return value::array(std::move(out));
}

answer re_replace_all(const call& c)
{
    if (!c.target.is_text())
        return wrong_type("string", c.target);
    return c.args.prepared<go_regexp>().replace_all(c.target.text(), c.args.text(1));
}

} // namespace

const definitions& regexp_methods()
{
    using enum parameter_type;
    static const std::vector<parameter> pattern = {{"pattern", string}};
    static const std::vector<parameter> pattern_value = {{"pattern", string}, {"value", string}};
    static const definitions all = {
        {.name = "re_find_all", .parameters = pattern, .run = re_find_all, .prepare = compile},
        {.name = "re_find_all_object", .parameters = pattern, .run = re_find_all_object, .prepare = compile},
        {.name = "re_find_all_submatch", .parameters = pattern, .run = re_find_all_submatch, .prepare = compile},
        {.name = "re_find_object", .parameters = pattern, .run = re_find_object, .prepare = compile},
        {.name = "re_match", .parameters = pattern, .run = re_match, .prepare = compile},
        {.name = "re_replace", .parameters = pattern_value, .run = re_replace_all, .prepare = compile},
        {.name = "re_replace_all", .parameters = pattern_value, .run = re_replace_all, .prepare = compile},
    };
    return all;
}

} // namespace lambent::bloblang
