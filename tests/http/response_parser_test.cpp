#include <lambent/http/response_parser.hpp>

#include <support/catch.hpp>
#include <support/random_json.hpp>

#include <random>
#include <string>
#include <vector>

using namespace lambent;
using http::response_parser;
using state = http::response_parser::state;

namespace {

std::span<const char> bytes_of(std::string_view text) { return {text.data(), text.size()}; }

struct outcome
{
    state where = state::head;
    int status = 0;
    std::string reason;
    std::string body;
    std::string fields; ///< "name=value;" each
    bool keep_alive = false;
    std::size_t used = 0; ///< bytes of all pieces that belonged to the response
    core::error_code code;

    friend bool operator==(const outcome&, const outcome&) = default;
};

std::ostream& operator<<(std::ostream& out, const outcome& o)
{
    return out << "state " << static_cast<int>(o.where) << ", " << o.status << ' ' << o.reason << ", fields " << o.fields << ", body "
               << o.body.size() << " B \"" << o.body.substr(0, 40) << "\", keep " << o.keep_alive << ", used " << o.used << ", "
               << o.code.message();
}

/// Feeds the pieces, each from memory of its own that dies before the next, then the end of the stream if asked.
outcome parse(const std::vector<std::string>& pieces, bool to_end, bool clean, bool head, const http::response_limits& limits,
    http::head_memory* heads = nullptr)
{
    response_parser parser(limits, heads);
    parser.begin(head);
    outcome out;
    const auto read_off = [&] {
        const http::response_view view = parser.view();
        out.status = view.status;
        out.reason = view.reason;
        out.body = view.body;
        out.fields.clear();
        for (const auto& field : view.fields)
            out.fields.append(field.name).append("=").append(field.value).append(";");
    };
    for (const std::string& piece : pieces) {
        auto own = std::make_unique<char[]>(piece.size());
        std::copy(piece.begin(), piece.end(), own.get());
        out.used += parser.feed({own.get(), piece.size()});
        if (parser.where() == state::complete) {
            read_off();
            break;
        }
        if (parser.where() == state::failed)
            break;
    }
    if (to_end && parser.where() != state::failed && parser.where() != state::complete) {
        parser.end(clean);
        if (parser.where() == state::complete)
            read_off();
    }
    out.where = parser.where();
    out.keep_alive = parser.keep_alive();
    if (out.where == state::failed) {
        out.code = parser.error().code;
        out.used = 0; // how much was looked at before it failed is not of interest
    }
    return out;
}

/// The same whether it comes whole, in two pieces cut anywhere, or byte by byte.
outcome parse_all_ways(const std::string& text, bool to_end = true, bool clean = true, bool head = false, const http::response_limits& limits = {})
{
    const outcome whole = parse({text}, to_end, clean, head, limits);
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        const outcome split = parse({text.substr(0, cut), text.substr(cut)}, to_end, clean, head, limits);
        INFO("cut at " << cut);
        CHECK(split == whole);
    }
    std::vector<std::string> single;
    for (const char c : text)
        single.emplace_back(1, c);
    INFO("byte by byte");
    CHECK(parse(single, to_end, clean, head, limits) == whole);
    return whole;
}

const std::string ok = "HTTP/1.1 200 OK\r\n";

} // namespace

TEST_CASE("parser: a response with a length is complete at its last byte, and what follows is left alone", "[http][parser]")
{
    const std::string text = ok + "Content-Length: 5\r\nX-A:  b c \t\r\nEmpty:\r\n\r\nhello";
    const outcome got = parse_all_ways(text + "HTTP/1.1 500 next");
    CHECK(got.where == state::complete);
    CHECK(got.status == 200);
    CHECK(got.reason == "OK");
    CHECK(got.fields == "Content-Length=5;X-A=b c;Empty=;");
    CHECK(got.body == "hello");
    CHECK(got.keep_alive);
    CHECK(got.used == text.size());
}

TEST_CASE("parser: chunked bodies with extensions and trailers come out whole", "[http][parser]")
{
    const std::string text = ok + "Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n00A;x=\"y z\"\r\n, chunked!\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n";
    const outcome got = parse_all_ways(text + "x");
    CHECK(got.where == state::complete);
    CHECK(got.body == "hello, chunked!");
    CHECK(got.fields == "Transfer-Encoding=Chunked;");
    CHECK(got.keep_alive);
    CHECK(got.used == text.size());
}

TEST_CASE("parser: interim responses are skipped, 101 is not one", "[http][parser]")
{
    const std::string text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 9\r\n\r\n" + ok
        + "Content-Length: 2\r\n\r\nhi";
    const outcome got = parse_all_ways(text);
    CHECK(got.where == state::complete);
    CHECK(got.status == 200);
    CHECK(got.body == "hi");
    CHECK(got.fields == "Content-Length=2;");
    CHECK(parse_all_ways("HTTP/1.1 101 Switching Protocols\r\n\r\n").code == http::errc::malformed_response);
    std::string many;
    for (int i = 0; i < 17; ++i)
        many += "HTTP/1.1 100 Continue\r\n\r\n";
    CHECK(parse({many + text}, true, true, false, {}).code == http::errc::malformed_response);
}

TEST_CASE("parser: no body where none may be", "[http][parser]")
{
    const outcome no_content = parse_all_ways("HTTP/1.1 204 No Content\r\n\r\nx");
    CHECK(no_content.where == state::complete);
    CHECK(no_content.keep_alive);
    CHECK(no_content.used == 27);
    const outcome lying = parse_all_ways("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello");
    CHECK(lying.where == state::complete);
    CHECK(lying.body.empty());
    CHECK_FALSE(lying.keep_alive);
    const outcome unchanged = parse_all_ways("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
    CHECK(unchanged.where == state::complete);
    CHECK(unchanged.body.empty());
    const outcome head = parse_all_ways(ok + "Content-Length: 5\r\n\r\n", true, true, true);
    CHECK(head.where == state::complete);
    CHECK(head.body.empty());
    CHECK(head.keep_alive);
    const outcome empty = parse_all_ways(ok + "Content-Length: 0\r\n\r\n");
    CHECK(empty.where == state::complete);
    CHECK(parse_all_ways("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").where == state::complete);
    CHECK(parse_all_ways("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n").reason.empty());
}

TEST_CASE("parser: the connection closes when the response says so, and after HTTP/1.0 unless it says otherwise", "[http][parser]")
{
    const std::string end = "Content-Length: 0\r\n\r\n";
    CHECK_FALSE(parse_all_ways(ok + "Connection: close\r\n" + end).keep_alive);
    CHECK_FALSE(parse_all_ways(ok + "Connection: foo, CLOSE\r\n" + end).keep_alive);
    CHECK_FALSE(parse_all_ways(ok + "Connection: keep-alive\r\nConnection: close\r\n" + end).keep_alive);
    CHECK(parse_all_ways(ok + "Connection: closed\r\n" + end).keep_alive);
    CHECK_FALSE(parse_all_ways("HTTP/1.0 200 OK\r\n" + end).keep_alive);
    CHECK(parse_all_ways("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + end).keep_alive);
}

TEST_CASE("parser: a body until close counts only when the stream ended in good order", "[http][parser]")
{
    const std::string text = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it";
    const outcome clean = parse_all_ways(text, true, true);
    CHECK(clean.where == state::complete);
    CHECK(clean.body == "all of it");
    CHECK_FALSE(clean.keep_alive);
    CHECK(parse_all_ways(text, true, false).code == http::errc::truncated_response);
    CHECK(parse_all_ways(text, false).where == state::body);
}

TEST_CASE("parser: an end before or inside the response is an error that says which", "[http][parser]")
{
    CHECK(parse({}, true, true, false, {}).code == http::errc::reset_before_response);
    const std::string with_length = ok + "Content-Length: 5\r\n\r\nhello";
    const std::string with_chunks = ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n";
    for (const std::string& text : {with_length, with_chunks}) {
        for (std::size_t length = 1; length < text.size(); ++length) {
            INFO("ends after " << length);
            CHECK(parse({text.substr(0, length)}, true, true, false, {}).code == http::errc::truncated_response);
        }
    }
}

TEST_CASE("parser: what is ambiguous or breaks the grammar is refused", "[http][parser]")
{
    const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    const std::string end = "Content-Length: 0\r\n\r\n";
    const std::vector<std::string> malformed = {
        "\r\n" + ok + end,
        "HTTP/2 200 OK\r\n" + end,
        "HTTP/1.2 200 OK\r\n" + end,
        "http/1.1 200 OK\r\n" + end,
        "HTTP/1.1  200 OK\r\n" + end,
        "HTTP/1.1 20 OK\r\n" + end,
        "HTTP/1.1 2000 OK\r\n" + end,
        "HTTP/1.1 2x0 OK\r\n" + end,
        "HTTP/1.1 099 OK\r\n" + end,
        "HTTP/1.1 200 O\x01K\r\n" + end,
        "HTTP/1.1 200 OK\n" + end,
        std::string("HTTP/1.1 200 O\0K\r\n", 18) + end,
        "HTTP/1.1 200 O\rK\r\n" + end,
        "SSH-2.0-OpenSSH_9.2\r\n" + end,
        ok + "A: b\n" + end,
        ok + "A: b\r\n folded\r\n" + end,
        ok + " A: b\r\n" + end,
        ok + "A : b\r\n" + end,
        ok + ": b\r\n" + end,
        ok + "A\r\n" + end,
        ok + "A b: c\r\n" + end,
        ok + "A: b\x7f\r\n" + end,
        ok + "A: a value of more than eight bytes \x01\r\n" + end,
        ok + "A: b\rc\r\n" + end,
        std::string(ok + "A: b").append(1, '\0').append("c\r\n") + end,
        ok + "Content-Length: +5\r\n\r\nhello",
        ok + "Content-Length: -5\r\n\r\nhello",
        ok + "Content-Length: 5, 5\r\n\r\nhello",
        ok + "Content-Length: 0x5\r\n\r\nhello",
        ok + "Content-Length: 5 5\r\n\r\nhello",
        ok + "Content-Length:\r\n\r\n",
        ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        chunked + "\r\n",
        chunked + ";x\r\n0\r\n\r\n",
        chunked + "+5\r\nhello\r\n0\r\n\r\n",
        chunked + "0x5\r\nhello\r\n0\r\n\r\n",
        chunked + "5 \r\nhello\r\n0\r\n\r\n",
        chunked + "5\nhello\r\n0\r\n\r\n",
        chunked + "5\rhello\r\n0\r\n\r\n",
        chunked + "5;a\nb\r\nhello\r\n0\r\n\r\n",
        chunked + "5;a\x01\r\nhello\r\n0\r\n\r\n",
        chunked + "5\r\nhello!\r\n0\r\n\r\n",
        chunked + "5\r\nhello\n0\r\n\r\n",
        chunked + "5\r\nhello\rx0\r\n\r\n",
        chunked + "00000000000000005\r\nhello\r\n0\r\n\r\n",
        chunked + "0\r\nA: b\n\r\n",
        chunked + "0\r\n folded\r\n\r\n",
        chunked + "0\r\nno colon\r\n\r\n",
        chunked + "0\r\nA: \x01\r\n\r\n",
        chunked + "0\r\n\n",
    };
    for (const std::string& text : malformed) {
        INFO(text);
        const outcome got = parse_all_ways(text);
        CHECK(got.where == state::failed);
        CHECK(got.code == http::errc::malformed_response);
        CHECK_FALSE(got.keep_alive);
    }
}

TEST_CASE("parser: two equal lengths are one, 16 digits of chunk size may be zeroes", "[http][parser]")
{
    CHECK(parse_all_ways(ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello").body == "hello");
    CHECK(parse_all_ways(ok + "Content-Length: 005\r\n\r\nhello").body == "hello");
    CHECK(parse_all_ways(ok + "Transfer-Encoding: chunked\r\n\r\n0000000000000005\r\nhello\r\n0\r\n\r\n").body == "hello");
    CHECK(parse_all_ways(ok + "A: \xc3\xa4 obs-text\tand tabs\r\nContent-Length: 0\r\n\r\n").fields
        == "A=\xc3\xa4 obs-text\tand tabs;Content-Length=0;");
}

TEST_CASE("parser: header, body, extensions, trailers and fields have limits", "[http][parser]")
{
    http::response_limits limits;
    limits.header_bytes_max = 100;
    limits.body_bytes_max = 10;
    const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    const auto code = [&](const std::string& text) { return parse_all_ways(text, true, true, false, limits).code; };

    const std::string fits = ok + "A: " + std::string(100 - ok.size() - 3 - 2 - 21, 'x') + "\r\nContent-Length: 0\r\n\r\n";
    REQUIRE(fits.size() == 100);
    CHECK_FALSE(code(fits));
    CHECK(code(ok + "A: x" + fits.substr(ok.size() + 3)) == http::errc::header_too_large);
    CHECK(code(std::string(101, 'x')) == http::errc::header_too_large);
    CHECK_FALSE(code(ok + "Content-Length: 10\r\n\r\n0123456789"));
    CHECK(code(ok + "Content-Length: 11\r\n\r\n0123456789a") == http::errc::body_too_large);
    CHECK(code(ok + "Content-Length: 18446744073709551616\r\n\r\n") == http::errc::body_too_large);
    CHECK_FALSE(code(chunked + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"));
    CHECK(code(chunked + "5\r\n01234\r\n6\r\n56789a\r\n0\r\n\r\n") == http::errc::body_too_large);
    CHECK(code(chunked + "FFFFFFFFFFFFFFFF\r\n") == http::errc::body_too_large);
    CHECK(code("HTTP/1.0 200 OK\r\n\r\n0123456789a") == http::errc::body_too_large);
    CHECK(code(chunked + "5;" + std::string(101, 'x') + "\r\n01234\r\n0\r\n\r\n") == http::errc::header_too_large);
    CHECK(code(chunked + "0\r\nA: " + std::string(101, 'x') + "\r\n\r\n") == http::errc::header_too_large);

    std::string many = ok;
    for (int i = 0; i < 100; ++i)
        many += "A: b\r\n";
    CHECK(parse({many + "Content-Length: 0\r\n\r\n"}, true, true, false, {}).where == state::complete);
    for (int i = 0; i < 1000; ++i)
        many += "A: b\r\n";
    CHECK(parse({many + "Content-Length: 0\r\n\r\n"}, true, true, false, {}).code == http::errc::header_too_large);
}

TEST_CASE("parser: one parser reads one response after another and keeps nothing of the last", "[http][parser]")
{
    response_parser parser(http::response_limits{});
    const std::string first = ok + "A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    const std::string second = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";
    for (std::size_t cut = 0; cut < first.size(); ++cut) {
        parser.begin(false);
        parser.feed(bytes_of(first.substr(0, cut)));
        parser.feed(bytes_of(std::string_view(first).substr(cut)));
        REQUIRE(parser.where() == state::complete);
        CHECK(parser.view().body == "abc");
        parser.begin(false);
        REQUIRE(parser.feed(bytes_of(second)) == second.size());
        CHECK(parser.view().status == 404);
        CHECK(parser.view().body == "no");
        CHECK(parser.view().fields.size() == 1);
    }
}

TEST_CASE("parser: a whole response is not copied, a large body is handed over", "[http][parser]")
{
    response_parser parser(http::response_limits{});
    const std::string whole = ok + "Content-Length: 5\r\n\r\nhello";
    parser.begin(false);
    parser.feed(bytes_of(whole));
    CHECK(parser.view().body.data() == whole.data() + whole.size() - 5);
    CHECK(parser.view().body_storage == nullptr);

    const std::string head = ok + "Content-Length: 100000\r\n\r\n";
    const std::string body(100000, 'x');
    parser.begin(false);
    parser.feed(bytes_of(head));
    parser.feed(bytes_of(std::string_view(body).substr(0, 60000)));
    parser.feed(bytes_of(std::string_view(body).substr(60000)));
    REQUIRE(parser.view().body_storage != nullptr);
    const http::response own = parser.view().own();
    CHECK(own.body == body);
    parser.begin(false);
    parser.feed(bytes_of(whole));
    CHECK(parser.view().body == "hello");
}

namespace {

const std::string remembered = "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026\r\nx-id: \t6f1a3a0e-0d5e \r\nContent-Length: 12\r\nConnection: keep-alive\r\nempty:\r\n\r\n"
                               "twelve bytes";

/// As a parser says it that has taken `remembered` apart before, and as one says it that remembers nothing.
void check_alike(const std::string& text)
{
    http::head_memory heads;
    parse({remembered}, true, true, false, {}, &heads);
    const outcome with = parse({text}, true, true, false, {}, &heads);
    const outcome without = parse({text}, true, true, false, {});
    if (with != without) {
        INFO(text);
        CHECK(with == without);
    }
}

} // namespace

TEST_CASE("parser: a head like the one before is understood as if it had been taken apart", "[http][parser]")
{
    check_alike(remembered);
    for (std::size_t at = 0; at < remembered.size(); ++at) {
        std::string text = remembered;
        for (int byte = 0; byte < 256; ++byte) {
            text[at] = static_cast<char>(byte);
            check_alike(text);
        }
        check_alike(std::string(remembered).erase(at, 1));
        for (const char more : {' ', '\t', '\r', '\n', ':', '0', 'x'})
            check_alike(std::string(remembered).insert(at, 1, more));
        check_alike(remembered.substr(0, at));
    }
}

TEST_CASE("parser: heads that differ in several places from the one before are understood the same", "[http][parser]")
{
    const unsigned seed = support::seed_of_run();
    INFO("LAMBENT_SEED=" << seed);
    std::mt19937 chance(seed);
    const auto below = [&chance](std::size_t n) { return chance() % n; };
    const std::string letters = "019 \t\r\n:;,-azAZ\x01\x7f\xe4";
    for (int round = 0; round < 20000; ++round) {
        std::string text = remembered;
        for (std::size_t left = 1 + below(6); left > 0; --left)
            text[below(text.size())] = letters[below(letters.size())];
        check_alike(text);
    }
}

TEST_CASE("parser: values of the remembered lengths are told anew, and lengths of bodies hold", "[http][parser]")
{
    http::head_memory heads;
    parse({remembered}, true, true, false, {}, &heads);
    std::string text = remembered;
    text.replace(text.find("22 Nov"), 6, "23-Nov");
    text.replace(text.find("12\r\n"), 2, "03");
    REQUIRE(heads.match(text) == text.find("\r\n\r\n") + 4);
    const outcome got = parse({text}, true, true, false, {}, &heads);
    CHECK(got.fields == "Date=Sun, 23-Nov 2026;x-id=6f1a3a0e-0d5e;Content-Length=03;Connection=keep-alive;empty=;");
    CHECK(got.body == "twe");
    CHECK(got.reason == "OK");
    const outcome too_large = parse({text}, true, true, false, {64 * 1024, 2}, &heads);
    CHECK(too_large.code == http::errc::body_too_large);
}

TEST_CASE("parser: a head that comes no more gives way to one that does", "[http][parser]")
{
    http::head_memory heads;
    parse({remembered}, true, true, false, {}, &heads);
    const std::string other = "HTTP/1.1 429 Too Many Requests\r\nx-amzn-ErrorType: TooManyRequestsException\r\nContent-Length: 0\r\n\r\n";
    CHECK(heads.match(other) == 0);
    for (int i = 0; i < 40; ++i)
        parse({other}, true, true, false, {}, &heads);
    CHECK(heads.match(other) == other.size());
    // Nor is a head remembered that is unlike a head of this parser in what it means.
    for (int i = 0; i < 40; ++i)
        parse({ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx"}, true, true, false, {}, &heads);
    CHECK(heads.match(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n") == 0);
}
