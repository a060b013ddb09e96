#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::processor {

/// Four bytes, most significant first: the lengths of the `binary` archive format and of cached results.
inline void put_u32(std::string& out, std::uint32_t n)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(n >> shift & 0xffU));
}

/// Takes them off the front; nullopt where there are fewer than four.
inline std::optional<std::uint32_t> take_u32(std::string_view& from) noexcept
{
    if (from.size() < 4)
        return std::nullopt;
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < 4; ++i)
        n = n << 8U | static_cast<unsigned char>(from[i]);
    from.remove_prefix(4);
    return n;
}

} // namespace lambent::processor
