#pragma once

#include <lambent/bloblang/mapping.hpp>

#include <chrono>

namespace lambent::fuzz {

/// A pure world whose clock stands still and whose chance counts; an evaluation may cost little, so that each input is quick.
class small_world final : public bloblang::environment
{
public:
    core::wall_time now() const override { return core::wall_time{} + std::chrono::milliseconds(1'605'130'023'456); }
    std::uint64_t random() const override { return drawn_++; }
    bloblang::evaluation_limits limits() const noexcept override { return {.steps = 20'000, .bytes = 4 << 20}; }
    /// From here on chance repeats itself.
    void begin() const { drawn_ = 0; }

private:
    mutable std::uint64_t drawn_ = 0;
};

} // namespace lambent::fuzz
