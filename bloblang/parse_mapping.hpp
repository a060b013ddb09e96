#pragma once

#include <lambent/bloblang/parse_query.hpp>
#include <lambent/bloblang/statement.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lambent::bloblang {

/// A whole mapping, ready to run.
struct compiled_mapping
{
    std::shared_ptr<const block> statements;
    std::shared_ptr<const map_table> maps;
};

/// Reads files for `import` and `from`; `directory` is where relative paths start.
struct import_place
{
    std::string directory;
    unsigned depth = 0; ///< files that import files
};
inline constexpr unsigned import_depth_max = 64;

/// The grammar of mappings: `from "file"`, statements, or one bare query that stands for `root = query`.
///
/// Of the last two the one that gets further is told, the statements where they tie; a fatal fault of the statements ends at once.
std::variant<compiled_mapping, parse_error> parse_mapping(std::string_view text, const environment& world, const import_place& place);

} // namespace lambent::bloblang
