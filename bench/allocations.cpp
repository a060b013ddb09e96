#include "allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::uint64_t> count{0};
std::atomic<std::uint64_t> frames{0};
std::atomic<std::size_t> largest{0};
} // namespace

// glibc's own, under the name that stays when `aligned_alloc` is replaced.
extern "C" void* __libc_memalign(std::size_t alignment, std::size_t size);

extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    frames.fetch_add(1, std::memory_order_relaxed);
    if (size > largest.load(std::memory_order_relaxed))
        largest.store(size, std::memory_order_relaxed);
    return __libc_memalign(alignment, size);
}

namespace lambent::bench {
std::uint64_t allocations() noexcept { return count.load(std::memory_order_relaxed); }
std::uint64_t frame_allocations() noexcept { return frames.load(std::memory_order_relaxed); }
std::size_t largest_frame() noexcept { return largest.load(std::memory_order_relaxed); }
void reset_largest_frame() noexcept { largest.store(0, std::memory_order_relaxed); }
} // namespace lambent::bench

void* operator new(std::size_t size)
{
    count.fetch_add(1, std::memory_order_relaxed);
    if (void* place = std::malloc(size == 0 ? 1 : size))
        return place;
    throw std::bad_alloc();
}

void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
