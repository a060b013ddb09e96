#include <lambent/http/errc.hpp>
#include <lambent/http/headers.hpp>
#include <lambent/http/url.hpp>

#include <algorithm>
#include <charconv>

namespace lambent::http {
namespace {

constexpr std::size_t host_bytes_max = 255; // RFC 1035 §2.3.4: a name's limit

core::error refused(std::string_view text, std::string_view why)
{
    std::string detail = "invalid URL \"";
    detail.append(text.substr(0, 200)).append("\": ").append(why);
    return {errc::invalid_url, std::move(detail)};
}

/// What may stand in a host without brackets: letters, digits and the marks of names and IPv4 literals.
bool plain_host(std::string_view host) noexcept
{
    return std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

bool bracketed_host(std::string_view host) noexcept
{
    return std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' || c == '.';
    });
}

constexpr std::uint16_t default_port(bool tls) noexcept { return tls ? 443 : 80; }

} // namespace

std::string origin::authority() const
{
    const bool brackets = host.find(':') != std::string::npos;
    std::string out;
    out.reserve(host.size() + 8);
    if (brackets)
        out += '[';
    out += host;
    if (brackets)
        out += ']';
    if (port != default_port(tls))
        out.append(":").append(std::to_string(port));
    return out;
}

core::result<url> url::parse(std::string_view text)
{
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
            return refused(text, "blanks and control characters must be percent-encoded");
    const auto colon = text.find("://");
    if (colon == std::string_view::npos)
        return refused(text, "it must begin with http:// or https://");

    url out;
    const std::string_view scheme = text.substr(0, colon);
    if (equal_ignoring_case(scheme, "https"))
        out.origin.tls = true;
    else if (!equal_ignoring_case(scheme, "http"))
        return refused(text, "the scheme must be http or https");

    std::string_view rest = text.substr(colon + 3);
    if (rest.find('#') != std::string_view::npos)
        return refused(text, "a fragment is never sent; remove what follows '#'");
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    rest.remove_prefix(authority.size());
    if (authority.find('@') != std::string_view::npos)
        return refused("", "user information in a URL is not supported; configure credentials instead");

    std::string_view host = authority;
    std::string_view port;
    bool has_port = false;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos || end == 1 || !bracketed_host(authority.substr(1, end - 1)))
            return refused(text, "the address in brackets is not an IPv6 address");
        host = authority.substr(1, end - 1);
        const std::string_view after = authority.substr(end + 1);
        if (!after.empty() && after.front() != ':')
            return refused(text, "only a port may follow the closing bracket");
        has_port = !after.empty();
        port = has_port ? after.substr(1) : after;
    } else {
        const auto at = authority.find(':');
        has_port = at != std::string_view::npos;
        host = authority.substr(0, at);
        port = has_port ? authority.substr(at + 1) : std::string_view();
        if (!plain_host(host))
            return refused(text, "the host may hold letters, digits, '-', '.' and '_' only");
    }
    if (host.empty())
        return refused(text, "it names no host");
    if (host.size() > host_bytes_max)
        return refused(text, "the host is longer than 255 bytes");

    out.origin.host = host;
    out.origin.port = default_port(out.origin.tls);
    if (has_port && !port.empty()) { // "host:" is allowed by RFC 3986 §3.2.3 and means the default
        const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), out.origin.port);
        if (ec != std::errc{} || end != port.data() + port.size() || out.origin.port == 0)
            return refused(text, "the port must be a number from 1 to 65535");
    }
    const auto question = rest.find('?');
    out.path = rest.substr(0, question);
    if (question != std::string_view::npos)
        out.query = rest.substr(question + 1);
    return out;
}

std::string url::to_string() const
{
    std::string out = origin.tls ? "https://" : "http://";
    out += origin.authority();
    out += path;
    if (!query.empty())
        out.append("?").append(query);
    return out;
}

} // namespace lambent::http
