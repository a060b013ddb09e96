#pragma once

#include <lambent/stream/batch_policy.hpp>
#include <lambent/stream/input.hpp>
#include <lambent/stream/output.hpp>
#include <lambent/stream/resources.hpp>

namespace lambent::stream {

/// Gathers what `from` gives into batches. The tail of a finite input is given out when the input has nothing more.
input_ptr batched_input(resources& in, processor::context who, input_ptr from, batching how);
/// Gathers what is written into batches before `to`.
output_ptr batched_output(processor::context who, output_ptr to, batching how);

} // namespace lambent::stream
