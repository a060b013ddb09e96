#pragma once

#include <lambent/aws/credentials.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/shard.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

namespace lambent::cli {

/// All that comes, or an error: it cannot be read, or is larger than `bytes_max`.
core::result<std::string> read_all(std::FILE* from, std::size_t bytes_max);
/// The file of that name, whole; errors begin with its name.
core::result<std::string> read_file(const std::string& path, std::size_t bytes_max);

/// Runs `loop` until the source has answered.
core::result<std::shared_ptr<const aws::credentials>> fetch_keys(asio::io_context& loop, core::shard& on, aws::credentials_source& from);

} // namespace lambent::cli
