#pragma once

#include <lambent/processor/stage.hpp>
#include <lambent/stream/input.hpp>
#include <lambent/stream/output.hpp>
#include <lambent/stream/resources.hpp>

#include <vector>

namespace lambent::stream {

/// The input with its own `processors` behind it, run on one batch at a time; the input itself when there are none.
input_ptr with_processors(resources& in, input_ptr from, std::vector<processor::stage_ptr> stages);
/// The output with its own `processors` before it; the output itself when there are none.
output_ptr with_processors(output_ptr to, std::vector<processor::stage_ptr> stages);

} // namespace lambent::stream
