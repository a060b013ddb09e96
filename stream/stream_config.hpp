#pragma once

#include <lambent/aws/environment.hpp>
#include <lambent/config/lint.hpp>
#include <lambent/config/node.hpp>
#include <lambent/core/error.hpp>
#include <lambent/core/time.hpp>
#include <lambent/stream/logger.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::stream {

/// What the command line says about the configuration.
struct config_request
{
    std::string file;                       ///< empty: the first default path that exists, else stdin to stdout
    std::vector<std::string> resources;     ///< glob patterns
    std::vector<std::string> sets;          ///< path=value
    std::string log_level;                  ///< empty: the file's
};

struct http_settings
{
    bool enabled = true;
    std::string host;
    std::uint16_t port = 0;
    std::string root_path;
    std::string certificate_pem; ///< empty: plain
    std::string key_pem;
};

/// A configuration as it was read and checked; the components in it are not made yet.
struct stream_config
{
    std::string file;                          ///< empty: none, all defaults
    bool found_by_default = false;
    config::node document;
    std::vector<config::node> resource_files;
    std::vector<config::finding> findings;     ///< the linter's; unset variables are among them
    logger_options logger;
    std::string log_file;                      ///< empty: stdout, or stderr when messages go to stdout
    bool log_to_stderr = false;
    http_settings http;
    std::size_t threads = 1;
    core::duration shutdown_delay = core::duration::zero();
    core::duration shutdown_timeout = std::chrono::seconds(20);
};

/// Reads files, variables and overrides. The error is one message for people, complete with place.
/// @param processors  of the machine, for `pipeline.threads` <= 0
core::result<stream_config> load(const config_request& request, const aws::environment& environment, std::size_t processors);

/// The place of the component that an error of building names ("... path root.pipeline.processors.0: ..."), or its nearest
/// parent's; nullopt when the error names none.
std::optional<config::place> find_place(const stream_config& config, std::string_view error);

/// A section's elements in the main file and in those given with `-r`, in this order.
std::vector<config::node> section(const stream_config& config, std::string_view name);

} // namespace lambent::stream
