#pragma once

#include <cstdint>
#include <string>

namespace lambent::core {

/// The door of chance: jitter, ids. Seeded, so that a run can be replayed; not for keys. One per shard.
class entropy
{
public:
    explicit entropy(std::uint64_t seed) noexcept : state_(seed) {}

    /// Seeded from the operating system.
    static entropy from_system();

    std::uint64_t next() noexcept
    {
        // splitmix64 (Steele, Lea, Flood 2014): one word of state, passes BigCrush.
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }

    /// Uniform in [0, 1).
    double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    /// Uniform in [0, bound); 0 when bound is 0.
    std::uint64_t below(std::uint64_t bound) noexcept
    {
        __extension__ using wide = unsigned __int128;
        return static_cast<std::uint64_t>((static_cast<wide>(next()) * bound) >> 64);
    }
    bool chance(double probability) noexcept { return probability > 0 && uniform() < probability; }
    /// RFC 9562 version 4, lower case.
    std::string uuid();

private:
    std::uint64_t state_;
};

} // namespace lambent::core
