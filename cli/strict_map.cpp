#include <lambent/cli/strict_map.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace lambent::cli {

core::error flaw_at(const config::place& where, std::string_view message)
{
    core::error flaw;
    flaw.code = boost::system::errc::make_error_code(boost::system::errc::invalid_argument);
    flaw.detail = where.file + "(" + std::to_string(where.line) + "," + std::to_string(where.column) + ") " + std::string(message);
    return flaw;
}

strict_map::strict_map(config::node map, std::string about) : map_(std::move(map)), about_(std::move(about))
{
    if (!map_.is_map() && !map_.is_null() && map_.exists())
        fail(map_.where(), "must be a map of fields");
}

void strict_map::fail(const config::place& where, std::string_view message)
{
    fail(flaw_at(where, about_.empty() ? std::string(message) : about_ + ": " + std::string(message)));
}

void strict_map::fail(core::error flaw)
{
    if (!flaw_)
        flaw_ = std::move(flaw);
}

config::node strict_map::value(std::string_view key)
{
    asked_.emplace_back(key);
    return flaw_ ? config::node() : map_.get(key);
}

config::node strict_map::scalar(std::string_view key, std::string_view wanted, std::initializer_list<std::string_view> tags)
{
    const config::node found = value(key);
    if (!found.exists())
        return {};
    if (found.is_scalar() && (tags.size() == 0 || std::find(tags.begin(), tags.end(), found.tag()) != tags.end()))
        return found;
    const std::string got = found.is_scalar() ? "`" + found.text() + "`" : found.is_null() ? "nothing" : found.is_map() ? "a map" : "a list";
    fail(found.where(), "field '" + std::string(key) + "' must be " + std::string(wanted) + ", got " + got);
    return {};
}

void strict_map::text(std::string_view key, std::string& out)
{
    if (const auto found = scalar(key, "a text", {}); found.exists())
        out = found.text();
}

void strict_map::boolean(std::string_view key, bool& out)
{
    if (const auto found = scalar(key, "true or false", {"!!bool"}); found.exists())
        out = found.text().starts_with('t') || found.text().starts_with('T');
}

void strict_map::whole(std::string_view key, std::uint64_t& out)
{
    constexpr std::string_view wanted = "a whole number, not negative";
    const auto found = scalar(key, wanted, {"!!int"});
    if (!found.exists())
        return;
    const std::string& text = found.text();
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (code != std::errc() || end != text.data() + text.size())
        fail(found.where(), "field '" + std::string(key) + "' must be " + std::string(wanted) + ", got `" + text + "`");
}

void strict_map::size(std::string_view key, std::optional<std::size_t>& out)
{
    if (std::uint64_t number = std::numeric_limits<std::uint64_t>::max(); map_.get(key).exists()) {
        whole(key, number);
        out = static_cast<std::size_t>(number);
    } else {
        value(key);
    }
}

void strict_map::real(std::string_view key, double& out)
{
    const auto found = scalar(key, "a number", {"!!int", "!!float"});
    if (!found.exists())
        return;
    const std::string& text = found.text();
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(out))
        fail(found.where(), "field '" + std::string(key) + "' must be a number, got `" + text + "`");
}

void strict_map::duration(std::string_view key, core::duration& out)
{
    const auto found = scalar(key, "a duration such as 250ms", {});
    if (!found.exists())
        return;
    const auto read = config::parse_duration(found.text());
    if (!read)
        fail(found.where(), "field '" + std::string(key) + "': " + read.error().text());
    else if (*read < core::duration::zero())
        fail(found.where(), "field '" + std::string(key) + "' must not be negative, got `" + found.text() + "`");
    else
        out = *read;
}

void strict_map::texts(std::string_view key, std::vector<std::string>& out)
{
    const auto list = value(key);
    if (!list.exists())
        return;
    if (!list.is_sequence())
        return fail(list.where(), "field '" + std::string(key) + "' must be a list");
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!list.at(i).is_scalar())
            return fail(list.at(i).where(), "field '" + std::string(key) + "' must be a list of texts");
        out.push_back(list.at(i).text());
    }
}

void strict_map::done()
{
    if (flaw_)
        return;
    for (const auto& [key, found] : map_.items()) {
        if (std::find(asked_.begin(), asked_.end(), key) != asked_.end())
            continue;
        std::string known;
        for (const std::string& name : asked_)
            known += (known.empty() ? "" : ", ") + name;
        return fail(found.key_place(), "unknown field '" + key + "'; there are " + known);
    }
}

} // namespace lambent::cli
