#include <allocations.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::uint64_t> count{0};
}

namespace lambent::bench {
std::uint64_t allocations() noexcept { return count.load(std::memory_order_relaxed); }
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
