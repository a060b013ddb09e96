#include <lambent/bloblang/go_regexp.hpp>
#include <lambent/bloblang/go_url.hpp>
#include <lambent/bloblang/schema_formats.hpp>
#include <lambent/bloblang/time_values.hpp>

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace lambent::bloblang {
namespace {

bool matches(std::string_view text, std::string_view pattern)
{
    auto re = go_regexp::compile(pattern);
    const auto* made = std::get_if<std::shared_ptr<go_regexp>>(&re);
    return made != nullptr && (*made)->matches(text);
}

bool is_time(std::string_view text, std::initializer_list<std::string_view> layouts)
{
    for (const std::string_view layout : layouts) {
        auto read = go_time_parse(layout, text);
        if (std::holds_alternative<data::timestamp>(read))
            return true;
    }
    return false;
}

bool is_address(std::string_view text, int family)
{
    unsigned char room[16];
    return inet_pton(family, std::string(text).c_str(), room) == 1;
}

bool is_uri(std::string_view text, bool absolute)
{
    const auto read = parse_go_url(text);
    const auto* url = std::get_if<go_url>(&read);
    return url != nullptr && text.find('\\') == std::string_view::npos && (!absolute || !url->scheme.empty());
}

} // namespace

bool is_known_format(std::string_view format)
{
    constexpr std::array<std::string_view, 15> known = {"date", "time", "date-time", "email", "hostname", "ipv4", "ipv6", "uri", "iri",
        "uri-reference", "iri-reference", "uuid", "regex", "json-pointer", "relative-json-pointer"};
    return std::find(known.begin(), known.end(), format) != known.end();
}

bool has_format(std::string_view text, std::string_view format)
{
    if (format == "date")
        return is_time(text, {"2006-01-02"});
    if (format == "time")
        return is_time(text, {"15:04:05", "15:04:05Z07:00"});
    if (format == "date-time")
        return is_time(text, {"15:04:05", "15:04:05Z07:00", "2006-01-02", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.999999999Z07:00"});
    if (format == "email")
        return matches(text, R"(^[^@\s<>]+@[^@\s<>]+$)");
    if (format == "hostname")
        return text.size() < 256 && matches(text, R"(^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])(\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]{0,61}[a-zA-Z0-9]))*$)");
    if (format == "ipv4")
        return is_address(text, AF_INET);
    if (format == "ipv6")
        return is_address(text, AF_INET6);
    if (format == "uri" || format == "iri")
        return is_uri(text, true);
    if (format == "uri-reference" || format == "iri-reference")
        return is_uri(text, false);
    if (format == "uuid")
        return matches(text, R"(^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$)");
    if (format == "regex") {
        const auto made = go_regexp::compile(text);
        return !std::holds_alternative<problem>(made);
    }
    if (format == "json-pointer")
        return matches(text, R"(^(?:/(?:[^~/]|~0|~1)*)*$)");
    if (format == "relative-json-pointer")
        return matches(text, R"(^(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~0|~1)*)*)$)");
    return true;
}

} // namespace lambent::bloblang
