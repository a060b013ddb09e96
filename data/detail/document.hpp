#pragma once

#include <lambent/data/value.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lambent::data::detail {

/// A JSON text that was found valid as a whole, with the places of its tokens: values are made of it when they are asked for.
///
/// One block: this header, a padded copy of the text, for every token its offset (`starts_`) and, for brackets, a link. Tokens
/// are brackets, commas, colons and the first byte of each scalar, counted from 0. A link leads from an opening bracket to its
/// closing one, and from there to the container's number. Containers whose elements were asked for are kept by that number.
/// May be read by several threads.
class document : public value::node
{
public:
    using token = std::uint32_t;
    static constexpr token none = 0xffffffff;

    /// Null: not valid, or nothing that this form can hold; the careful reader tells which.
    static document* index(std::string_view text, std::size_t depth_max);
    static void destroy(document* d) noexcept;

    /// The document that `v` is an unread part of; null for all other values.
    static const document* of(const value& v) noexcept
    {
        const bool within = v.inside() == value::in_document || v.inside() == value::borrowed;
        return within ? static_cast<const document*>(v.as_.shared) : nullptr;
    }
    /// Of such a value.
    static token token_of(const value& v) noexcept { return v.token(); }
    /// A value that takes over the caller's reference to `d`.
    static value adopted(document* d);

    static constexpr token root() noexcept { return 0; }
    /// The value at a token that starts one. `borrowed`: it must not outlive this document.
    value at(token t, bool borrowed = false) const;
    /// The array_node or object_node of the container at `t`: one level, its elements borrowed. Lives as long as this.
    value::node* level(token t) const;

    /// Of the string without escapes, or the number, at `t`.
    std::string_view text(token t) const noexcept
    {
        const char* first = at_byte(t);
        return *first == '"' ? std::string_view(first + 1, end_of(t) - 1) : std::string_view(first, end_of(t));
    }
    /// `none` where the object has no such member.
    token find(token object, std::string_view key) const;
    /// `none` beyond the array's end.
    token element(token array, std::size_t index) const noexcept;
    /// Follows the segments from `t`; `none` where they lead nowhere. Stops before a `*` in an array: `segments` is what is left.
    token follow(token t, std::span<const std::string>& segments) const;

    /// Of the container at `t`.
    std::size_t tokens_below(token t) const noexcept { return links_[t] - t - 1; }

    /// How many bytes the value at `t` takes in the text, white space included.
    std::size_t bytes_below(token t) const noexcept { return starts_[after(t)] - starts_[t]; }
    /// How deep the document is nested, or more than that where it is small.
    std::size_t depth_at_most() const noexcept { return containers_ <= 1024 ? containers_ : depth(); }

    bool is_object(token t) const noexcept { return *at_byte(t) == '{'; }
    bool is_array(token t) const noexcept { return *at_byte(t) == '['; }

    /// What is nested deeper is written by the writer of values, which has an explicit stack.
    static constexpr unsigned depth_written_max = 128;
    /// Appends the value at `t` as Go writes it, compact. False, with `out` as it was, where that takes more than copying:
    /// the caller writes the values then.
    bool write(std::string& out, token t, bool escape_html) const;

private:
    friend class document_writer;

    document() = default;
    bool check(std::size_t depth_max) noexcept;

    const char* at_byte(token t) const noexcept { return text_ + starts_[t]; }
    /// One past the scalar at `t`, quotes included.
    const char* end_of(token t) const noexcept
    {
        const char* end = text_ + starts_[t + 1];
        while (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t')
            --end;
        return end;
    }
    /// The first token after the value at `t`.
    token after(token t) const noexcept
    {
        const char c = *at_byte(t);
        return c == '{' || c == '[' ? links_[t] + 1 : t + 1;
    }
    /// The next element's or key's token, or the closing bracket.
    token next(token value_token) const noexcept
    {
        const token t = after(value_token);
        return *at_byte(t) == ',' ? t + 1 : t;
    }
    std::size_t depth() const noexcept;
    bool same_key(token t, std::string_view key) const;
    value::node* make_level(token t) const;

    const char* text_ = nullptr;
    const token* starts_ = nullptr; ///< `tokens_` and three times the text's length
    token* links_ = nullptr;
    std::size_t size_ = 0;
    std::size_t block_ = 0; ///< bytes of the whole
    token tokens_ = 0;
    token containers_ = 0;
    bool escapes_ = false; ///< is there a backslash anywhere?
    mutable std::atomic<std::atomic<value::node*>*> levels_{nullptr};
};

} // namespace lambent::data::detail
