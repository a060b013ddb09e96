#include <lambent/http/request_parser.hpp>

#include <support/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace lambent;
using http::request_parser;
using namespace std::string_literals;

namespace {

struct seen
{
    std::vector<std::string> requests; ///< method target|name=value...|body
    int refused = 0;
    bool open_ended = false; ///< an incomplete request is left
    friend bool operator==(const seen&, const seen&) = default;
};

std::ostream& operator<<(std::ostream& out, const seen& s)
{
    for (const auto& r : s.requests)
        out << "<" << r << "> ";
    return out << "refused " << s.refused << (s.open_ended ? ", open-ended" : "");
}

std::string text_of(const http::server_request& r)
{
    std::string text = r.method + " " + r.target;
    for (const auto& f : r.fields)
        text += "|" + f.name + "=" + f.value;
    return text + "|" + r.body;
}

constexpr request_parser::limits small{.header_bytes_max = 200, .body_bytes_max = 100};

// As a connection does it: what was not taken is presented again, with what came since.
seen parse(const std::vector<std::string_view>& pieces, request_parser::limits limits = small)
{
    request_parser parser(limits);
    seen got;
    std::string held;
    for (const auto piece : pieces) {
        held += piece;
        for (;;) {
            held.erase(0, parser.feed(held));
            if (!parser.complete())
                break;
            got.requests.push_back(text_of(parser.request()));
            parser.next();
        }
        if (parser.refused()) {
            got.refused = parser.why().status;
            return got;
        }
    }
    got.open_ended = parser.head_complete() || !held.empty();
    return got;
}

seen parse_bytewise(std::string_view wire)
{
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < wire.size(); ++i)
        pieces.push_back(wire.substr(i, 1));
    return parse(pieces);
}

// However the bytes are cut, they mean the same.
seen parse_every_way(const std::string& wire)
{
    const seen whole = parse({wire});
    CHECK(parse_bytewise(wire) == whole);
    for (std::size_t cut = 1; cut < wire.size(); ++cut) {
        INFO("cut at " << cut);
        REQUIRE(parse({std::string_view(wire).substr(0, cut), std::string_view(wire).substr(cut)}) == whole);
    }
    return whole;
}

int refusal_of(const std::string& wire)
{
    INFO(wire);
    const seen got = parse_every_way(wire);
    CHECK(got.requests.empty());
    return got.refused;
}

std::string get(std::string_view fields) { return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n"; }
std::string post(std::string_view fields, std::string_view body)
{
    return "POST /p?q=1 HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

} // namespace

TEST_CASE("request parser: requests without and with a body, one after the other", "[http][server]")
{
    CHECK(parse_every_way(get("")).requests == std::vector{"GET /|Host=h|"s});
    CHECK(parse_every_way(post("Content-Length: 5\r\n", "hello") + get("A: b\r\n")).requests
        == std::vector{"POST /p?q=1|Host=h|Content-Length=5|hello"s, "GET /|Host=h|A=b|"s});
    CHECK(parse_every_way(post("Content-Length: 0\r\n", "")).requests.size() == 1);
    // The same length twice is one length.
    CHECK(parse_every_way(post("Content-Length: 5\r\ncontent-length: 5\r\n", "hello")).requests.size() == 1);
}

TEST_CASE("request parser: chunked bodies, extensions and trailers are read over", "[http][server]")
{
    const std::string fields = "Transfer-Encoding: chunked\r\n";
    CHECK(parse_every_way(post(fields, "5\r\nhello\r\n0\r\n\r\n") + get("")).requests
        == std::vector{"POST /p?q=1|Host=h|Transfer-Encoding=chunked|hello"s, "GET /|Host=h|"s});
    CHECK(parse_every_way(post("transfer-encoding: Chunked\r\n", "A;x=y\r\n0123456789\r\n001\r\nz\r\n0;last\r\nT: v\r\nU:\r\n\r\n")).requests
        == std::vector{"POST /p?q=1|Host=h|transfer-encoding=Chunked|0123456789z"s});
    CHECK(parse_every_way(post(fields, "0\r\n\r\n")).requests.size() == 1);
}

TEST_CASE("request parser: one empty line before a request is let pass, two are not", "[http][server]")
{
    CHECK(parse_every_way("\r\n" + get("")).requests.size() == 1);
    CHECK(refusal_of("\r\n\r\n" + get("")) == 400);
    CHECK(refusal_of("\n" + get("")) == 400);
}

TEST_CASE("request parser: what two readers could understand differently is refused", "[http][server]")
{
    // Framing
    CHECK(refusal_of(post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n")) == 400);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "5\r\nhello\r\n0\r\n\r\n")) == 400);
    CHECK(refusal_of(post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!")) == 400);
    CHECK(refusal_of(post("Content-Length: 0\r\nContent-Length: 6\r\n", "hello!")) == 400);
    CHECK(refusal_of(post("Content-Length: 5, 5\r\n", "hello")) == 400);
    for (const char* bad : {"", "+5", "-1", "0x5", "5 5", "5.", "five", "5;"})
        CHECK(refusal_of(post("Content-Length: "s + bad + "\r\n", "hello")) == 400);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")) == 400);
    CHECK(refusal_of(post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")) == 501);
    CHECK(refusal_of(post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")) == 501);
    CHECK(refusal_of(post("Transfer-Encoding: \x0b""chunked\r\n", "0\r\n\r\n")) == 400);
    CHECK(refusal_of("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);

    // Lines
    CHECK(refusal_of(get("A: b\r\n folded\r\n")) == 400);
    CHECK(refusal_of(get("A: b\r\n\tfolded\r\n")) == 400);
    CHECK(refusal_of("GET / HTTP/1.1\nHost: h\n\n") == 400);
    CHECK(refusal_of("GET / HTTP/1.1\r\nHost: h\n\r\n") == 400);
    CHECK(refusal_of(get("A: b\rC: d\r\n")) == 400);
    CHECK(refusal_of(get("A : b\r\n")) == 400);
    CHECK(refusal_of(get("A\r\n")) == 400);
    CHECK(refusal_of(get(": b\r\n")) == 400);
    CHECK(refusal_of(get("A(: b\r\n")) == 400);
    CHECK(refusal_of(get("A: b"s + '\0' + "\r\n")) == 400);
    CHECK(refusal_of(get("A: \x7f\r\n")) == 400);

    // Request line
    CHECK(refusal_of("GET  / HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET / a HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET /\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of(" GET / HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET / HTTP/1.1 \r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("G(T / HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET /#f HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET path HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET * HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET / http/1.1\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET / HTTP/1.10\r\nHost: h\r\n\r\n") == 400);
    CHECK(refusal_of("GET / HTTP/2.0\r\nHost: h\r\n\r\n") == 505);
    CHECK(refusal_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505);

    // Host, Expect
    CHECK(refusal_of("GET / HTTP/1.1\r\n\r\n") == 400);
    CHECK(refusal_of(get("Host: other\r\n")) == 400);
    CHECK(refusal_of("GET / HTTP/1.1\r\nHost: a b\r\n\r\n") == 400);
    CHECK(refusal_of(get("Expect: a pony\r\n")) == 417);
}

TEST_CASE("request parser: malformed chunks are refused", "[http][server]")
{
    const std::string fields = "Transfer-Encoding: chunked\r\n";
    for (const char* bad : {"\r\n", "x\r\n", "-1\r\n", "+1\r\na\r\n", "0x1\r\na\r\n", " 1\r\na\r\n", "1 \r\na\r\n", "1\na\r\n", "1\r\nab\r\n",
             "1\r\na\n0\r\n\r\n", "1\r\na0\r\n\r\n", "1;\x01\r\na\r\n", "0\r\nbad trailer\r\n\r\n", "0\r\nT: v\n\r\n", "0\r\n folded: v\r\n\r\n"})
        CHECK(refusal_of(post(fields, bad)) == 400);
    for (const char* huge : {"65\r\n", "ffffffffffffffff\r\n", "10000000000000000\r\n", "100000000000000000000000000000000\r\n"})
        CHECK(refusal_of(post(fields, huge)) == 413);
    // The second chunk is one too many.
    CHECK(refusal_of(post(fields, "64\r\n" + std::string(100, 'x') + "\r\n1\r\n")) == 413);
}

TEST_CASE("request parser: each limit holds exactly, and before the excess is kept", "[http][server]")
{
    const std::string bare = get("A: \r\n");
    CHECK(parse_every_way(get("A: " + std::string(200 - bare.size(), 'a') + "\r\n")).requests.size() == 1);
    CHECK(refusal_of(get("A: " + std::string(201 - bare.size(), 'a') + "\r\n")) == 431);
    CHECK(refusal_of("GET /" + std::string(1000, 'a')) == 431);
    CHECK(parse_every_way(post("Content-Length: 100\r\n", std::string(100, 'x'))).requests.size() == 1);
    CHECK(refusal_of(post("Content-Length: 101\r\n", "")) == 413);
    CHECK(refusal_of(post("Content-Length: 18446744073709551617\r\n", "")) == 413);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n", "1;" + std::string(2000, 'e'))) == 400);
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n", "0\r\nT: " + std::string(300, 't'))) == 431);
    std::string trailers = "0\r\n";
    for (int i = 0; i < 50; ++i)
        trailers += "T: v\r\n";
    CHECK(refusal_of(post("Transfer-Encoding: chunked\r\n", trailers)) == 431);
}

TEST_CASE("request parser: targets are split, absolute ones too", "[http][server]")
{
    const auto parts = [](const std::string& target, const char* method = "GET") {
        request_parser parser(small);
        const std::string wire = std::string(method) + " " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
        parser.feed(wire);
        REQUIRE(parser.complete());
        return parser.request().path + " ? " + parser.request().query;
    };
    CHECK(parts("/a/b%20c?x=%2F&y?z") == "/a/b%20c ? x=%2F&y?z");
    CHECK(parts("/") == "/ ? ");
    CHECK(parts("/?") == "/ ? ");
    CHECK(parts("http://h:80/a?b") == "/a ? b");
    CHECK(parts("http://h") == "/ ? ");
    CHECK(parts("http://h?q") == "/ ? q");
    CHECK(parts("*", "OPTIONS") == "* ? ");
}

TEST_CASE("request parser: says whether the connection stays, and whether the client waits for 100", "[http][server]")
{
    const auto head = [](const std::string& wire) {
        request_parser parser(small);
        parser.feed(wire);
        REQUIRE(parser.head_complete());
        return std::pair(parser.keeps_alive(), parser.expects_continue());
    };
    CHECK(head(get("")) == std::pair(true, false));
    CHECK(head(get("Connection: foo, Close\r\n")) == std::pair(false, false));
    CHECK(head(get("Connection: keep-alive\r\nConnection: close\r\n")) == std::pair(false, false));
    CHECK(head("GET / HTTP/1.0\r\n\r\n") == std::pair(false, false));
    CHECK(head("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n") == std::pair(true, false));
    CHECK(head(post("Content-Length: 3\r\nExpect: 100-Continue\r\n", "")) == std::pair(true, true));
}

TEST_CASE("request parser: a body may be read in place, in part or whole", "[http][server]")
{
    for (std::size_t step : {1U, 3U, 7U, 100U}) {
        request_parser parser(small);
        parser.feed(post("Content-Length: 20\r\n", "01234"));
        std::string rest = "567890123456789";
        while (!rest.empty()) {
            const auto room = parser.body_room(step);
            REQUIRE_FALSE(room.empty());
            REQUIRE(room.size() <= rest.size());
            const std::size_t n = (room.size() + 1) / 2; // a short read
            std::copy_n(rest.begin(), n, room.begin());
            parser.body_filled(n);
            rest.erase(0, n);
            if (rest.size() == 8) { // and some through the buffer
                CHECK(parser.feed(rest.substr(0, 2)) == 2);
                rest.erase(0, 2);
            }
        }
        REQUIRE(parser.complete());
        CHECK(parser.request().body == "01234567890123456789");
        CHECK(parser.body_room(10).empty());
    }
}
