#pragma once

#include <lambent/aws/lambda_client.hpp>
#include <lambent/cli/load_plan.hpp>
#include <lambent/cli/load_result.hpp>
#include <lambent/core/shard.hpp>

#include <functional>
#include <memory>
#include <string>

namespace lambent::cli {

/// Makes the client of one shard, on its thread.
using client_factory = std::function<std::unique_ptr<aws::lambda_client>(core::shard&)>;
/// Told a line to show, about once a second, on the first shard's thread; null: nobody looks.
using load_watcher = std::function<void(const std::string& line)>;

/// Runs the load and returns what was counted. SIGINT and SIGTERM end it early: what was counted until then is returned.
load_result run_load(const load_plan& plan, const client_factory& make_client, const load_watcher& watch);

} // namespace lambent::cli
