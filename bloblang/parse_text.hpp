#pragma once

#include <lambent/bloblang/mapping.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::bloblang {

/// Why a piece of grammar did not match.
///
/// Two kinds. A plain fault says what was expected and lets other alternatives try; of several alternatives the one that got
/// furthest is told, and those that got equally far share their expectations. A fatal fault ends parsing at once: either an
/// expectation that had to be met ("required: expected X"), or a flaw of something complete ("unrecognised function 'f'").
///
/// How the message ends follows from that: a fault with expectations ends ", got: " and the next five characters, or
/// ", but reached end of input"; one without ends ": " and the next five characters, or nothing at the end of the text.
struct fault
{
    std::size_t at = 0;
    std::vector<std::string> expected;
    std::string fatal; ///< empty: plain

    bool is_fatal() const noexcept { return !fatal.empty(); }
    parse_error told(std::string_view text) const;
};

/// Line and column as the original counts them: characters up to the place, less the lines before it in bytes. So a character
/// of several bytes moves what follows in later lines to the left, even into the line before.
parse_error place_of(std::string_view text, std::size_t at);

/// A text, a place in it, and the last fault. Every `bool` of a parser: true = matched and moved on; false = see `wrong`, and
/// the place is undefined until the caller sets it back.
class parse_cursor
{
public:
    explicit parse_cursor(std::string_view text) : text_(text) {}

    bool at_end() const noexcept { return at_ == text_.size(); }
    char peek() const noexcept { return at_end() ? '\0' : text_[at_]; }
    std::string_view rest() const noexcept { return text_.substr(at_); }

    bool expect(std::string what)
    {
        wrong = {at_, {std::move(what)}, {}};
        return false;
    }
    bool fatal_at(std::size_t at, std::string why)
    {
        wrong = {at, {}, std::move(why)};
        return false;
    }
    /// The last fault becomes fatal, if it is not.
    bool required()
    {
        if (!wrong.is_fatal())
            wrong.fatal = "required";
        return false;
    }
    /// The last fault, if plain, is told as this expectation.
    bool as(std::string what)
    {
        if (!wrong.is_fatal())
            wrong.expected = {std::move(what)};
        return false;
    }

    bool token(std::string_view what); ///< expected: the token itself
    bool spaces();                     ///< one or more spaces or tabs; expected: whitespace
    void skip_spaces() noexcept;
    bool line_break();                 ///< a line break, with a comment before it; expected: line break
    void skip_blank();                 ///< spaces, tabs, line breaks, comments
    /// A "quoted" text, its escapes resolved.
    bool quoted(std::string& out);
    /// A """raw""" text.
    bool raw_quoted(std::string& out);
    /// [A-Za-z0-9_]+
    bool word(std::string& out, std::string what);
    /// [a-z0-9_]+
    bool snake_word(std::string& out, std::string what);

    /// Tries the alternatives in turn from the same place.
    template <class... Alternatives>
    bool one_of(Alternatives&&... alternatives)
    {
        const std::size_t start = at_;
        fault furthest;
        bool any = false;
        bool matched = false;
        const auto attempt = [&](auto&& alternative) {
            at_ = start;
            matched = alternative();
            if (matched || wrong.is_fatal())
                return true;
            if (!any || wrong.at > furthest.at)
                furthest = wrong;
            else if (wrong.at == furthest.at)
                furthest.expected.insert(furthest.expected.end(), wrong.expected.begin(), wrong.expected.end());
            any = true;
            return false;
        };
        if (!(attempt(alternatives) || ...))
            wrong = std::move(furthest);
        return matched;
    }

    fault wrong;

protected:
    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace lambent::bloblang
