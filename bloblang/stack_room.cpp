#include <lambent/bloblang/meter.hpp>
#include <lambent/bloblang/stack_room.hpp>

#include <cstddef>
#include <cstdint>

#include <pthread.h>

namespace lambent::bloblang {
namespace {

constexpr std::size_t fresh_stack_size = 64u << 20;
/// What must be left: the deepest chain of calls between two looks, under AddressSanitizer's larger frames.
constexpr std::size_t rest_min = 256u << 10;

struct errand
{
    void (*work)(void*);
    void* context;
    unsigned nesting;
    account* costs;
};

thread_local unsigned nesting_here = 0;

void* start(void* argument)
{
    const errand& e = *static_cast<errand*>(argument);
    nesting_here = e.nesting;
    running_account = e.costs;
    e.work(e.context);
    return nullptr;
}

std::uintptr_t find_lowest_allowed() noexcept
{
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return 1;
    void* base = nullptr;
    std::size_t size = 0;
    pthread_attr_getstack(&attributes, &base, &size);
    pthread_attr_destroy(&attributes);
    // The main thread's stack is given with its rlimit, which may be "unlimited": use 4 MiB of it then.
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    const auto low = reinterpret_cast<std::uintptr_t>(base);
    constexpr std::size_t usable = 4u << 20;
    if (here - low > fresh_stack_size + usable)
        return here - usable;
    return low + rest_min;
}

} // namespace

constinit thread_local std::uintptr_t stack_low_mark = UINTPTR_MAX;

bool stack_is_low_now() noexcept
{
    if (stack_low_mark == UINTPTR_MAX)
        stack_low_mark = find_lowest_allowed();
    return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) < stack_low_mark;
}

bool run_on_fresh_stack(void (*work)(void*), void* context) noexcept
{
    if (nesting_here >= fresh_stacks_max)
        return false;
    errand e{work, context, nesting_here + 1, running_account};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, fresh_stack_size);
    pthread_t other;
    const bool started = pthread_create(&other, &attributes, start, &e) == 0;
    pthread_attr_destroy(&attributes);
    if (started)
        pthread_join(other, nullptr);
    return started;
}

} // namespace lambent::bloblang
