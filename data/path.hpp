#pragma once

#include <lambent/data/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::data {

/// Splits a dot path: `a.b~1c` is {"a", "b.c"}; `~0` stands for `~`.
std::vector<std::string> split_path(std::string_view path);
/// The inverse.
std::string join_path(const std::vector<std::string>& segments);
/// Escapes one segment.
std::string escape_segment(std::string_view segment);

/// A segment as an array's index, by Go's strconv.Atoi (a leading + is taken); nullopt for everything else and below zero.
std::optional<std::size_t> array_index(std::string_view segment) noexcept;

/// Follows the segments: members of objects, indices of arrays, `*` for every element of an array (gives an array of what was found).
/// nullopt where the path does not lead to a value.
std::optional<value> find_path(const value& root, const std::vector<std::string>& segments);
bool has_path(const value& root, const std::vector<std::string>& segments);

} // namespace lambent::data
