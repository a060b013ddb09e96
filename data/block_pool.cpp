#include <lambent/data/detail/block_pool.hpp>

#include <array>
#include <bit>

namespace lambent::data::detail {

#if defined(__SANITIZE_ADDRESS__)

void* take_block(std::size_t size) { return ::operator new(size); }
void give_block(void* block, std::size_t) noexcept { ::operator delete(block); }

#else

namespace {

struct free_block
{
    free_block* next;
};

/// Classes of 32, 64, 128, ... pooled_max bytes.
constexpr std::size_t smallest = 32;
constexpr std::size_t classes = static_cast<std::size_t>(std::bit_width(pooled_max / smallest));

struct shelf
{
    free_block* first;
    std::size_t count;
};

/// Trivial, so that it may be used before and after the thread's other objects live; `closed` once they are gone.
struct shelves
{
    std::array<shelf, classes> all;
    bool watched;
    bool closed;
};
constinit thread_local shelves mine{};

/// Empties the thread's shelves at its end.
struct janitor
{
    ~janitor()
    {
        mine.closed = true;
        for (shelf& s : mine.all) {
            while (s.first != nullptr) {
                free_block* const block = s.first;
                s.first = block->next;
                ::operator delete(block);
            }
        }
    }
};

void watch() noexcept
{
    thread_local janitor at_end;
    static_cast<void>(at_end);
    mine.watched = true;
}

std::size_t class_of(std::size_t size) noexcept
{
    return size <= smallest ? 0 : static_cast<std::size_t>(std::bit_width((size - 1) / smallest));
}

} // namespace

void* take_block(std::size_t size)
{
    if (size > pooled_max)
        return ::operator new(size);
    const std::size_t c = class_of(size);
    shelf& s = mine.all[c];
    if (s.first == nullptr)
        return ::operator new(smallest << c);
    free_block* const block = s.first;
    s.first = block->next;
    --s.count;
    return block;
}

void give_block(void* block, std::size_t size) noexcept
{
    if (size > pooled_max) {
        ::operator delete(block);
        return;
    }
    const std::size_t c = class_of(size);
    shelf& s = mine.all[c];
    if (mine.closed || s.count >= pooled_bytes_max / (smallest << c)) {
        ::operator delete(block);
        return;
    }
    if (!mine.watched)
        watch();
    s.first = new (block) free_block{s.first};
    ++s.count;
}

#endif

} // namespace lambent::data::detail
