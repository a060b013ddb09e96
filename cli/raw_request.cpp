#include <lambent/cli/raw_request.hpp>

#include <lambent/http/headers.hpp>

#include <algorithm>
#include <optional>

namespace lambent::cli {
namespace {

core::error wrong(std::size_t line, std::string_view what)
{
    return {make_error_code(boost::system::errc::invalid_argument), "line " + std::to_string(line) + " of the request: " + std::string(what)};
}

bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

/// Gives line after line, without their ends.
class lines
{
public:
    explicit lines(std::string_view text) : rest_(text) {}

    std::optional<std::string_view> next()
    {
        if (rest_.empty())
            return std::nullopt;
        ++number;
        const std::size_t end = rest_.find('\n');
        std::string_view line = rest_.substr(0, end);
        rest_ = end == rest_.npos ? std::string_view{} : rest_.substr(end + 1);
        crlf = !line.empty() && line.back() == '\r';
        if (crlf)
            line.remove_suffix(1);
        return line;
    }
    std::string_view rest() const noexcept { return rest_; }

    std::size_t number = 0;
    bool crlf = false;

private:
    std::string_view rest_;
};

core::result<void> read_request_line(std::string_view line, std::size_t number, raw_request& into)
{
    const std::size_t blank = line.find(' ');
    if (blank == line.npos || blank == 0)
        return wrong(number, "it must be a request line, e.g. POST /path HTTP/1.1");
    into.method = line.substr(0, blank);
    std::string_view target = line.substr(blank + 1);
    const std::size_t version = target.rfind(" HTTP/");
    if (version != target.npos) {
        into.version = target.substr(version + 1);
        target = target.substr(0, version);
    }
    if (target.empty() || target.front() != '/')
        return wrong(number, "the target must begin with a slash");
    into.target = target;
    return {};
}

core::result<void> read_header(std::string_view line, std::size_t number, raw_request& into)
{
    if (is_blank(line.front())) {
        if (into.headers.empty())
            return wrong(number, "it continues a header, and there is none above");
        into.headers.back().second.append("\n").append(line);
        return {};
    }
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0)
        return wrong(number, "it must be a header, \"Name: value\", or the empty line before the body");
    into.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    return {};
}

// For a POSIX shell: everything between single quotes stands for itself but the quote.
std::string quoted(std::string_view text)
{
    std::string out = "'";
    for (const char c : text)
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    return out + "'";
}

} // namespace

const std::string* raw_request::header(std::string_view name) const noexcept
{
    for (const auto& [key, value] : headers)
        if (http::equal_ignoring_case(key, name))
            return &value;
    return nullptr;
}

void raw_request::erase(std::string_view name)
{
    std::erase_if(headers, [&](const auto& header) { return http::equal_ignoring_case(header.first, name); });
}

std::string_view raw_request::path() const noexcept
{
    return std::string_view(target).substr(0, target.find('?'));
}

std::string_view raw_request::query() const noexcept
{
    const std::size_t question = target.find('?');
    return question == target.npos ? std::string_view{} : std::string_view(target).substr(question + 1);
}

core::result<raw_request> parse_raw_request(std::string_view text)
{
    raw_request request;
    lines from(text);
    const auto first = from.next();
    if (!first)
        return core::error{make_error_code(boost::system::errc::invalid_argument), "the request is empty: give a request line, headers, an empty line and the body on stdin"};
    if (from.crlf)
        request.line_end = "\r\n";
    if (auto read = read_request_line(*first, from.number, request); !read)
        return read.error();
    while (const auto line = from.next()) {
        if (line->empty()) {
            request.body = from.rest();
            break;
        }
        if (auto read = read_header(*line, from.number, request); !read)
            return read.error();
    }
    return request;
}

std::string to_text(const raw_request& request)
{
    std::string text = request.method + " " + request.target;
    if (!request.version.empty())
        text += " " + request.version;
    text += request.line_end;
    for (const auto& [name, value] : request.headers) {
        text.append(name).append(": ");
        for (const char c : value)
            c == '\n' ? text.append(request.line_end) : text.append(1, c); // a folded header keeps its lines
        text.append(request.line_end);
    }
    return text.append(request.line_end).append(request.body);
}

core::result<std::string> to_curl(const raw_request& request)
{
    const auto refused = [](std::string_view why) {
        return core::error{make_error_code(boost::system::errc::invalid_argument), std::string(why)};
    };
    const std::string* host = request.header("host");
    if (host == nullptr)
        return refused("the request has no Host header");
    if (request.body.find('\0') != request.body.npos)
        return refused("the body holds NUL bytes, which no command line can carry; use --show request");
    // As it was signed: curl would else collapse dot segments.
    std::string text = "curl --path-as-is -X " + quoted(request.method) + " " + quoted("https://" + *host + request.target);
    bool typed = false;
    for (const auto& [name, value] : request.headers) {
        if (http::equal_ignoring_case(name, "host") || http::equal_ignoring_case(name, "content-length"))
            continue; // curl's own, of the same value
        typed = typed || http::equal_ignoring_case(name, "content-type");
        std::string one_line = value;
        std::replace(one_line.begin(), one_line.end(), '\n', ' ');
        text += " \\\n  -H " + quoted(name + ": " + one_line);
    }
    if (!request.body.empty()) {
        if (!typed)
            text += " \\\n  -H 'Content-Type:'"; // else curl would say that this is a form
        text += " \\\n  --data-binary " + quoted(request.body);
    }
    return text + "\n";
}

} // namespace lambent::cli
