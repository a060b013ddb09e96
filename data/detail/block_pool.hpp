#pragma once

#include <cstddef>
#include <new>

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
