#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace lambent::bloblang {

/// A regular expression as one table of states, for texts that are ASCII: where a match is, not its groups.
///
/// RE2 takes a lock and two passes for each match, which is most of the time where texts are short. Only expressions of the common
/// kind have a table: literals, classes, groups, alternation, repetition of what is not empty, `^` at the start and `$` at the end.
/// May be used by several threads.
class ascii_matcher
{
public:
    /// `pattern` is one that RE2 takes. Null: it has something else in it, or its table would be large.
    static std::unique_ptr<const ascii_matcher> make(std::string_view pattern);

    enum class outcome { found, none, undecided };

    /// One search after the other through one text.
    class search
    {
    public:
        search(const ascii_matcher& by, std::string_view ascii) noexcept
            : by_(by), text_(ascii), steps_left_(steps_of_byte * ascii.size() + steps_free)
        {
        }

        /// The leftmost match that begins at `at` or later; of those that begin there, the one that Perl and Go prefer.
        /// `undecided`: the expression tries so many places for nothing in this text that RE2 has to go on, from `at`.
        outcome next(std::size_t at) noexcept;
        std::size_t from() const noexcept { return from_; }
        std::size_t end() const noexcept { return end_; }

    private:
        std::size_t next_begin(std::size_t at) const noexcept;

        /// Each place may cost the whole rest of the text: the sum of all is bounded by that many for each byte.
        static constexpr std::size_t steps_of_byte = 8;
        static constexpr std::size_t steps_free = 64;

        const ascii_matcher& by_;
        std::string_view text_;
        std::size_t steps_left_;
        std::size_t from_ = 0;
        std::size_t end_ = 0;
    };

private:
    friend class ascii_matcher_maker;
    ascii_matcher() = default;

    using state = std::uint8_t;
    static constexpr state dead = 0;
    static constexpr state start = 1;

    state after(state s, char c) const noexcept { return table_[std::size_t{s} * columns_ + column_[static_cast<unsigned char>(c)]]; }

    std::array<std::uint8_t, 128> column_{}; ///< bytes that the expression does not tell apart share one
    std::size_t columns_ = 0;
    std::vector<state> table_;               ///< by state and column
    std::vector<std::uint8_t> accepts_;      ///< by state: is what led here a match?
    std::array<bool, 128> begins_{};         ///< may a match begin with that byte?
    int only_begin_ = -1;                    ///< the one byte that matches begin with
    bool from_start_ = false;                ///< `^`
    bool to_end_ = false;                    ///< `$`
};

} // namespace lambent::bloblang
