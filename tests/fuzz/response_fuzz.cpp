// Any bytes as responses: whole, cut once, byte by byte, or after one that differs in a byte, the parser says the same, and stays within its
// limits.
#include <lambent/http/response_parser.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace lambent;
using state = http::response_parser::state;

constexpr http::response_limits limits{512, 256};

std::string told(http::response_parser& parser, std::string_view text, std::size_t cut, bool single, bool head, bool clean)
{
    parser.begin(head);
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t until = single ? at + 1 : at < cut ? cut : text.size();
        const std::string piece(text.substr(at, until - at)); // its memory goes before the next piece comes
        const std::size_t used = parser.feed({piece.data(), piece.size()});
        if (used > piece.size())
            std::abort();
        at += used;
        if (parser.where() == state::complete) {
            const http::response_view view = parser.view();
            std::string out = std::to_string(view.status) + "|" + std::string(view.reason) + "|";
            for (const auto& field : view.fields)
                out.append(field.name).append("=").append(field.value).append(";");
            if (view.body.size() > limits.body_bytes_max)
                std::abort();
            return out.append("|").append(view.body).append("|").append(std::to_string(at)).append(parser.keep_alive() ? "+" : "-");
        }
        if (parser.where() == state::failed)
            return std::to_string(static_cast<int>(parser.error().code.value()));
        if (used != piece.size())
            std::abort();
    }
    parser.end(clean);
    if (parser.where() == state::complete)
        return "until close|" + std::string(parser.view().body);
    return parser.where() == state::failed ? std::to_string(static_cast<int>(parser.error().code.value())) : "open";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    const bool head = (data[0] & 1) != 0;
    const bool clean = (data[0] & 2) != 0;
    http::response_parser parser(limits);
    const std::string whole = told(parser, text, 0, false, head, clean);
    // One parser after another response, and a fresh one.
    http::response_parser fresh(limits);
    if (told(parser, text, text.empty() ? 0 : data[1] % text.size(), false, head, clean) != whole)
        std::abort();
    if (told(fresh, text, 0, true, head, clean) != whole)
        std::abort();
    // After a response that differs in one byte, or in none, whose head is remembered.
    http::head_memory heads;
    http::response_parser remembering(limits, &heads);
    std::string before(text);
    if (!before.empty())
        before[data[1] % before.size()] = static_cast<char>('0' + (data[0] >> 2) % 10);
    told(remembering, before, 0, false, head, clean);
    for (int again = 0; again < 2; ++again)
        if (told(remembering, text, 0, false, head, clean) != whole)
            std::abort();
    return 0;
}
