#include <lambent/core/entropy.hpp>

#include <random>

namespace lambent::core {

entropy entropy::from_system()
{
    std::random_device device;
    const auto high = static_cast<std::uint64_t>(device()) << 32;
    return entropy(high | device());
}

std::string entropy::uuid()
{
    constexpr char digits[] = "0123456789abcdef";
    std::uint64_t high = next();
    std::uint64_t low = next();
    // RFC 9562 section 5.4: version 4 in the third group, variant 10 in the fourth.
    high = (high & ~std::uint64_t{0xf000}) | 0x4000U; // a 32-bit mask would clear the upper half
    low = (low & 0x3fff'ffff'ffff'ffffU) | 0x8000'0000'0000'0000U;
    std::string text(36, '-');
    std::size_t at = 0;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20)
            ++at;
        const std::uint64_t half = nibble < 16 ? high : low;
        text[at++] = digits[(half >> (60 - 4 * (nibble % 16))) & 15U];
    }
    return text;
}

} // namespace lambent::core
