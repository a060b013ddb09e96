#pragma once

#include <cstdint>

namespace lambent::bloblang {

/// How far down this thread's stack may reach; unknown (all addresses are below) until it was asked for.
extern constinit thread_local std::uintptr_t stack_low_mark;
/// Looks the mark up, then answers.
bool stack_is_low_now() noexcept;

/// Is less than a safe rest of this thread's stack left?
inline bool stack_is_low() noexcept
{
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    return here < stack_low_mark && stack_is_low_now();
}

/// Runs `work(context)` on a fresh, larger stack and waits for it. False when there is none left to give
/// (`fresh_stacks_max` are in use one within another, or the system refuses).
bool run_on_fresh_stack(void (*work)(void* context), void* context) noexcept;

/// How many stacks of 64 MiB may be in use one within another.
inline constexpr unsigned fresh_stacks_max = 32;

} // namespace lambent::bloblang
