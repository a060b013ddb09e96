#include <lambent/http/response_parser.hpp>

#include <lambent/http/syntax.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace lambent::http {
namespace {

constexpr std::size_t fields_max = 1000;       // of one response; 64 KiB could hold 16,000 of four bytes
constexpr unsigned interim_max = 16;           // 1xx responses before the final one
constexpr std::size_t kept_bytes_max = 8 * 1024; // of a buffer kept from one response to the next
constexpr std::size_t kept_fields_max = 64;

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

} // namespace

void response_parser::begin(bool answers_head) noexcept
{
    state_ = state::head;
    answers_head_ = answers_head;
    started_ = false;
    head_known_ = false;
    interim_ = 0;
    body_view_ = {};
    body_borrowed_ = false;
    body_.clear();
    restart_head();
    if (body_.capacity() > kept_bytes_max)
        std::string().swap(body_);
    if (head_.capacity() > kept_bytes_max)
        std::string().swap(head_);
    if (fields_.capacity() > kept_fields_max)
        std::vector<field_view>().swap(fields_);
}

void response_parser::restart_head() noexcept
{
    head_.clear();
    borrowed_head_ = {};
    reason_ = {};
    fields_.clear();
    line_start_ = 0;
    scanned_ = 0;
    facts_ = {};
    framing_ = framing::none;
    keep_alive_ = true;
}

void response_parser::fail(errc code, const char* why) noexcept
{
    state_ = state::failed;
    keep_alive_ = false;
    code_ = code;
    why_ = why;
}

core::error response_parser::error() const
{
    core::error out;
    out.code = code_;
    out.detail = code_ == errc::malformed_response ? "malformed HTTP response: " : "";
    out.detail += why_;
    return out;
}

std::size_t response_parser::feed(std::span<const char> bytes)
{
    if (bytes.empty() || state_ == state::complete || state_ == state::failed)
        return 0;
    started_ = true;
    std::size_t used = 0;
    if (state_ == state::head)
        used = feed_head(bytes);
    if (state_ == state::body)
        used += feed_body(bytes.subspan(used));
    if (state_ == state::head || state_ == state::body)
        keep_head();
    return used;
}

std::size_t response_parser::feed_head(std::span<const char> bytes)
{
    // Where nothing was kept, the head is parsed in the caller's bytes; else in `head_`, to which all bytes are added.
    std::string_view text(bytes.data(), bytes.size());
    const bool borrowed = head_.empty();
    if (borrowed) {
        if (recall(text))
            return head_known_ ? line_start_ : bytes.size();
        borrowed_head_ = text;
    } else {
        grow_head(bytes);
        text = head_;
    }
    while (parse_lines(text)) {
        const std::size_t end = line_start_;
        if (facts_.status < 200) {
            // Interim (100, 103): skipped. What follows is the next head, over which the limits count anew.
            if (++interim_ > interim_max) {
                fail(errc::malformed_response, "too many interim responses");
                return bytes.size();
            }
            text.remove_prefix(end);
            std::string rest;
            if (!borrowed)
                rest.assign(text);
            restart_head();
            if (borrowed) {
                borrowed_head_ = text;
            } else {
                head_.swap(rest);
                text = head_;
            }
            continue;
        }
        const std::size_t surplus = text.size() - end;
        if (borrowed)
            borrowed_head_ = text.substr(0, end);
        else
            head_.resize(end);
        decide_framing();
        if (borrowed && heads_ != nullptr && state_ != state::failed)
            heads_->offer(borrowed_head_, reason_, fields_, facts_);
        return bytes.size() - surplus;
    }
    if (state_ != state::failed && text.size() > limits_.header_bytes_max)
        fail(errc::header_too_large, "the response header is larger than header_bytes_max");
    return bytes.size();
}

bool response_parser::recall(std::string_view text)
{
    const std::size_t end = heads_ != nullptr ? heads_->match(text) : 0;
    if (end == 0)
        return false;
    borrowed_head_ = text.substr(0, end);
    line_start_ = end;
    facts_ = heads_->facts();
    reason_ = heads_->place(text.data(), fields_);
    if (facts_.has_length) {
        facts_.has_length = false;
        note_length(fields_[heads_->length_field()].value);
    }
    if (state_ != state::failed)
        decide_framing();
    return true;
}

bool response_parser::parse_lines(std::string_view text)
{
    for (;;) {
        if (facts_.status != 0 && scanned_ <= line_start_ && take_plain_field(text)) {
            if (state_ == state::failed)
                return false;
            continue;
        }
        const std::size_t from = std::max(line_start_, scanned_);
        const void* feed_at = from < text.size() ? std::memchr(text.data() + from, '\n', text.size() - from) : nullptr;
        if (feed_at == nullptr) {
            scanned_ = text.size();
            return false;
        }
        const auto end = static_cast<std::size_t>(static_cast<const char*>(feed_at) - text.data());
        // Before anything else is said about the line, so that the same is said however the bytes were cut.
        if (end >= limits_.header_bytes_max) {
            fail(errc::header_too_large, "the response header is larger than header_bytes_max");
            return false;
        }
        if (end == line_start_ || text[end - 1] != '\r') {
            fail(errc::malformed_response, "a line ends with a bare line feed");
            return false;
        }
        const std::string_view line = text.substr(line_start_, end - 1 - line_start_);
        line_start_ = end + 1;
        if (facts_.status == 0)
            parse_status_line(line);
        else if (line.empty())
            return true;
        else
            parse_field(line);
        if (state_ == state::failed)
            return false;
    }
}

void response_parser::parse_status_line(std::string_view line)
{
    // "HTTP/1.1 200 OK"; the reason may be empty, and the blank before it missing (RFC 9112 §4: clients should not mind).
    if (line.size() < 12 || !line.starts_with("HTTP/1.") || (line[7] != '1' && line[7] != '0') || line[8] != ' ')
        return fail(errc::malformed_response, "the status line does not begin with HTTP/1.1 or HTTP/1.0");
    facts_.http10 = line[7] == '0';
    if (!is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]) || (line.size() > 12 && line[12] != ' '))
        return fail(errc::malformed_response, "the status is not three digits");
    facts_.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    if (facts_.status < 100 || facts_.status == 101)
        return fail(errc::malformed_response, "the status is below 100, or 101 that nobody asked for");
    reason_ = line.size() > 13 ? line.substr(13) : std::string_view();
    if (!is_text(reason_))
        return fail(errc::malformed_response, "the reason holds control characters");
}

// What it does not take, the general way judges, so that the same is said of a line however it came.
bool response_parser::take_plain_field(std::string_view text)
{
    const std::string_view rest = text.substr(line_start_);
    const std::size_t colon = token_prefix(rest);
    if (colon == 0 || colon == rest.size() || rest[colon] != ':' || fields_.size() >= fields_max)
        return false;
    const std::size_t end = colon + 1 + text_prefix(rest.substr(colon + 1));
    if (rest.size() - end < 2 || rest[end] != '\r' || rest[end + 1] != '\n' || line_start_ + end + 1 >= limits_.header_bytes_max)
        return false;
    const std::string_view name = rest.substr(0, colon);
    const std::string_view value = trimmed(rest.substr(colon + 1, end - colon - 1));
    fields_.emplace_back(name, value);
    line_start_ += end + 2;
    note_field(name, value);
    return true;
}

void response_parser::parse_field(std::string_view line)
{
    const field_line field = split_field(line);
    if (field.wrong != nullptr)
        return fail(errc::malformed_response, field.wrong);
    if (fields_.size() >= fields_max)
        return fail(errc::header_too_large, "the response has more than 1000 header fields");
    fields_.push_back({field.name, field.value});
    note_field(field.name, field.value);
}

void response_parser::note_field(std::string_view name, std::string_view value)
{
    switch (name.size()) {
    case 10:
        if (equal_ignoring_case(name, "connection"))
            note_connection(value);
        break;
    case 14:
        if (equal_ignoring_case(name, "content-length"))
            note_length(value);
        break;
    case 17:
        if (equal_ignoring_case(name, "transfer-encoding")) {
            if (facts_.chunked || !equal_ignoring_case(value, "chunked"))
                return fail(errc::malformed_response, "a transfer coding other than chunked, or chunked twice");
            facts_.chunked = true;
        }
        break;
    default:
        break;
    }
}

void response_parser::note_length(std::string_view value)
{
    std::uint64_t length = 0;
    const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (ec == std::errc::result_out_of_range)
        return fail(errc::body_too_large, "the Content-Length is larger than body_bytes_max");
    // from_chars takes no sign but "-" for signed types, so digits alone remain.
    if (ec != std::errc{} || end != value.data() + value.size())
        return fail(errc::malformed_response, "the Content-Length is not a decimal number");
    if (facts_.has_length && length != facts_.length)
        return fail(errc::malformed_response, "two different Content-Lengths");
    facts_.has_length = true;
    facts_.length = length;
}

void response_parser::note_connection(std::string_view value)
{
    while (!value.empty()) {
        const std::size_t comma = value.find(',');
        const std::string_view option = trimmed(value.substr(0, comma));
        facts_.asks_close = facts_.asks_close || equal_ignoring_case(option, "close");
        facts_.asks_keep_alive = facts_.asks_keep_alive || equal_ignoring_case(option, "keep-alive");
        value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
    }
}

/// RFC 9112 §6.3, with the cases it lets a client refuse refused.
void response_parser::decide_framing()
{
    keep_alive_ = !facts_.asks_close && (!facts_.http10 || facts_.asks_keep_alive);
    if (facts_.chunked && (facts_.has_length || facts_.http10))
        return fail(errc::malformed_response, "Transfer-Encoding together with Content-Length or HTTP/1.0");
    state_ = state::body;
    head_known_ = true;
    if (answers_head_ || facts_.status == 204 || facts_.status == 304) {
        framing_ = framing::none;
        // A 204 that announces a body may send one: nothing after it can be trusted.
        if (!answers_head_ && facts_.status == 204 && (facts_.chunked || (facts_.has_length && facts_.length > 0)))
            keep_alive_ = false;
    } else if (facts_.chunked) {
        framing_ = framing::chunked;
        chunks_.begin();
    } else if (facts_.has_length) {
        framing_ = facts_.length == 0 ? framing::none : framing::length;
        if (facts_.length > limits_.body_bytes_max)
            return fail(errc::body_too_large, "the Content-Length is larger than body_bytes_max");
    } else {
        framing_ = framing::until_close;
        keep_alive_ = false;
    }
    if (framing_ == framing::none)
        state_ = state::complete;
}

std::size_t response_parser::feed_body(std::span<const char> bytes)
{
    switch (framing_) {
    case framing::none:
        return 0;
    case framing::length:
        return feed_length(bytes);
    case framing::chunked:
        return feed_chunked(bytes);
    case framing::until_close:
        append_body(bytes);
        return bytes.size();
    }
    return 0;
}

std::size_t response_parser::feed_length(std::span<const char> bytes)
{
    const auto length = static_cast<std::size_t>(facts_.length);
    if (body_.empty() && bytes.size() >= length) {
        body_view_ = std::string_view(bytes.data(), length);
        body_borrowed_ = true;
        state_ = state::complete;
        return length;
    }
    if (bytes.empty())
        return 0;
    if (body_.empty())
        body_.reserve(length); // at most body_bytes_max
    const std::size_t taken = std::min(length - body_.size(), bytes.size());
    body_.append(bytes.data(), taken);
    if (body_.size() == length)
        state_ = state::complete;
    return taken;
}

std::size_t response_parser::feed_chunked(std::span<const char> bytes)
{
    const std::size_t used = chunks_.feed(bytes, body_);
    if (chunks_.where() == chunk_decoder::state::complete)
        state_ = state::complete;
    else if (chunks_.where() == chunk_decoder::state::failed)
        fail(chunks_.code(), chunks_.why());
    return used;
}

void response_parser::append_body(std::span<const char> bytes)
{
    if (bytes.size() > limits_.body_bytes_max - body_.size())
        return fail(errc::body_too_large, "the body is larger than body_bytes_max");
    body_.append(bytes.data(), bytes.size());
}

void response_parser::end(bool clean)
{
    if (state_ == state::complete || state_ == state::failed)
        return;
    if (!started_)
        return fail(errc::reset_before_response, "EOF");
    if (state_ == state::body && framing_ == framing::until_close && clean) {
        state_ = state::complete;
        return;
    }
    fail(errc::truncated_response, "unexpected EOF");
}

void response_parser::grow_head(std::span<const char> bytes)
{
    if (head_.capacity() - head_.size() >= bytes.size()) {
        head_.append(bytes.data(), bytes.size());
        return;
    }
    std::string larger;
    larger.reserve(std::max(head_.size() + bytes.size(), 2 * head_.size()));
    larger.append(head_).append(bytes.data(), bytes.size());
    rebase(head_.data(), larger.data());
    head_.swap(larger);
}

void response_parser::keep_head()
{
    if (!head_.empty() || borrowed_head_.empty())
        return;
    std::string kept;
    kept.reserve(std::max<std::size_t>(borrowed_head_.size(), 1024)); // never in place, so that a swap keeps its address
    kept.append(borrowed_head_);
    rebase(borrowed_head_.data(), kept.data());
    head_.swap(kept);
    borrowed_head_ = {};
}

void response_parser::rebase(const char* from, const char* to) noexcept
{
    const auto moved = [from, to](std::string_view& view) {
        if (view.data() != nullptr)
            view = std::string_view(to + (view.data() - from), view.size());
    };
    moved(reason_);
    for (field_view& field : fields_) {
        moved(field.name);
        moved(field.value);
    }
}

response_view response_parser::view() noexcept
{
    response_view out;
    out.status = facts_.status;
    out.reason = reason_;
    out.fields = fields_;
    out.body = body_borrowed_ ? body_view_ : std::string_view(body_);
    out.body_storage = body_borrowed_ ? nullptr : &body_;
    return out;
}

} // namespace lambent::http
