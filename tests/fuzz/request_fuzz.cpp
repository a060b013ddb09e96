// Any bytes as requests to the server: whole, cut once, byte by byte or read in place, the parser says the same, and stays within its limits.
#include <lambent/http/request_parser.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace lambent;

constexpr http::request_parser::limits limits{512, 256};
constexpr int requests_max = 8;

enum class pieces { whole, cut, single, in_place };

void check(bool promise)
{
    if (!promise)
        std::abort();
}

void append_request(std::string& out, http::request_parser& parser)
{
    const http::server_request& request = parser.request();
    check(request.body.size() <= limits.body_bytes_max);
    out += request.method + "|" + request.target + "|" + request.path + "|" + request.query + "|";
    for (const auto& field : request.fields)
        out.append(field.name).append("=").append(field.value).append(";");
    out.append("|").append(request.body).append(parser.keeps_alive() ? "|+" : "|-").append(parser.is_old() ? "o" : "");
    out.append(parser.expects_continue() ? "c\n" : "\n");
}

/// Every request of `text`, then how it ended. As the server does: what the parser leaves is given again with more behind it.
std::string told(std::string_view text, pieces how, std::size_t cut)
{
    http::request_parser parser(limits);
    std::string out;
    std::string kept;
    int requests = 0;
    for (;;) {
        const std::size_t used = parser.feed(std::string(kept)); // its memory goes before the next bytes come
        check(used <= kept.size());
        kept.erase(0, used);
        if (parser.refused()) {
            // Which of two flaws is met first depends on the cuts (a head too large, a lone LF in it); that it is refused does not.
            check(parser.why().status >= 400 && parser.why().status < 600 && !parser.why().reason.empty());
            return out + "refused";
        }
        if (parser.complete()) {
            append_request(out, parser);
            if (++requests == requests_max)
                return out;
            parser.next();
            continue;
        }
        if (text.empty())
            return out + "open";
        if (how == pieces::in_place && kept.empty()) {
            if (const std::span<char> room = parser.body_room(text.size()); !room.empty()) {
                check(room.size() <= text.size());
                std::memcpy(room.data(), text.data(), room.size());
                parser.body_filled(room.size());
                text.remove_prefix(room.size());
                continue;
            }
        }
        std::size_t size = text.size();
        if (how == pieces::single)
            size = 1;
        else if (how == pieces::cut && cut > 0 && cut < size)
            size = std::exchange(cut, 0);
        kept += text.substr(0, size);
        text.remove_prefix(size);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 1)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string whole = told(text, pieces::whole, 0);
    check(told(text, pieces::cut, text.empty() ? 0 : data[0] % text.size()) == whole);
    check(told(text, pieces::single, 0) == whole);
    check(told(text, pieces::in_place, 0) == whole);
    return 0;
}
