#pragma once

#include <lambent/core/error.hpp>

#include <string>
#include <string_view>

namespace lambent::stream {

/// How messages are written one after another: `lines`, `delim:x`, `append`, `all-bytes`.
struct writer_codec
{
    std::string delimiter;   ///< after each message that does not end with it already
    bool truncate = false;   ///< each message replaces the file's contents (all-bytes)

    static core::result<writer_codec> parse(std::string_view text);
    void append(std::string& out, std::string_view message) const;
};

} // namespace lambent::stream
