#pragma once

#include <lambent/core/error.hpp>
#include <lambent/http/chunk_decoder.hpp>
#include <lambent/http/errc.hpp>
#include <lambent/http/head_memory.hpp>
#include <lambent/http/response.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::http {

struct response_limits
{
    std::size_t header_bytes_max = 64 * 1024; ///< status line and fields of one response, interim ones apart; trailers likewise
    std::size_t body_bytes_max = 6 * 1024 * 1024 + 64 * 1024;
};

/// Strict, incremental parser of one HTTP/1.1 response after another (RFC 9112). Decides only; reads nothing.
///
///     begin -> head -> (interim 1xx: head again) -> body -> complete
///                 \__________________________________\____-> failed
///
/// A response that is ambiguous or breaks the grammar fails: obs-fold, bare LF or CR, controls in a value, Content-Length with
/// Transfer-Encoding, two different lengths, a coding other than chunked, over-long or signed sizes, 101 nobody asked for.
/// A response that lies wholly in the bytes of one `feed` is not copied.
class response_parser
{
public:
    enum class state : std::uint8_t { head, body, complete, failed };

    /// @param heads  of all parsers with these limits, and outlives them; null: every head is taken apart
    explicit response_parser(const response_limits& limits, head_memory* heads = nullptr) noexcept
        : limits_(limits), heads_(heads), chunks_(limits.body_bytes_max, limits.header_bytes_max)
    {}
    response_parser(const response_parser&) = delete;
    response_parser& operator=(const response_parser&) = delete;

    /// Forgets the last response and expects the next. An answer to HEAD has no body.
    void begin(bool answers_head) noexcept;

    /// Takes bytes and says how many belonged to this response: all, unless it is now complete or failed.
    /// Once complete, `view()` may borrow from `bytes`.
    std::size_t feed(std::span<const char> bytes);

    /// The peer ended the stream; `clean` is false for a TLS stream cut without close_notify, or a reset.
    /// Completes a body that lasts until close only when it was clean; else fails, unless nothing was open.
    void end(bool clean);

    state where() const noexcept { return state_; }
    /// Has any byte of the response been seen? (Blames an end of stream: before or inside the response.)
    bool started() const noexcept { return started_; }
    /// The head is complete: `view()` has status and fields; the body follows, or broke off.
    bool head_known() const noexcept { return head_known_; }
    /// May the connection serve another request once this response is complete?
    bool keep_alive() const noexcept { return keep_alive_; }
    /// Precondition: `head_known()`. The body is whole when complete. Valid until the bytes fed last die, or `begin`.
    response_view view() noexcept;
    /// Precondition: failed.
    core::error error() const;

private:
    enum class framing : std::uint8_t { none, length, chunked, until_close };

    std::size_t feed_head(std::span<const char> bytes);
    /// Takes a whole head in one step, if it is as the one remembered.
    bool recall(std::string_view text);
    /// Parses lines from `line_start_` on. True once the empty line was met.
    bool parse_lines(std::string_view text);
    void parse_status_line(std::string_view line);
    void parse_field(std::string_view line);
    /// Takes a field's line off in one pass, if it is whole and nothing about it is unusual.
    bool take_plain_field(std::string_view text);
    void note_field(std::string_view name, std::string_view value);
    void note_length(std::string_view value);
    void note_connection(std::string_view value);
    void decide_framing();
    std::size_t feed_body(std::span<const char> bytes);
    std::size_t feed_length(std::span<const char> bytes);
    std::size_t feed_chunked(std::span<const char> bytes);
    void append_body(std::span<const char> bytes);
    /// Appends to `head_`, carrying the views into it along.
    void grow_head(std::span<const char> bytes);
    /// Copies a borrowed head into `head_`, so that the caller's bytes may go.
    void keep_head();
    void rebase(const char* from, const char* to) noexcept;
    void restart_head() noexcept;
    void fail(errc code, const char* why) noexcept;

    response_limits limits_;
    head_memory* heads_;
    state state_ = state::head;
    framing framing_ = framing::none;
    bool answers_head_ = false;
    bool started_ = false;
    bool head_known_ = false;
    bool keep_alive_ = true;
    bool body_borrowed_ = false;
    unsigned interim_ = 0;
    head_facts facts_;
    errc code_ = errc::malformed_response;
    const char* why_ = "";
    std::size_t line_start_ = 0; ///< offset of the first line not yet parsed
    std::size_t scanned_ = 0;    ///< no line feed between line_start_ and here
    chunk_decoder chunks_;
    std::string_view borrowed_head_;
    std::string_view reason_;
    std::string_view body_view_;
    std::string head_;           ///< the head where it did not come at once; views point into it then
    std::string body_;
    std::vector<field_view> fields_;
};

} // namespace lambent::http
