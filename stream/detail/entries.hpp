#pragma once

#include <lambent/stream/catalogue.hpp>

namespace lambent::stream {

component_entry<input> batched_input_entry();
component_entry<input> broker_input_entry();
component_entry<input> file_input_entry();
component_entry<input> generate_input_entry();
component_entry<input> read_until_input_entry();
component_entry<input> resource_input_entry();
component_entry<input> sequence_input_entry();
component_entry<input> stdin_input_entry();

component_entry<output> broker_output_entry();
component_entry<output> drop_output_entry();
component_entry<output> drop_on_output_entry();
component_entry<output> fallback_output_entry();
component_entry<output> file_output_entry();
component_entry<output> reject_output_entry();
component_entry<output> reject_errored_output_entry();
component_entry<output> resource_output_entry();
component_entry<output> retry_output_entry();
component_entry<output> stdout_output_entry();
component_entry<output> switch_output_entry();

component_entry<core::limiter> local_rate_limit_entry();
component_entry<processor::cache> memory_cache_entry();

} // namespace lambent::stream
