// An independent parser as referee: what ours accepts, Beast's reads the same way.
#include <lambent/http/response_parser.hpp>
#include <lambent/http/status.hpp>

#include <support/catch.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace lambent;
namespace beast = boost::beast::http;

namespace {

struct reading
{
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
};

std::optional<reading> ours(const std::string& text)
{
    http::response_parser parser{http::response_limits{}};
    parser.begin(false);
    parser.feed({text.data(), text.size()});
    if (parser.where() != http::response_parser::state::complete)
        return std::nullopt;
    const http::response_view view = parser.view();
    reading out{view.status, {}, std::string(view.body)};
    for (const auto& field : view.fields)
        out.fields.emplace_back(field.name, field.value);
    return out;
}

std::optional<reading> beasts(const std::string& text)
{
    beast::response_parser<beast::string_body> parser;
    parser.eager(true);
    parser.body_limit(8 << 20);
    parser.header_limit(64 * 1024);
    boost::system::error_code ec;
    std::size_t used = 0;
    while (used < text.size() && !parser.is_done()) {
        const std::size_t n = parser.put(boost::asio::buffer(text.data() + used, text.size() - used), ec);
        used += n;
        if (ec == beast::error::need_more || n == 0)
            break;
        if (ec)
            return std::nullopt;
    }
    if (!parser.is_done())
        return std::nullopt;
    const auto& message = parser.get();
    reading out{static_cast<int>(message.result_int()), {}, message.body()};
    for (const auto& field : message)
        out.fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
    return out;
}

std::vector<std::string> responses()
{
    return {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-amzn-RequestId: abc\r\nX-Amz-Function-Error: Unhandled\r\n"
        "Content-Length: 21\r\n\r\n{\"errorMessage\":\"no\"}",
        "HTTP/1.1 204 No Content\r\nX-Amz-Executed-Version: $LATEST\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6; x=y\r\n world\r\n0\r\n\r\n",
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 502 \r\ncontent-length:   3  \r\n\r\nbad",
    };
}

} // namespace

TEST_CASE("response parser: well-formed responses are read as Beast reads them", "[http][referee]")
{
    for (const std::string& text : responses()) {
        CAPTURE(text);
        const auto mine = ours(text);
        const auto other = beasts(text);
        REQUIRE(mine);
        REQUIRE(other);
        CHECK(mine->status == other->status);
        CHECK(mine->fields == other->fields);
        CHECK(mine->body == other->body);
    }
}

TEST_CASE("response parser: what it accepts after any one byte was changed, Beast accepts too, with the same body", "[http][referee]")
{
    std::size_t accepted = 0;
    for (const std::string& text : responses()) {
        // Chunk extensions and unknown options of Connection are ignored unread (RFC 9112 §7.1.1, RFC 9110 §7.6.1); Beast looks into them.
        if (text.find(';') != std::string::npos || text.find("Connection") != std::string::npos)
            continue;
        for (std::size_t at = 0; at < text.size(); ++at) {
            for (const char with : {' ', '\r', '\n', ':', '0', 'x', '\t', '\x7f'}) {
                std::string changed = text;
                changed[at] = with;
                const auto mine = ours(changed);
                if (!mine)
                    continue;
                const auto other = beasts(changed);
                CAPTURE(changed, at);
                // Beast asks for HTTP/1.0 or 1.1 and knows statuses up to 999; ours is at least as strict.
                REQUIRE(other);
                CHECK(mine->status == other->status);
                CHECK(mine->body == other->body);
                ++accepted;
            }
        }
    }
    CHECK(accepted > 100);
}

TEST_CASE("status: every status has a phrase", "[http]")
{
    CHECK(http::reason_phrase(200) == "OK");
    CHECK(http::reason_phrase(429) == "Too Many Requests");
    CHECK(http::reason_phrase(299) == "Success");
    CHECK(http::reason_phrase(590) == "Server Error");
}
