#pragma once

#include <cstddef>
#include <cstdint>

namespace lambent::bench {

/// Calls of `operator new` so far in this process: stable under load, where times are not.
std::uint64_t allocations() noexcept;

/// Calls of `aligned_alloc`: how Asio gets what it could not take from the frames and operations it keeps per thread.
std::uint64_t frame_allocations() noexcept;
/// The largest of them since the last reset. Frames over 1,020 bytes are never kept, so a large one shows here.
std::size_t largest_frame() noexcept;
void reset_largest_frame() noexcept;

} // namespace lambent::bench
