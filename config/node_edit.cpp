#include <lambent/config/detail/tree.hpp>
#include <lambent/config/errc.hpp>
#include <lambent/config/node.hpp>

#include <charconv>

namespace lambent::config {
namespace {

core::error bad_path(std::string_view path, const std::string& why)
{
    core::error e;
    e.code = errc::field_unknown;
    e.detail = std::string(path) + ": " + why;
    return e;
}

/// Appends the contents of `value` to `tree` and returns the content index of its root.
std::uint32_t graft(node::tree& tree, const node::tree& value, std::size_t slot)
{
    const auto contents = static_cast<std::uint32_t>(tree.contents.size());
    const auto slots = static_cast<std::uint32_t>(tree.slots.size());
    const auto files = static_cast<std::uint32_t>(tree.files.size());
    tree.files.insert(tree.files.end(), value.files.begin(), value.files.end());
    for (node::tree::content made : value.contents) {
        made.file += files;
        for (std::uint32_t& child : made.children)
            child += slots;
        tree.contents.push_back(std::move(made));
    }
    for (node::tree::slot made : value.slots) {
        made.content += contents;
        tree.slots.push_back(made);
    }
    return value.slots[slot].content + contents;
}

std::uint32_t add_map(node::tree& tree, std::uint32_t like)
{
    node::tree::content made;
    made.kind = node::kind::map;
    made.tag = "!!map";
    made.file = tree.contents[like].file;
    made.line = tree.contents[like].line;
    made.column = tree.contents[like].column;
    tree.contents.push_back(std::move(made));
    return static_cast<std::uint32_t>(tree.contents.size() - 1);
}

/// Gives the content behind `slot` a copy of its own, so that an anchor's other uses keep theirs; scalars become empty maps.
std::uint32_t own_collection(node::tree& tree, std::uint32_t slot)
{
    node::tree::content own = tree.contents[tree.slots[slot].content];
    if (own.kind == node::kind::null || own.kind == node::kind::scalar) {
        own.kind = node::kind::map;
        own.tag = "!!map";
        own.text.clear();
    }
    tree.contents.push_back(std::move(own));
    return tree.slots[slot].content = static_cast<std::uint32_t>(tree.contents.size() - 1);
}

/// The child slots may be shared with the content that was copied: the one about to change is replaced.
std::uint32_t fresh_slot(node::tree& tree, std::uint32_t content, std::size_t child)
{
    const auto fresh = static_cast<std::uint32_t>(tree.slots.size());
    node::tree::slot copy = tree.slots[tree.contents[content].children[child]];
    copy.alias = false;
    tree.slots.push_back(copy);
    tree.contents[content].children[child] = fresh;
    return fresh;
}

std::size_t child_in_map(node::tree& tree, std::uint32_t content, std::string_view key)
{
    const auto& keys = tree.contents[content].keys;
    for (std::size_t i = keys.size(); i-- > 0;)
        if (keys[i] == key)
            return i;
    node::tree::slot made;
    made.content = add_map(tree, content);
    made.key_line = tree.contents[content].line;
    made.key_column = tree.contents[content].column;
    tree.contents[content].keys.emplace_back(key);
    tree.contents[content].children.push_back(static_cast<std::uint32_t>(tree.slots.size()));
    tree.slots.push_back(made);
    return tree.contents[content].keys.size() - 1;
}

core::result<std::size_t> child_in_list(node::tree& tree, std::uint32_t content, std::string_view part)
{
    if (part == "-") {
        node::tree::slot made;
        made.content = add_map(tree, content);
        tree.contents[content].children.push_back(static_cast<std::uint32_t>(tree.slots.size()));
        tree.slots.push_back(made);
        return tree.contents[content].children.size() - 1;
    }
    std::size_t index = 0;
    const std::size_t count = tree.contents[content].children.size();
    const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (code != std::errc() || end != part.data() + part.size())
        return bad_path(part, "not an index of the list");
    if (index >= count)
        return bad_path(part, "the list has " + std::to_string(count) + " elements");
    return index;
}

} // namespace

core::result<node> node::with(std::string_view path, const node& value) const
{
    if (!value.exists())
        return bad_path(path, "no value given");
    tree copy;
    if (tree_)
        copy = *tree_;
    if (copy.slots.empty()) {
        copy.files.emplace_back();
        copy.contents.push_back({});
        copy.slots.push_back({});
    }
    const std::uint32_t grafted = graft(copy, *value.tree_, value.index_);
    auto slot = static_cast<std::uint32_t>(index_);
    for (std::string_view rest = path; !rest.empty();) {
        const std::size_t dot = rest.find('.');
        const std::string_view part = rest.substr(0, dot);
        const std::uint32_t content = own_collection(copy, slot);
        if (copy.contents[content].kind == kind::map) {
            slot = fresh_slot(copy, content, child_in_map(copy, content, part));
        } else {
            auto child = child_in_list(copy, content, part);
            if (!child)
                return bad_path(path, child.error().detail);
            slot = fresh_slot(copy, content, *child);
        }
        rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
    }
    copy.slots[slot].content = grafted;
    copy.slots[slot].alias = false;
    return node(std::make_shared<const tree>(std::move(copy)), index_);
}

} // namespace lambent::config
