#pragma once

#include <lambent/bloblang/mapping.hpp>
#include <lambent/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace lambent::cli {

/// Why a text is no mapping, for people: the error, and below it the line with a caret under the place.
///
///     failed to parse mapping: line 2 char 16: unrecognised function 'nope'
///       |
///     2 | root.b = nope()
///       |                ^---
std::string told_with_caret(std::string_view mapping, const bloblang::parse_error& wrong);

struct line_form
{
    bool raw = false;    ///< lines are texts: one that the mapping leaves alone comes out as it went in, not as JSON written anew
    bool pretty = false; ///< results over several lines, indented
};

/// What a mapping makes of one line, without a line's end: texts as they are, everything else as JSON with < > & escaped; nothing for
/// a deleted document. The error says why, with the line of the mapping where one is known.
core::result<std::string> map_line(const bloblang::mapping& mapping, std::string_view line, const line_form& form);

/// A value as `map_line` shows it.
core::result<std::string> shown(const data::value& v, bool pretty);

/// A failure of a mapping, from its innermost assignment on: the outer ones only say which map was applied where.
std::string_view innermost(std::string_view failure);

/// Splits a descriptor's bytes into lines, ended by LF or CRLF, of a bounded length.
class line_reader
{
public:
    enum class found {
        line,
        end,
        too_long, ///< and nothing more is read
        failed,   ///< errno tells why
    };

    /// A line takes at most `longest` - 1 bytes beside its end; so counts the original's scanner, too.
    line_reader(int from, std::size_t longest) : from_(from), longest_(longest) {}

    /// `line` is valid until the next call. Waits for bytes where `ready()` is false.
    found next(std::string_view& line);
    /// Is a whole line there already?
    bool ready() const noexcept { return held_.find('\n', start_) != std::string::npos; }

private:
    int from_;
    std::size_t longest_;
    std::string held_;
    std::size_t start_ = 0;
    bool ended_ = false;
};

} // namespace lambent::cli
