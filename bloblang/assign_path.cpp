#include <lambent/bloblang/assign_path.hpp>
#include <lambent/bloblang/value_rules.hpp>

#include <lambent/data/path.hpp>

#include <charconv>
#include <optional>

namespace lambent::bloblang {
namespace {

using data::value;

using path_type = std::vector<std::string>;

/// strconv.Atoi
std::optional<std::int64_t> index_of(std::string_view text)
{
    if (text.size() > 1 && text[0] == '+' && text[1] != '-')
        text.remove_prefix(1);
    std::int64_t i = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), i);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
        return std::nullopt;
    return i;
}

problem unresolved(const path_type& path, std::size_t segment, const std::string& why)
{
    return failed(
        "unable to set target path " + data::join_path(path) + ": failed to resolve path segment '" + std::to_string(segment) + "': " + why);
}

/// Names the first value on the way that is no object.
problem collision(const value& root, const path_type& path)
{
    const value* at = &root;
    std::size_t depth = 0;
    while (at->is_object() && depth < path.size()) {
        const value* next = at->peek(path[depth]);
        if (next == nullptr)
            break;
        at = next;
        ++depth;
    }
    const std::string where = depth == 0 ? "the root" : data::join_path(path_type(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(depth)));
    return failed("unable to set target path " + data::join_path(path) + " as the value of " + where +
        " was a non-object type (" + std::string(type_name(*at)) + ")");
}

/// The element that `segment` names, as an index into `at`'s elements; appends for `-`.
problem element_of(value& at, const path_type& path, std::size_t depth, std::size_t& index)
{
    const std::string& segment = path[depth];
    if (segment == "-") {
        index = at.size();
        at.edit_items().push_back(value::object());
        return nullptr;
    }
    const auto i = index_of(segment);
    const std::string quoted = "'" + segment + "'";
    if (!i) {
        return unresolved(path, depth, "found array but segment value " + quoted +
            " could not be parsed into array index: strconv.Atoi: parsing \"" + segment + "\": invalid syntax");
    }
    const std::string number = std::to_string(*i);
    if (*i < 0)
        return unresolved(path, depth, "found array but index '" + number + "' is invalid");
    if (static_cast<std::size_t>(*i) >= at.size()) {
        return unresolved(
            path, depth, "found array but index '" + number + "' exceeded target array size of '" + std::to_string(at.size()) + "'");
    }
    index = static_cast<std::size_t>(*i);
    return nullptr;
}

problem set_path(value& root, const path_type& path, value v)
{
    value* at = &root;
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
        const bool last = depth + 1 == path.size();
        if (at->is_array()) {
            std::size_t index = 0;
            if (problem why = element_of(*at, path, depth, index))
                return why;
            at = &at->edit_items()[index];
            if (!last && at->is_null())
                return unresolved(path, depth, "field '" + path[depth] + "' was not found");
        } else {
            if (at->is_null() || at->is_nothing())
                *at = value::object();
            if (!at->is_object())
                return collision(root, path);
            at = &at->edit_member(path[depth]);
        }
    }
    *at = std::move(v);
    return nullptr;
}

/// What cannot be found is not removed; an array that is the root itself keeps its elements.
void remove_path(value& root, const path_type& path)
{
    if (root.is_null() || root.is_nothing())
        root = value::object();
    if (!data::has_path(root, path))
        return;
    value* at = &root;
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
        const bool last = depth + 1 == path.size();
        if (at->is_array()) {
            const auto i = index_of(path[depth]);
            if (!i || *i < 0)
                return;
            const auto index = static_cast<std::size_t>(*i);
            if (!last) {
                at = &at->edit_items()[index];
            } else if (depth > 0) {
                auto& items = at->edit_items();
                items.erase(items.begin() + *i);
            }
        } else if (last) {
            at->erase_member(path[depth]);
        } else {
            at = &at->edit_member(path[depth]);
        }
    }
}

} // namespace

problem assign_path(value& root, const path_type& path, value v)
{
    if (!v.is_deleted())
        return set_path(root, path, std::move(v));
    remove_path(root, path);
    return nullptr;
}

} // namespace lambent::bloblang
