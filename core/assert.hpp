#pragma once

namespace lambent::core {

[[noreturn]] void assertion_failed(const char* what, const char* file, int line) noexcept;

} // namespace lambent::core

/// A promise of our own code, checked in every build: `what` says in words what was promised. Never for the world's faults.
#define LAMBENT_ASSERT(condition, what)                                                                                \
    ((condition) ? static_cast<void>(0) : ::lambent::core::assertion_failed(what, __FILE__, __LINE__))
