#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lambent::config {

/// Line and column start at 1; `file` is as the user gave it.
struct place
{
    std::string file;
    std::size_t line = 1;
    std::size_t column = 1;
};

/// A view into a parsed YAML (or JSON) document: shares it, copies cheaply, never throws. Aliases and merge keys are resolved.
///
/// A missing key gives an absent node, on which everything is false or empty, so that reads chain. Of a key written twice the
/// last one counts, as in the original. `<<: *name` is merged; keys written beside it win.
class node
{
public:
    enum class kind { absent, null, scalar, sequence, map };

    node() = default; ///< absent

    /// Text after variable substitution. The error's detail is `file(line,column) message`.
    static core::result<node> parse(std::string_view text, std::string file);

    node::kind type() const noexcept;
    bool exists() const noexcept { return type() != kind::absent; }
    bool is_null() const noexcept { return type() == kind::null; }
    bool is_scalar() const noexcept { return type() == kind::scalar; }
    bool is_sequence() const noexcept { return type() == kind::sequence; }
    bool is_map() const noexcept { return type() == kind::map; }
    /// "!!str", "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map": as Go's YAML resolves it.
    std::string_view tag() const noexcept;

    place where() const;       ///< of the value
    place key_place() const;   ///< of its key in the parent map; the value's own place elsewhere

    std::size_t size() const noexcept;                    ///< of a sequence or map
    node at(std::size_t index) const;                     ///< element of a sequence
    node get(std::string_view key) const;                 ///< value in a map; absent when missing
    std::vector<std::pair<std::string, node>> items() const; ///< of a map, in document order, merge keys applied
    std::vector<std::pair<std::string, node>> items_as_written() const; ///< repeated keys and `<<` included (for the linter)
    bool is_alias() const noexcept; ///< written as *name here

    /// The scalar's text as written (unquoted), e.g. "5" for 5; empty for others.
    const std::string& text() const noexcept;
    /// A block scalar (| or >).
    bool is_block_scalar() const noexcept;
    /// A block scalar written with |: its first line is the one below.
    bool is_literal() const noexcept;
    /// A scalar without quotes.
    bool is_plain() const noexcept;

    /// A copy of this tree with the value at a dot path replaced (`--set`). The error says which part of the path is wrong.
    core::result<node> with(std::string_view path, const node& value) const;

    /// The whole as compact JSON text, by YAML's types (for `any` fields).
    std::string to_json() const;

    struct tree;
    /// The root of a tree that was read by other means than `parse`.
    static node adopt(tree&& made);

private:
    node(std::shared_ptr<const tree> tree, std::size_t index) : tree_(std::move(tree)), index_(index) {}

    std::shared_ptr<const tree> tree_;
    std::size_t index_ = 0;
};

/// "1h2m", "100ms", "1.5h", "0": Go's durations, with Go's words for what is wrong.
core::result<core::duration> parse_duration(std::string_view text);

} // namespace lambent::config
