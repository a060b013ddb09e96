#pragma once

#include <cstdint>

namespace lambent::bench {

/// Calls of `operator new` so far in this process: stable under load, where times are not.
std::uint64_t allocations() noexcept;

} // namespace lambent::bench
