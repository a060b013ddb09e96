#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::bloblang {

/// A node of a YAML document as it is written.
struct yaml_node
{
    enum class what : std::uint8_t { scalar, list, map, alias };

    what kind = what::scalar;
    bool quoted = false; ///< or a block: whatever it says, it is a string
    std::string tag;     ///< "!!str", "!x", or empty
    std::string text;    ///< of a scalar; of an alias its name
    std::size_t line = 0;
    yaml_node* target = nullptr; ///< of an alias
    bool being_read = false;
    std::vector<yaml_node*> children; ///< of a map: key, value, key, ...

    const yaml_node& resolved() const { return kind == what::alias ? *target : *this; }
};

/// The first document of a text, by libyaml, from which Go's parser was ported. Owns its nodes.
class yaml_tree
{
public:
    /// `depth_max`: how deep lists and maps may be nested.
    yaml_tree(std::string_view text, std::size_t depth_max);

    yaml_node* root() noexcept { return root_; }                    ///< null: there is no document
    const std::string& failure() const noexcept { return failure_; } ///< in Go's words, without "yaml: "; empty: none

private:
    friend class yaml_tree_builder;

    std::deque<yaml_node> nodes_;
    yaml_node* root_ = nullptr;
    std::string failure_;
};

} // namespace lambent::bloblang
