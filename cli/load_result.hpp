#pragma once

#include <lambent/core/error.hpp>
#include <lambent/core/histogram.hpp>
#include <lambent/core/time.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::cli {

/// Where calls spent their time, in the order in which they pass through; names as in reports.
enum class phase : std::uint8_t { queue, connect, sign, write, wait, read };
inline constexpr std::array<std::string_view, 6> phase_names{"queue", "connect", "sign", "write", "wait", "read"};

/// One slice of the counted time.
struct load_slice
{
    core::histogram latency_ns;  ///< of answered calls
    std::uint64_t errors = 0;
};

/// What a load measured; the parts of shards are merged.
struct load_result
{
    std::vector<load_slice> slices;                      ///< of equal length
    core::duration slice{0};
    std::map<std::string, std::uint64_t> errors_by_class;
    std::map<std::string, std::string> first_errors;     ///< by class, the words of the first
    std::array<std::uint64_t, phase_names.size()> phase_ns{}; ///< sums over the sampled calls
    std::uint64_t phase_samples = 0;
    std::uint64_t attempts = 0;                          ///< HTTP attempts in the counted time
    std::uint64_t unsent = 0;                            ///< open loop: due in the counted time, never sent
    core::duration counted{0};
    double cpu_seconds = 0;                              ///< of the process, user and system, in the counted time

    void merge(const load_result& other);
    core::histogram latency_ns() const;
    std::uint64_t answered() const;
    std::uint64_t errors() const;
    double requests_per_second() const;
    double cpu_us_per_request() const;
};

/// The name under which an error is counted: an errc's own name, e.g. "throttled", "response_timeout".
std::string error_class(const core::error_code& code);

/// What the figures were measured on: processor, cores, kernel.
std::string machine_facts();

std::string result_table(const load_result& of, bool open_loop);
std::string result_json(const load_result& of);

} // namespace lambent::cli
