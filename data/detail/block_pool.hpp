#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define LAMBENT_KEEPS_NO_BLOCKS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LAMBENT_KEEPS_NO_BLOCKS
#endif
#endif

namespace lambent::data::detail {

/// Blocks up to this size are kept for the next taker when they are given back.
inline constexpr std::size_t pooled_max = 4096;
/// What a thread keeps of one size class, in bytes.
inline constexpr std::size_t pooled_bytes_max = 64 * 1024;

/// A block of at least `size` bytes, aligned as by `operator new`. Each thread keeps some for itself; a block may be given back by
/// another thread than its taker. Under AddressSanitizer nothing is kept.
void* take_block(std::size_t size);
/// `size` as it was taken.
void give_block(void* block, std::size_t size) noexcept;

#if !defined(LAMBENT_KEEPS_NO_BLOCKS)

struct free_block
{
    free_block* next;
};

struct shelf
{
    free_block* first;
    std::size_t count;
};

/// Classes of 32, 64, 128, ... pooled_max bytes.
inline constexpr std::size_t pooled_min = 32;

/// Trivial, so that it may be used before and after the thread's other objects live; `closed` once they are gone.
struct shelves
{
    std::array<shelf, static_cast<std::size_t>(std::bit_width(pooled_max / pooled_min))> all;
    bool watched;
    bool closed;
};
inline constinit thread_local shelves mine{};

/// Has this thread's shelves emptied at its end.
void watch_shelves() noexcept;

inline std::size_t shelf_of(std::size_t size) noexcept
{
    return size <= pooled_min ? 0 : static_cast<std::size_t>(std::bit_width((size - 1) / pooled_min));
}

inline void* take_block(std::size_t size)
{
    if (size > pooled_max)
        return ::operator new(size);
    const std::size_t c = shelf_of(size);
    shelf& s = mine.all[c];
    if (s.first == nullptr)
        return ::operator new(pooled_min << c);
    free_block* const block = s.first;
    s.first = block->next;
    --s.count;
    return block;
}

inline void give_block(void* block, std::size_t size) noexcept
{
    const std::size_t c = shelf_of(size);
    if (size > pooled_max || mine.closed || mine.all[c].count >= pooled_bytes_max / (pooled_min << c)) {
        ::operator delete(block);
        return;
    }
    if (!mine.watched)
        watch_shelves();
    shelf& s = mine.all[c];
    s.first = new (block) free_block{s.first};
    ++s.count;
}

#endif

template <class T>
struct pool_allocator
{
    using value_type = T;
    pool_allocator() = default;
    template <class U>
    pool_allocator(const pool_allocator<U>&) noexcept
    {
    }
    T* allocate(std::size_t n) { return static_cast<T*>(take_block(n * sizeof(T))); }
    void deallocate(T* place, std::size_t n) noexcept { give_block(place, n * sizeof(T)); }
    template <class U>
    bool operator==(const pool_allocator<U>&) const noexcept
    {
        return true;
    }
};

/// Gives a class's objects of exactly its size their place in the pool.
template <class T>
struct pooled
{
    static void* operator new(std::size_t) { return take_block(sizeof(T)); }
    static void* operator new(std::size_t, void* place) noexcept { return place; }
    static void operator delete(void* place) noexcept { give_block(place, sizeof(T)); }
};

} // namespace lambent::data::detail
