#include "hostile_peers.hpp"

#include <utility>

namespace lambent::test {
namespace {

using namespace support;
using http::errc;
using http::progress;

const std::string line = "HTTP/1.1 200 OK\r\n";

wanted answered(std::string body, int status = 200)
{
    wanted out;
    out.status = status;
    out.body = std::move(body);
    return out;
}

wanted fails(std::vector<errc> errors, std::string detail, int status = 0)
{
    wanted out;
    out.status = status;
    out.errors = std::move(errors);
    out.detail = std::move(detail);
    out.progress = progress::maybe_sent;
    return out;
}

wanted posted(wanted out, std::size_t bytes)
{
    out.post_bytes = bytes;
    return out;
}

script answer_then(const std::string& text, script after)
{
    script out{read_request(), write(text)};
    out.insert(out.end(), after.begin(), after.end());
    return out;
}

/// Idle after a first answer, then this.
peer while_idle(std::string deed, script after)
{
    return {"1", std::move(deed), answer_then(ok_response("first"), std::move(after)), {answered("first")}};
}

/// Ends behind `text`, by FIN or by RST.
void add_ends(std::vector<peer>& out, const std::string& where, const std::string& text, int status)
{
    const bool before = text.empty();
    script steps{read_request()};
    if (!before)
        steps.push_back(write(text));
    script by_reset = steps;
    steps.push_back(shut());
    steps.push_back(hold());
    by_reset.push_back(reset());
    // A reset may overtake what was sent before it.
    const wanted fin = before ? fails({errc::reset_before_response}, "EOF") : fails({errc::truncated_response}, "unexpected EOF", status);
    wanted rst = fails({errc::reset_before_response, errc::truncated_response}, "reset by peer", -1);
    out.push_back({"2", "FIN " + where, std::move(steps), {fin}});
    out.push_back({"2", "RST " + where, std::move(by_reset), {rst}});
}

/// An answer that is legal: the connection is kept, or not.
peer legal(std::string deed, const std::string& text, wanted answer, bool kept, bool large = false)
{
    script after = kept ? answering(1, ok_response("right"), {hold()}) : script{hold()};
    return {"4", std::move(deed), answer_then(text, std::move(after)), {std::move(answer)}, kept, large};
}

peer refused(std::string deed, const std::string& text, errc code, std::string detail, int status = 0, bool large = false)
{
    return {"4", std::move(deed), answer_then(text, {hold()}), {fails({code}, std::move(detail), status)}, false, large};
}

void add_idle(std::vector<peer>& out)
{
    const std::string unasked = "Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    out.push_back(while_idle("FIN on the idle connection (over TLS behind close_notify)", {shut(), hold()}));
    out.push_back(while_idle("FIN on the idle connection, over TLS without close_notify", {cut(), hold()}));
    out.push_back(while_idle("RST on the idle connection", {reset()}));
    out.push_back(while_idle("unasked 408 on the idle connection", {write("HTTP/1.1 408 " + unasked), hold()}));
    out.push_back(while_idle("unasked 400 on the idle connection, then FIN", {write("HTTP/1.1 400 " + unasked), shut(), hold()}));
    out.push_back(while_idle("half a status line on the idle connection", {write("HTTP/1.1 2"), hold()}));
    out.push_back({"1", "two answers to one request", answer_then(ok_response("first") + ok_response("second"), {hold()}), {answered("first")}});
    out.push_back({"1", "silent for good after its first answer", answer_then(ok_response("first"), {hold()}),
        {answered("first"), fails({errc::response_timeout}, "waiting for the response")}});
}

void add_cuts(std::vector<peer>& out)
{
    out.push_back({"2", "FIN before it has read the request", {shut(), hold()}, {fails({errc::reset_before_response}, "EOF")}});
    add_ends(out, "before the first byte of the answer", "", 0);
    add_ends(out, "behind the status line", line, 0);
    add_ends(out, "inside the header", line + "Content-Le", 0);
    add_ends(out, "inside the body", line + "Content-Length: 10\r\n\r\nhello", 200);
    add_ends(out, "one byte before the end of the body", line + "Content-Length: 10\r\n\r\nhello, wo", 200);
    add_ends(out, "between two chunks", line + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 200);
    add_ends(out, "inside a chunk's size", line + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1", 200);
    add_ends(out, "before the last chunk's empty line", line + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", 200);
    add_ends(out, "behind an interim answer", "HTTP/1.1 103 Early Hints\r\n\r\n", 0);
    out.push_back({"2", "nothing, for good", {read_request(), hold()}, {fails({errc::response_timeout}, "waiting for the response")}});
    out.push_back({"2", "half a header, for good", answer_then(line + "A:", {hold()}), {fails({errc::response_timeout}, "waiting for the response")}});
    out.push_back({"2", "half a body, for good", answer_then(line + "Content-Length: 10\r\n\r\nhello", {hold()}),
        {fails({errc::body_timeout}, "reading the body", 200)}});
}

void add_early(std::vector<peer>& out)
{
    constexpr std::size_t more_than_buffers_hold = 32 * 1024 * 1024;
    const std::string early = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig";
    out.push_back({"3", "413 before the request was read, then FIN", {read_some(), write(early), shut(), hold()},
        {posted(answered("big", 413), more_than_buffers_hold)}});
    out.push_back({"3", "413 before the request was read, connection left open", {read_some(), write(early), hold()},
        {posted(answered("big", 413), more_than_buffers_hold)}});
}

void add_legal(std::vector<peer>& out)
{
    const std::string big(6 * 1024 * 1024, 'b');
    std::string hundred;
    for (int i = 0; i < 100; ++i)
        hundred += "X-" + std::to_string(i) + ": v\r\n";
    const std::string chunked = line + "Transfer-Encoding: chunked\r\n\r\n";
    out.push_back(legal("a body of 6 MB", ok_response(big), answered(big), true, true));
    out.push_back(legal("a field of 5.5 KB", ok_response("x", "X-Amz-Log-Result: " + std::string(5500, 'l') + "\r\n"), answered("x"), true, true));
    out.push_back(legal("100 fields", ok_response("x", hundred), answered("x"), true, true));
    out.push_back(legal("a field without a value", ok_response("x", "Empty:\r\n"), answered("x"), true));
    out.push_back(legal("two equal Content-Lengths", line + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", answered("x"), true));
    out.push_back(legal("a chunk extension", chunked + "5;a=b\r\nhello\r\n0\r\n\r\n", answered("hello"), true));
    out.push_back(legal("trailer fields", chunked + "5\r\nhello\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n", answered("hello"), true));
    out.push_back(legal("100 and 103 before the final answer", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + ok_response("final"),
        answered("final"), true));
    out.push_back(legal("204", "HTTP/1.1 204 No Content\r\n\r\n", answered("", 204), true));
    out.push_back(legal("204 with a body", "HTTP/1.1 204 No Content\r\n\r\nhello", answered("", 204), false));
    out.push_back(legal("204 with a Content-Length and a body", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", answered("", 204), false));
    out.push_back(legal("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", answered("x"), false));
    out.push_back(legal("HTTP/1.0 with keep-alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", answered("x"), true));
    out.push_back({"4", "HTTP/1.0 with a body until FIN", answer_then("HTTP/1.0 200 OK\r\n\r\nuntil close", {shut(), hold()}), {answered("until close")}});
    out.push_back(legal("Connection: close and keep-alive", ok_response("x", "Connection: keep-alive, close\r\n"), answered("x"), false));
}

void add_refused(std::vector<peer>& out)
{
    const std::string chunked = line + "Transfer-Encoding: chunked\r\n\r\n";
    const auto malformed = [&out](const std::string& deed, const std::string& text, int status = 0) {
        out.push_back(refused(deed, text, errc::malformed_response, "malformed HTTP response: ", status));
    };
    out.push_back(refused("a header of more than 64 KB", line + "A: " + std::string(65 * 1024, 'x') + "\r\n\r\n", errc::header_too_large,
        "the response header", 0, true));
    out.push_back(refused("a Content-Length beyond the limit", line + "Content-Length: 99999999\r\n\r\n", errc::body_too_large, "the Content-Length", 200));
    malformed("obs-fold", line + "A: b\r\n c\r\nContent-Length: 0\r\n\r\n");
    malformed("bare LF behind the status line", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n");
    malformed("bare LF behind a field", line + "A: b\nContent-Length: 0\r\n\r\n");
    malformed("Content-Length and Transfer-Encoding", line + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    malformed("two different Content-Lengths", line + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!");
    malformed("Content-Length: +5", line + "Content-Length: +5\r\n\r\nhello");
    malformed("a chunk size of 17 digits", chunked + "00000000000000005\r\nhello\r\n0\r\n\r\n", 200);
    malformed("LF inside a chunk extension", chunked + "5;a\nb\r\nhello\r\n0\r\n\r\n", 200);
    malformed("101, which nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
    malformed("another protocol", "SSH-2.0-OpenSSH_9.2p1 Debian\r\n");
    malformed("a NUL in a field", line + std::string("A: b\0c\r\n", 8) + "Content-Length: 0\r\n\r\n");
}

std::vector<peer> make()
{
    std::vector<peer> out;
    add_idle(out);
    add_cuts(out);
    add_early(out);
    add_legal(out);
    add_refused(out);
    return out;
}

} // namespace

const std::vector<peer>& hostile_peers()
{
    static const std::vector<peer> all = make();
    return all;
}

} // namespace lambent::test
