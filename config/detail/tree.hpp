#pragma once

#include <lambent/config/errc.hpp>
#include <lambent/config/node.hpp>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace lambent::config {

/// A document as a flat table. A *slot* is one occurrence of a value (with the place of its key), its *content* may be shared by
/// several slots through aliases and merge keys, so that an alias costs one slot however large its anchor is.
struct node::tree
{
    struct content
    {
        node::kind kind = node::kind::null;
        bool block = false;             ///< written as | or >
        bool literal = false;           ///< written as |
        bool plain = false;             ///< a scalar without quotes
        std::uint32_t file = 0;         ///< index into `files`
        std::uint32_t line = 1;
        std::uint32_t column = 1;
        std::string tag;                ///< short form: !!str
        std::string text;               ///< of a scalar
        std::vector<std::uint32_t> children;   ///< slots
        std::vector<std::string> keys;         ///< of a map, beside `children`
    };
    struct slot
    {
        std::uint32_t content = 0;
        std::uint32_t key_line = 0;     ///< 0: not in a map
        std::uint32_t key_column = 0;
        bool alias = false;             ///< written as *name
    };

    std::vector<std::string> files;
    std::vector<content> contents;
    std::vector<slot> slots;            ///< slot 0 is the root
};

} // namespace lambent::config

namespace lambent::config::detail {

/// Bounds on one document. Beyond any sane configuration, far below what would hurt.
struct document_limits
{
    std::size_t text_bytes_max = 16 * 1024 * 1024;
    std::size_t depth_max = 200;             ///< nesting; every walk of a tree may recurse this deep
    std::size_t expanded_nodes_max = 1'000'000; ///< with every alias counted in full
};

/// Where and why a text is no YAML. `message` has the words and the line of Go's parser, `at_*` the true place.
struct syntax_flaw
{
    errc code = errc::malformed_yaml;
    std::string message;
    std::size_t at_line = 1;
    std::size_t at_column = 1;
};

std::variant<node::tree, syntax_flaw> read_yaml(std::string_view text, std::string file, const document_limits& limits = {});

/// The tag that Go's yaml.v3 gives to a scalar without quotes and without an explicit tag.
std::string_view plain_scalar_tag(std::string_view text);

/// A plain integer in any notation Go accepts; false when it does not fit 64 bits signed.
bool read_integer(std::string_view text, std::int64_t& out);
/// A plain float or integer.
bool read_real(std::string_view text, double& out);

} // namespace lambent::config::detail
