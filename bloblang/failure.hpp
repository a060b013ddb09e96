#pragma once

#include <lambent/data/value.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace lambent::bloblang {

/// Why an evaluation failed, in the words that are shown.
///
/// A type error has a gap for the expression that gave the wrong value; it is filled once, by the innermost expression that
/// names its source (`named_by`). Any other failure gets the source in front, once.
struct failure
{
    std::string text;      ///< of a type error: "expected string value, got number"
    std::string from;      ///< of a type error: "field `this.a`", or empty
    std::string preview;   ///< of a type error: " (5)", or empty
    bool of_type = false;
    bool sourced = false;  ///< a source stands somewhere in the text already
    bool complete = false; ///< names its operands: no source is put in front as long as it is not inside other words
    bool own_words = false; ///< the method that failed does not name its target this once
    bool lined = false;    ///< the line of an assignment stands somewhere in the text already

    /// Set when the message was no document: a statement fails with these words alone, whatever was put in front of them since.
    std::string document_words;

    std::string words() const { return from.empty() ? text + preview : text + " from " + from + preview; }
};

/// A value or a failure: what every expression evaluates to. 24 bytes, the good case allocates nothing.
class [[nodiscard]] answer
{
public:
    answer(data::value v) noexcept : value_(std::move(v)) {}
    answer(std::unique_ptr<failure> why) noexcept : failure_(std::move(why)) {}

    bool ok() const noexcept { return failure_ == nullptr; }
    const data::value& value() const& noexcept { return value_; }
    data::value&& value() && noexcept { return std::move(value_); }
    const failure& why() const noexcept { return *failure_; }
    std::unique_ptr<failure> take_failure() && noexcept { return std::move(failure_); }

private:
    data::value value_;
    std::unique_ptr<failure> failure_;
};

using problem = std::unique_ptr<failure>;

/// A failure that has only a text.
problem failed(std::string text);
/// "expected X value, got Y (preview)"
problem wrong_type(std::string_view expected, const data::value& got);
/// Names the expression a failure comes from: "field `this.a`: why", or the gap of a type error.
problem named_by(problem why, std::string_view source);
/// Puts words in front, as Go's %w: the result is no type error any more.
problem within(std::string_view words, problem why);

} // namespace lambent::bloblang
