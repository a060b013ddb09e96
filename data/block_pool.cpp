#include <lambent/data/detail/block_pool.hpp>

namespace lambent::data::detail {

#if defined(LAMBENT_KEEPS_NO_BLOCKS)

void* take_block(std::size_t size) { return ::operator new(size); }
void give_block(void* block, std::size_t) noexcept { ::operator delete(block); }

#else

namespace {

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

} // namespace

void watch_shelves() noexcept
{
    thread_local janitor at_end;
    static_cast<void>(at_end);
    mine.watched = true;
}

#endif

} // namespace lambent::data::detail
