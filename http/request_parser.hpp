#pragma once

#include <lambent/http/server.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lambent::http {

/// Reads requests out of bytes, strictly (RFC 9112): what two readers could understand differently is refused.
///
///     head -> body_by_length -> complete          refused from any state; `next` goes from complete to head
///     head -> chunk_line -> chunk_data -> chunk_end -> chunk_line ... -> trailer -> complete
///     head -> complete                            without a body
///
/// Refused: bare CR or LF, line folding, blanks before the colon or in the target, Content-Length beside Transfer-Encoding,
/// differing or malformed Content-Length, codings other than a single `chunked`, malformed chunk sizes, a missing or
/// repeated Host, and whatever exceeds its limit.
class request_parser
{
public:
    enum class state : std::uint8_t { head, body_by_length, chunk_line, chunk_data, chunk_end, trailer, complete, refused };

    struct limits
    {
        std::size_t header_bytes_max = 64 * 1024;  ///< request line and fields; trailers again as much
        std::size_t body_bytes_max = 64 * 1024 * 1024;
    };

    struct refusal
    {
        int status = 0;
        std::string_view reason; ///< one sentence, of static lifetime
    };

    explicit request_parser(limits given) noexcept : limits_(given) {}

    /// Takes what it can use of `bytes` and says how many those were; the rest, with more behind it, is for the next call.
    /// Never takes anything beyond the end of the request.
    std::size_t feed(std::string_view bytes);

    state at() const noexcept { return state_; }
    bool head_complete() const noexcept { return state_ != state::head && state_ != state::refused; }
    bool complete() const noexcept { return state_ == state::complete; }
    bool refused() const noexcept { return state_ == state::refused; }
    const refusal& why() const noexcept { return refusal_; }

    /// The client waits for "100 Continue" before it sends the body. Valid once the head is complete.
    bool expects_continue() const noexcept { return expects_continue_; }
    /// The client allows another request after this one.
    bool keeps_alive() const noexcept { return keeps_alive_; }
    /// HTTP/1.0: must be told when the connection stays.
    bool is_old() const noexcept { return old_; }

    /// While a body of known length is read: where the next bytes may be put directly, at most `most`; else empty.
    std::span<char> body_room(std::size_t most);
    /// `n` bytes were put there.
    void body_filled(std::size_t n);

    /// Method, target, path, query, fields and body are filled in; the rest is the caller's.
    server_request& request() noexcept { return request_; }
    /// Ready for the next request. Precondition: complete.
    void next();

private:
    bool refuse(int status, std::string_view reason) noexcept;
    std::size_t feed_head(std::string_view bytes);
    std::size_t feed_body(std::string_view bytes);
    std::size_t feed_chunk_line(std::string_view bytes);
    std::size_t feed_chunk_data(std::string_view bytes);
    std::size_t feed_chunk_end(std::string_view bytes);
    std::size_t feed_trailer(std::string_view bytes);
    bool read_head(std::string_view head);
    bool read_request_line(std::string_view line);
    bool read_target();
    bool read_field(std::string_view line, bool keep);
    bool read_framing();
    bool read_content_length(std::string_view value);
    bool read_connection();

    limits limits_;
    state state_ = state::head;
    refusal refusal_;
    server_request request_;
    std::size_t scanned_ = 0;       ///< of the bytes of an incomplete head: no end in these
    std::size_t trailer_bytes_ = 0;
    std::uint64_t left_ = 0;        ///< of the body by length, or of the chunk
    std::size_t filled_ = 0;        ///< of request_.body, which is longer while it is read in place
    bool skipped_line_ = false;     ///< the one empty line before the head
    bool expects_continue_ = false;
    bool keeps_alive_ = true;
    bool old_ = false;
};

} // namespace lambent::http
