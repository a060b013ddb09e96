#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>
#include <lambent/processor/detail/archived_file.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lambent::processor {

/// POSIX ustar (IEEE Std 1003.1, "pax"), regular files of mode 0666. Names that do not fit get a pax record.
std::string write_tar(const std::vector<archived_file>& files, core::wall_time modified);

/// Every entry, directories and links with no contents. Long names by pax records or as GNU writes them.
/// Errors are the words of Go's archive/tar: "archive/tar: invalid tar header", "unexpected EOF".
core::result<std::vector<archived_file>> read_tar(std::string_view bytes);

} // namespace lambent::processor
