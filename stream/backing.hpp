#pragma once

#include <lambent/core/time.hpp>
#include <lambent/processor/context.hpp>
#include <lambent/stream/output.hpp>

#include <cstdint>

namespace lambent::stream {

struct retry_limits
{
    std::uint64_t retries_max = 0;                                  ///< 0: no limit
    core::duration first = std::chrono::milliseconds(500);
    core::duration longest = std::chrono::seconds(3);
    core::duration elapsed_max = core::duration::zero();            ///< zero: no limit
};

/// The output with failed writes repeated, only the messages that failed; growing pauses between.
output_ptr with_retries(processor::context who, output_ptr to, retry_limits limits);

} // namespace lambent::stream
