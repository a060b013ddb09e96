#pragma once

#include <lambent/core/error.hpp>
#include <lambent/http/errc.hpp>
#include <lambent/http/response_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::http {

/// One connection's conversation: requests in, one write buffer out, responses matched in order. Decides only.
///
///     open --(answer says close, answered early, until-close body)--> closing --> the connection is retired once taken
///       \---(malformed, unsolicited, end of stream)-----------------> broken  --> whoever is unanswered fails
///
/// A request is known by the tag its owner gave. An abandoned request keeps its place: its answer is read and dropped.
class h1_session
{
public:
    enum class event : std::uint8_t {
        need_more, ///< all bytes fed were used
        response,  ///< `tag()` is answered by `view()`; go on with `taken()`
        broken,    ///< see `error()`; nothing more will come
    };
    enum class departure : std::uint8_t {
        removed,   ///< no byte had left: as if never asked
        swallowed, ///< its answer will be dropped; others live on
        must_close,///< nobody else waits: the connection is not worth keeping
    };

    /// @param heads  see `response_parser`
    h1_session(const response_limits& limits, std::size_t depth, head_memory* heads = nullptr) noexcept : parser_(limits, heads), depth_(depth) {}

    /// Unanswered requests, abandoned ones included.
    std::size_t unanswered() const noexcept { return entries_.size(); }
    bool open() const noexcept { return open_; }
    bool accepts() const noexcept { return open_ && entries_.size() < depth_; }

    /// The write buffer. The next request is appended to it whole, then `submit`ted; `retract` undoes an append.
    std::string& output()
    {
        keep_rest();
        return output_;
    }
    /// What was appended since the last submit is one request. Precondition: `accepts()`.
    /// @param rest  of it, not appended: sent from where it is, which must last until the request is answered or abandoned
    void submit(void* tag, bool is_head, std::string_view rest = {});
    void retract() noexcept { output_.resize(static_cast<std::size_t>(end_ - base_)); }
    /// Bytes that wait to be written; all of them, or those that lie together.
    std::string_view pending() const noexcept;
    std::size_t unsent() const noexcept { return static_cast<std::size_t>(end_ - sent_); }
    /// The first `n` pending bytes left.
    void wrote(std::size_t n) noexcept;
    /// A write of what is pending was begun and would have blocked: part of it may be on its way.
    void blocked() noexcept { attempted_ = end_; }

    /// Gives up one request. Its bytes, if none has left, are taken out again.
    departure abandon(void* tag);
    http::progress progress_of(void* tag) const noexcept;
    /// All of it was written.
    bool written(void* tag) const noexcept;
    /// It is its turn and its response's head has come.
    bool head_known(void* tag) const noexcept;
    /// A byte of the response has come to the oldest unanswered request.
    bool answer_begun() const noexcept { return !entries_.empty() && parser_.started(); }
    /// The request's text; precondition: `progress_of(tag)` is not_sent.
    std::string_view text_of(void* tag);

    /// `bytes` must stay until `next` has said need_more or broken.
    void feed(std::span<const char> bytes) noexcept { window_ = bytes; }
    event next();
    /// The peer ended the stream; see `response_parser::end`. Then `next` says response or broken.
    void end(bool clean);
    void* tag() const noexcept { return entries_.front().tag; }
    response_view view() noexcept { return parser_.view(); }
    /// The response of `event::response` was used; its bytes may go.
    void taken();
    /// Why the session broke.
    core::error error() const;

private:
    struct entry
    {
        void* tag;           ///< null: abandoned
        std::uint64_t begin; ///< offsets of its text in all that was ever submitted
        std::uint64_t end;
        bool is_head;
    };

    const entry* find(void* tag) const noexcept;
    void break_with(errc code, const char* why);
    /// The connection is not worth keeping, so that the rest will not be written.
    void drop_rest() noexcept;
    /// Something follows, or its owner leaves: the rest is copied behind what it belongs to.
    void keep_rest()
    {
        output_.append(rest_);
        rest_ = {};
    }

    response_parser parser_;
    std::size_t depth_;
    std::string output_;           ///< begins at offset base_
    std::string_view rest_;        ///< of the last request, its owner's; follows output_
    std::uint64_t base_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t attempted_ = 0;  ///< up to here a blocked write may have sent
    std::uint64_t end_ = 0;        ///< of what was submitted
    std::vector<entry> entries_;   ///< unanswered, in order
    std::span<const char> window_;
    core::error broken_with_;
    bool open_ = true;
    bool broken_ = false;
    bool ready_ = false;           ///< a response waits to be taken
};

} // namespace lambent::http
