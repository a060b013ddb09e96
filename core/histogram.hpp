#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace lambent::core {

/// Log-linear histogram of unsigned 64-bit values (nanoseconds, bytes): 64 buckets per power of two, so that a quantile is
/// at most 1/64 (1.6 %) above the truth; below 128 it is exact. 30 KiB, no allocation, mergeable.
class histogram
{
public:
    void record(std::uint64_t value) noexcept
    {
        ++buckets_[index_of(value)];
        ++count_;
        sum_ += value;
        min_ = std::min(min_, value);
        max_ = std::max(max_, value);
    }

    void merge(const histogram& other) noexcept
    {
        for (std::size_t i = 0; i < buckets_.size(); ++i)
            buckets_[i] += other.buckets_[i];
        count_ += other.count_;
        sum_ += other.sum_;
        min_ = std::min(min_, other.min_);
        max_ = std::max(max_, other.max_);
    }

    /// The smallest recorded value, up to the buckets' width, that `q` of all do not exceed; 0 when empty. `q` in [0, 1].
    std::uint64_t quantile(double q) const noexcept
    {
        if (count_ == 0)
            return 0;
        const double wanted = std::clamp(q, 0.0, 1.0) * static_cast<double>(count_);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (seen > 0 && static_cast<double>(seen) >= wanted)
                return std::clamp(highest_of(i), min_, max_);
        }
        return max_;
    }

    /// Which part of the recorded values does not exceed `value`, up to the buckets' width; 0 when empty.
    double fraction_up_to(std::uint64_t value) const noexcept
    {
        if (count_ == 0)
            return 0;
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size() && highest_of(i) <= value; ++i)
            seen += buckets_[i];
        return value >= max_ ? 1.0 : static_cast<double>(seen) / static_cast<double>(count_);
    }

    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t sum() const noexcept { return sum_; }
    std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
    std::uint64_t max() const noexcept { return max_; }
    double mean() const noexcept { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }
    void clear() noexcept { *this = histogram(); }

private:
    static constexpr unsigned bits = 6;
    static constexpr std::size_t per_power = std::size_t{1} << bits;

    static constexpr std::size_t index_of(std::uint64_t value) noexcept
    {
        if (value < per_power)
            return static_cast<std::size_t>(value);
        const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - bits;
        return (shift + 1) * per_power + static_cast<std::size_t>((value >> shift) & (per_power - 1));
    }
    static constexpr std::uint64_t highest_of(std::size_t index) noexcept
    {
        if (index < per_power)
            return index;
        const auto shift = static_cast<unsigned>(index / per_power - 1);
        const std::uint64_t lowest = (per_power + index % per_power) << shift;
        return lowest + ((std::uint64_t{1} << shift) - 1);
    }

    std::array<std::uint64_t, (64 - bits + 1) * per_power> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t max_ = 0;
};

} // namespace lambent::core
