#pragma once

namespace lambent::bloblang {

/// Is less than a safe rest of this thread's stack left?
bool stack_is_low() noexcept;

/// Runs `work(context)` on a fresh, larger stack and waits for it. False when there is none left to give
/// (`fresh_stacks_max` are in use one within another, or the system refuses).
bool run_on_fresh_stack(void (*work)(void* context), void* context) noexcept;

/// How many stacks of 64 MiB may be in use one within another.
inline constexpr unsigned fresh_stacks_max = 32;

} // namespace lambent::bloblang
