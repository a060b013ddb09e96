#pragma once

#include <lambent/cli/load_plan.hpp>
#include <lambent/cli/load_result.hpp>

#include <string>

namespace lambent::cli {

/// One HTML page that needs nothing else: figures, latency histogram, percentile curve, throughput and latency over time (SVG).
/// @param title  what was measured, e.g. the endpoint; escaped here.
std::string result_page(const load_plan& plan, const load_result& of, const std::string& title);

} // namespace lambent::cli
