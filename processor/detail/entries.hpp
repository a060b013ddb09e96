#pragma once

#include <lambent/processor/catalogue.hpp>

namespace lambent::processor {

// One line per processor; `catalogue.cpp` gives each its name. In the order of the files.
entry archive_entry();
entry aws_lambda_entry();
entry bloblang_entry();
entry bounds_check_entry();
entry branch_entry();
entry cache_entry();
entry cached_entry();
entry catch_entry();
entry compress_entry();
entry decompress_entry();
entry dedupe_entry();
entry for_each_entry();
entry group_by_entry();
entry group_by_value_entry();
entry insert_part_entry();
entry jmespath_entry();
entry jq_entry();
entry log_entry();
entry mapping_entry();
entry metric_entry();
entry mutation_entry();
entry noop_entry();
entry parallel_entry();
entry processors_entry();
entry rate_limit_entry();
entry resource_entry();
entry retry_entry();
entry select_parts_entry();
entry sleep_entry();
entry split_entry();
entry switch_entry();
entry sync_response_entry();
entry try_entry();
entry try_catch_entry();
entry unarchive_entry();
entry while_entry();
entry workflow_entry();

} // namespace lambent::processor
