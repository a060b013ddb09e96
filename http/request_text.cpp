#include <lambent/http/request_text.hpp>

#include <lambent/http/syntax.hpp>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace lambent::http {
namespace {

core::error refused(std::string why)
{
    core::error out;
    out.code = errc::invalid_request;
    out.detail = "the request was not sent: " + std::move(why);
    return out;
}

/// RFC 9110 §8.6: a length is sent with methods that give content a meaning even where it is empty.
bool wants_length(const request_view& request) noexcept
{
    return !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
}

} // namespace

core::result<void> request_text::check() const
{
    if (!is_token(request_.method))
        return refused("the method is not a token");
    const std::string_view target = request_.target;
    if (target.empty() || (target.front() != '/' && target != "*"))
        return refused("the target must begin with '/'");
    if (std::any_of(target.begin(), target.end(), [](char c) { return c == ' ' || c == '\t' || !is_text_char(c); }))
        return refused("the target holds blanks or control characters; percent-encode them");
    if (to_.host.empty() || std::any_of(to_.host.begin(), to_.host.end(), [](char c) { return c == ' ' || c == '/' || !is_text_char(c); }))
        return refused("the host is empty or holds blanks, slashes or control characters");
    if (request_.fields == nullptr)
        return {};
    for (const header& field : *request_.fields) {
        if (!is_token(field.name))
            return refused("a header name is not a token");
        for (const std::string_view own : {"Host", "Content-Length", "Transfer-Encoding"})
            if (equal_ignoring_case(field.name, own))
                return refused(std::string(own) + " is written by the client itself");
        if (!is_text(field.value))
            return refused("the value of header " + field.name + " holds control characters");
    }
    return {};
}

core::result<void> request_text::write(std::string& out)
{
    out.append(request_.method).append(" ").append(request_.target).append(" HTTP/1.1\r\nHost: ").append(to_.authority()).append("\r\n");
    if (request_.fields != nullptr) {
        for (const header& field : *request_.fields)
            out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    if (wants_length(request_)) {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, request_.body.size());
        out.append("Content-Length: ").append(digits, end.ptr).append("\r\n");
    }
    if (last_ != nullptr) {
        if (auto finished = last_->finish(out); !finished)
            return finished;
    }
    out.append("\r\n").append(request_.body);
    return {};
}

} // namespace lambent::http
