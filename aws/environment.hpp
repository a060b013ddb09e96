#pragma once

#include <lambent/core/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace lambent::aws {

/// The door of the environment: variables and files. Nothing else calls getenv or opens a file for the bytes half, but for
/// the CA bundle, which OpenSSL reads. Asked when a client is made, and when the keys of a profile are read again; it blocks.
class environment
{
public:
    virtual ~environment() = default;
    virtual std::optional<std::string> variable(std::string_view name) const = 0;
    /// The whole file; the error says path and reason.
    virtual core::result<std::string> read_file(const std::string& path) const = 0;
};

/// The process's own.
const environment& process_environment();

} // namespace lambent::aws
