#include <lambent/http/request_parser.hpp>

#include <lambent/core/assert.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace lambent::http {
namespace {

// A chunk's size and extensions; no client that means well comes near.
constexpr std::size_t chunk_line_max = 1024;

constexpr std::array<bool, 256> token_characters = [] {
    std::array<bool, 256> table{};
    for (int c = 'a'; c <= 'z'; ++c)
        table[static_cast<std::size_t>(c)] = table[static_cast<std::size_t>(c - 'a' + 'A')] = true;
    for (int c = '0'; c <= '9'; ++c)
        table[static_cast<std::size_t>(c)] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) // RFC 9110 section 5.6.2
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

bool is_token(std::string_view text) noexcept
{
    return !text.empty()
        && std::all_of(text.begin(), text.end(), [](char c) { return token_characters[static_cast<unsigned char>(c)]; });
}

// RFC 9110 section 5.5: visible characters, blanks and obs-text.
bool is_field_value(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return (u >= 0x20 && u != 0x7f) || u == '\t';
    });
}

bool is_visible_ascii(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view trimmed(std::string_view text) noexcept
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The members of a comma-separated list, one a call; empty ones are skipped.
std::string_view next_member(std::string_view& list) noexcept
{
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        const std::string_view member = trimmed(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
        if (!member.empty())
            return member;
    }
    return {};
}

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum class line_end { missing, good, bad };

// The first line of `bytes` without its CRLF in `line`. A CR is good only directly before the LF that ends the line.
line_end take_line(std::string_view bytes, std::string_view& line) noexcept
{
    const auto lf = bytes.find('\n');
    const auto cr = bytes.substr(0, lf).find('\r');
    if (lf == std::string_view::npos)
        return cr == std::string_view::npos || cr + 1 == bytes.size() ? line_end::missing : line_end::bad;
    if (cr == std::string_view::npos || cr + 1 != lf)
        return line_end::bad;
    line = bytes.substr(0, cr);
    return line_end::good;
}

} // namespace

bool request_parser::refuse(int status, std::string_view reason) noexcept
{
    state_ = state::refused;
    refusal_ = {status, reason};
    return false;
}

std::size_t request_parser::feed(std::string_view bytes)
{
    std::size_t used = 0;
    for (;;) {
        const state before = state_;
        const std::string_view rest = bytes.substr(used);
        std::size_t taken = 0;
        switch (state_) {
        case state::head:
            taken = feed_head(rest);
            break;
        case state::body_by_length:
            taken = feed_body(rest);
            break;
        case state::chunk_line:
            taken = feed_chunk_line(rest);
            break;
        case state::chunk_data:
            taken = feed_chunk_data(rest);
            break;
        case state::chunk_end:
            taken = feed_chunk_end(rest);
            break;
        case state::trailer:
            taken = feed_trailer(rest);
            break;
        case state::complete:
        case state::refused:
            return used;
        }
        used += taken;
        if (taken == 0 && state_ == before)
            return used;
    }
}

std::size_t request_parser::feed_head(std::string_view bytes)
{
    // One empty line before a request is let pass (RFC 9112 section 2.2): old clients end a body with it.
    if (!skipped_line_ && bytes.starts_with("\r\n")) {
        skipped_line_ = true;
        scanned_ = 0;
        return 2;
    }
    // The end may begin in what was seen before; a bare LF is looked for at once, so that it is not waited on for ever.
    const auto from = scanned_ > 3 ? scanned_ - 3 : 0;
    const auto end = bytes.find("\r\n\r\n", from);
    const std::string_view head = bytes.substr(0, end == std::string_view::npos ? bytes.size() : end + 4);
    for (auto lf = head.find('\n', from); lf != std::string_view::npos; lf = head.find('\n', lf + 1)) {
        if (lf == 0 || head[lf - 1] != '\r')
            return refuse(400, "A line of the header ends without a carriage return."), 0;
    }
    if (head.size() > limits_.header_bytes_max)
        return refuse(431, "The header is larger than this server accepts."), 0;
    if (end == std::string_view::npos) {
        scanned_ = bytes.size();
        return 0;
    }
    return read_head(head.substr(0, head.size() - 2)) ? head.size() : 0;
}

// `head` is lines, each with its CRLF.
bool request_parser::read_head(std::string_view head)
{
    bool first = true;
    while (!head.empty()) {
        std::string_view line;
        if (take_line(head, line) != line_end::good)
            return refuse(400, "The header holds a carriage return inside a line.");
        head.remove_prefix(line.size() + 2);
        if (first ? !read_request_line(line) : !read_field(line, true))
            return false;
        first = false;
    }
    return read_target() && read_connection() && read_framing();
}

bool request_parser::read_request_line(std::string_view line)
{
    const auto a = line.find(' ');
    const auto b = line.rfind(' ');
    if (a == std::string_view::npos || a == b)
        return refuse(400, "The request line is not method, target and version.");
    const std::string_view method = line.substr(0, a);
    const std::string_view target = line.substr(a + 1, b - a - 1);
    const std::string_view version = line.substr(b + 1);
    if (!is_token(method))
        return refuse(400, "The method holds a character that no method may hold.");
    if (!is_visible_ascii(target))
        return refuse(400, "The target holds a blank, a control or a byte that is not ASCII.");
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' || !is_digit(version[7]))
        return refuse(400, "The request line does not end in a version.");
    if (version[5] != '1')
        return refuse(505, "This server speaks HTTP/1.1.");
    old_ = version[7] == '0';
    request_.method = method;
    request_.target = target;
    return true;
}

bool request_parser::read_target()
{
    std::string_view rest = request_.target;
    if (rest == "*") {
        if (request_.method != "OPTIONS")
            return refuse(400, "The target * belongs to OPTIONS.");
    }
    else if (rest.front() != '/') {
        // absolute-form, as sent to a proxy; a server must accept it (RFC 9112 section 3.2.2).
        const auto scheme = rest.find("://");
        if (scheme == std::string_view::npos || !(rest.starts_with("http:") || rest.starts_with("https:")))
            return refuse(400, "The target is not a path.");
        rest.remove_prefix(scheme + 3);
        rest.remove_prefix(std::min(rest.find_first_of("/?"), rest.size()));
    }
    if (rest.find('#') != std::string_view::npos)
        return refuse(400, "The target holds a fragment.");
    const auto question = std::min(rest.find('?'), rest.size());
    request_.path = rest.substr(0, question);
    if (request_.path.empty())
        request_.path = "/";
    request_.query = rest.substr(std::min(question + 1, rest.size()));
    return true;
}

bool request_parser::read_field(std::string_view line, bool keep)
{
    if (line.starts_with(' ') || line.starts_with('\t'))
        return refuse(400, "A field is folded over lines.");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
        return refuse(400, "A field has no colon.");
    const std::string_view name = line.substr(0, colon);
    if (!is_token(name))
        return refuse(400, "A field name is empty or holds a character that no name may hold.");
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!is_field_value(value))
        return refuse(400, "A field value holds a control character.");
    if (keep)
        request_.fields.add(name, value);
    return true;
}

bool request_parser::read_connection()
{
    keeps_alive_ = !old_;
    std::size_t hosts = 0;
    for (const header& field : request_.fields) {
        if (equal_ignoring_case(field.name, "host")) {
            ++hosts;
            if (field.value.find_first_of(" \t,/@?#") != std::string::npos)
                return refuse(400, "The Host field is not a host.");
        }
        else if (equal_ignoring_case(field.name, "connection")) {
            for (std::string_view list = field.value; !list.empty();) {
                const std::string_view option = next_member(list);
                if (equal_ignoring_case(option, "close"))
                    keeps_alive_ = false;
                else if (old_ && equal_ignoring_case(option, "keep-alive"))
                    keeps_alive_ = true;
            }
        }
        else if (equal_ignoring_case(field.name, "expect")) {
            if (!equal_ignoring_case(field.value, "100-continue"))
                return refuse(417, "The only expectation known here is 100-continue.");
            expects_continue_ = !old_;
        }
    }
    if (hosts > 1 || (hosts == 0 && !old_))
        return refuse(400, "A request has exactly one Host field.");
    return true;
}

bool request_parser::read_framing()
{
    bool chunked = false;
    bool sized = false;
    for (const header& field : request_.fields) {
        if (equal_ignoring_case(field.name, "transfer-encoding")) {
            if (chunked)
                return refuse(400, "Transfer-Encoding stands twice.");
            if (!equal_ignoring_case(field.value, "chunked"))
                return refuse(501, "The only transfer coding known here is chunked.");
            chunked = true;
        }
        else if (equal_ignoring_case(field.name, "content-length")) {
            const std::uint64_t before = left_;
            if (!read_content_length(field.value))
                return false;
            if (sized && left_ != before)
                return refuse(400, "Content-Length stands twice and differs.");
            sized = true;
        }
    }
    if (chunked && (sized || old_))
        return refuse(400, "Transfer-Encoding beside Content-Length, or in HTTP/1.0: the length would be ambiguous.");
    if (chunked) {
        left_ = 0;
        state_ = state::chunk_line;
        return true;
    }
    if (left_ > limits_.body_bytes_max)
        return refuse(413, "The body is larger than this server accepts.");
    state_ = left_ > 0 ? state::body_by_length : state::complete;
    return true;
}

bool request_parser::read_content_length(std::string_view value)
{
    if (value.empty() || !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return refuse(400, "Content-Length is not a number.");
    value.remove_prefix(std::min(value.find_first_not_of('0'), value.size()));
    if (value.size() > 18) // 10^18 fits; anything of more digits exceeds every limit
        return refuse(413, "The body is larger than this server accepts.");
    left_ = 0;
    for (const char c : value)
        left_ = left_ * 10 + static_cast<std::uint64_t>(c - '0');
    return true;
}

std::size_t request_parser::feed_body(std::string_view bytes)
{
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    request_.body.resize(filled_); // after reading in place, it may be longer
    request_.body.append(bytes.substr(0, n));
    filled_ += n;
    left_ -= n;
    if (left_ == 0)
        state_ = state::complete;
    return n;
}

std::span<char> request_parser::body_room(std::size_t most)
{
    if (state_ != state::body_by_length)
        return {};
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, most));
    if (request_.body.size() < filled_ + n)
        request_.body.resize(filled_ + n);
    return {request_.body.data() + filled_, n};
}

void request_parser::body_filled(std::size_t n)
{
    LAMBENT_ASSERT(state_ == state::body_by_length && n <= left_, "no more is filled than was given");
    filled_ += n;
    left_ -= n;
    if (left_ == 0) {
        request_.body.resize(filled_);
        state_ = state::complete;
    }
}

std::size_t request_parser::feed_chunk_line(std::string_view bytes)
{
    std::string_view line;
    const auto ending = take_line(bytes, line);
    if (ending == line_end::bad)
        return refuse(400, "The line of a chunk's size does not end in CRLF."), 0;
    if (ending == line_end::missing) {
        if (bytes.size() > chunk_line_max)
            refuse(400, "The line of a chunk's size is too long.");
        return 0;
    }
    if (line.size() > chunk_line_max)
        return refuse(400, "The line of a chunk's size is too long."), 0;
    std::size_t digits = 0;
    std::uint64_t size = 0;
    while (digits < line.size() && hex_value(line[digits]) >= 0) {
        if (size >> 56 != 0) // four more bits would still fit; beyond every limit long before
            return refuse(413, "The body is larger than this server accepts."), 0;
        size = size * 16 + static_cast<std::uint64_t>(hex_value(line[digits++]));
    }
    // Extensions are known to nobody; they are read over if they are at least text (RFC 9112 section 7.1.1).
    const std::string_view extension = line.substr(digits);
    if (digits == 0 || (!extension.empty() && extension.front() != ';') || !is_field_value(extension))
        return refuse(400, "A chunk's size is not a hexadecimal number."), 0;
    if (size > limits_.body_bytes_max - filled_)
        return refuse(413, "The body is larger than this server accepts."), 0;
    left_ = size;
    state_ = size == 0 ? state::trailer : state::chunk_data;
    return line.size() + 2;
}

std::size_t request_parser::feed_chunk_data(std::string_view bytes)
{
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    request_.body.append(bytes.substr(0, n));
    filled_ += n;
    left_ -= n;
    if (left_ == 0)
        state_ = state::chunk_end;
    return n;
}

std::size_t request_parser::feed_chunk_end(std::string_view bytes)
{
    constexpr std::string_view crlf = "\r\n";
    if (bytes.substr(0, 2) != crlf.substr(0, std::min<std::size_t>(bytes.size(), 2)))
        return refuse(400, "A chunk is longer than its size says."), 0;
    if (bytes.size() < 2)
        return 0;
    state_ = state::chunk_line;
    return 2;
}

std::size_t request_parser::feed_trailer(std::string_view bytes)
{
    std::string_view line;
    const auto ending = take_line(bytes, line);
    if (ending == line_end::bad)
        return refuse(400, "A line of the trailer does not end in CRLF."), 0;
    const std::size_t length = ending == line_end::missing ? bytes.size() : line.size() + 2;
    if (trailer_bytes_ + length > limits_.header_bytes_max)
        return refuse(431, "The trailer is larger than this server accepts."), 0;
    if (ending == line_end::missing)
        return 0;
    trailer_bytes_ += length;
    // Trailers are checked and dropped: nothing here uses one, and merged they could change what was decided on the head.
    if (line.empty())
        state_ = state::complete;
    else if (!read_field(line, false))
        return 0;
    return length;
}

void request_parser::next()
{
    LAMBENT_ASSERT(complete(), "the next request is read once this one is complete");
    const limits kept = limits_;
    std::string remote = std::move(request_.remote_address);
    const bool tls = request_.tls;
    *this = request_parser(kept);
    request_.remote_address = std::move(remote);
    request_.tls = tls;
}

} // namespace lambent::http
