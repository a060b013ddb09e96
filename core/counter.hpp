#pragma once

#include <atomic>
#include <cstdint>

namespace lambent::core {

/// Counted on one thread, readable on any: no locked instruction.
class counter
{
public:
    void add(std::uint64_t n = 1) noexcept { value_.store(value() + n, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

} // namespace lambent::core
