#pragma once

#include <lambent/http/response.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::http {

/// What the lines of a response's head say to the parser itself.
struct head_facts
{
    int status = 0;
    bool http10 = false;
    bool asks_keep_alive = false;
    bool asks_close = false;
    bool has_length = false;
    bool chunked = false;
    std::uint64_t length = 0; ///< of the body, as announced
};

/// The head of an earlier response. One service's heads are the same to the letter but for a date, an id and a length, and where the next
/// one is, it need not be taken apart again. Shared by all parsers of one client; they have the same limits.
class head_memory
{
public:
    /// The size of the head that `text` begins with, if it differs from the one remembered inside values only, and there in visible characters;
    /// else 0.
    std::size_t match(std::string_view text) noexcept;

    /// Of the head last matched, or remembered.
    const head_facts& facts() const noexcept { return facts_; }
    /// Which field announces the length, if one does: to be read anew, for it may differ.
    std::size_t length_field() const noexcept { return length_at_; }
    /// Its reason and fields as they stand in `head`, which was matched; appended to `fields`.
    std::string_view place(const char* head, std::vector<field_view>& fields) const;

    /// A head that was taken apart, after it was not matched. Views point into `head`. Kept if the one remembered has not served of late.
    void offer(std::string_view head, std::string_view reason, std::span<const field_view> fields, const head_facts& facts);

private:
    struct span_of
    {
        std::uint32_t at;
        std::uint32_t size;
    };
    struct field
    {
        span_of name;
        span_of value;
    };

    std::string head_;
    std::string free_;           ///< 0xff at bytes that may differ, 0 at all others
    head_facts facts_;
    span_of reason_{0, 0};
    std::vector<field> fields_;
    std::size_t length_at_ = 0;  ///< index of the field that announces the length, if one does
    unsigned trust_ = 0;         ///< matches of late; at 0 another head takes the place
};

} // namespace lambent::http
