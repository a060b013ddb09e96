#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>
#include <lambent/processor/detail/archived_file.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace lambent::processor {

/// Deflated entries (PKWARE APPNOTE 6.3.3, no zip64): at most 65,535 entries and 4 GiB, else an error.
core::result<std::string> write_zip(const std::vector<archived_file>& files, core::wall_time modified);

/// Every entry of the central directory, stored or deflated, its checksum verified.
/// Errors are the words of Go's archive/zip: "zip: not a valid zip file", "zip: unsupported compression algorithm".
core::result<std::vector<archived_file>> read_zip(std::string_view bytes);

} // namespace lambent::processor
