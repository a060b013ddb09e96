#pragma once

#include <lambent/core/error.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::processor {

enum class codec {
    flate,  ///< a bare deflate stream
    gzip,
    zlib,
    lz4,    ///< frame format
    snappy, ///< block format
    zstd,
};

/// "pgzip" is gzip as well. nullopt for a name that is none.
std::optional<codec> codec_named(std::string_view name) noexcept;

/// What a message may grow to; a bomb ends here, not in the out-of-memory killer.
inline constexpr std::size_t decompressed_bytes_max = std::size_t(1) << 30;

/// @param level  -1: the codec's own default. Codecs without levels ignore it.
core::result<std::string> compress(codec how, int level, std::string_view bytes);
/// Errors are the words of the Go packages: "gzip: invalid header", "unexpected EOF".
core::result<std::string> decompress(codec how, std::string_view bytes);

} // namespace lambent::processor
