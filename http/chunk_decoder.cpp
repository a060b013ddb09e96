#include <lambent/http/chunk_decoder.hpp>

#include <lambent/http/syntax.hpp>

#include <algorithm>

namespace lambent::http {
namespace {

constexpr unsigned size_digits_max = 16; // what fits 64 bits (RFC 9112 §7.1: anticipate large numerals, prevent overflow)

} // namespace

void chunk_decoder::begin() noexcept
{
    state_ = state::open;
    part_ = part::size_first;
    overhead_ = 0;
    line_.clear();
}

void chunk_decoder::fail(errc code, const char* why) noexcept
{
    state_ = state::failed;
    code_ = code;
    why_ = why;
}

std::size_t chunk_decoder::feed(std::span<const char> bytes, std::string& body)
{
    std::size_t at = 0;
    while (at < bytes.size() && state_ == state::open) {
        if (part_ != part::data) {
            control(bytes[at++]);
            continue;
        }
        const std::size_t taken = std::min<std::uint64_t>(left_, bytes.size() - at);
        if (taken > body_max_ - body.size()) {
            fail(errc::body_too_large, "the body is larger than body_bytes_max");
            break;
        }
        body.append(bytes.data() + at, taken);
        at += taken;
        left_ -= taken;
        if (left_ == 0)
            part_ = part::data_cr;
    }
    return at;
}

void chunk_decoder::control(char c)
{
    switch (part_) {
    case part::size_first:
        left_ = 0;
        digits_ = 0;
        if (hex_digit(c) < 0)
            return fail(errc::malformed_response, "a chunk size does not begin with a hexadecimal digit");
        part_ = part::size;
        return size_char(c);
    case part::size:
        return size_char(c);
    case part::extension:
        if (++overhead_ > overhead_max_)
            return fail(errc::header_too_large, "the chunk extensions are larger than header_bytes_max");
        if (c == '\r')
            part_ = part::size_lf;
        else if (!is_text_char(c))
            return fail(errc::malformed_response, "a chunk extension holds a line feed or control characters");
        return;
    case part::size_lf:
        if (c != '\n')
            return fail(errc::malformed_response, "a chunk size line ends with a bare carriage return");
        part_ = left_ == 0 ? part::trailer : part::data;
        return;
    case part::data_cr:
        if (c != '\r')
            return fail(errc::malformed_response, "a chunk is longer than its size");
        part_ = part::data_lf;
        return;
    case part::data_lf:
        if (c != '\n')
            return fail(errc::malformed_response, "a chunk is not followed by CRLF");
        part_ = part::size_first;
        return;
    case part::trailer:
        if (++overhead_ > overhead_max_)
            return fail(errc::header_too_large, "the trailers are larger than header_bytes_max");
        if (c != '\n')
            line_ += c;
        else
            trailer_line();
        return;
    case part::data:
        return;
    }
}

void chunk_decoder::size_char(char c)
{
    const int digit = hex_digit(c);
    if (digit >= 0) {
        if (++digits_ > size_digits_max)
            return fail(errc::malformed_response, "a chunk size has more than 16 digits");
        left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        if (left_ > body_max_)
            return fail(errc::body_too_large, "the chunked body is larger than body_bytes_max");
        return;
    }
    if (c == '\r')
        part_ = part::size_lf;
    else if (c == ';')
        part_ = part::extension;
    else
        fail(errc::malformed_response, "a chunk size holds what is no hexadecimal digit");
}

/// Trailers are checked as fields are and then dropped (RFC 9110 §6.5.1: they must not be merged unasked).
void chunk_decoder::trailer_line()
{
    if (line_.empty() || line_.back() != '\r')
        return fail(errc::malformed_response, "a trailer line ends with a bare line feed");
    line_.pop_back();
    if (line_.empty()) {
        state_ = state::complete;
        return;
    }
    if (split_field(line_).wrong != nullptr)
        return fail(errc::malformed_response, "a trailer is not a header field");
    line_.clear();
}

} // namespace lambent::http
