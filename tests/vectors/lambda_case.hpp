#pragma once

#include <lambent/core/time.hpp>
#include <lambent/data/message.hpp>
#include <lambent/data/value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::vectors {

/// What a recorded case stands for until ports are known: PORT, LAMBDA and CREDS are still words in its texts.
struct lambda_case
{
    std::string name;
    std::string processors;            ///< YAML: a list
    std::size_t first_index = 0;       ///< of the first processor in its pipeline
    std::vector<data::batch> batches;
    std::size_t threads = 1;
    std::map<std::string, std::string> environment;
    std::optional<core::duration> limit_interval; ///< a rate limit "rl" of one call per interval
    std::int64_t retries = 3;
    std::string skip;                  ///< why it cannot be run; empty: it can
    data::value recorded;              ///< the whole object
};

/// What came of running one.
struct lambda_outcome
{
    std::string build_error;           ///< empty: it was built
    std::vector<data::message> messages;
    std::vector<data::value> requests; ///< as the fake server logged them
};

/// All cases of a recorded file. Cases whose machinery is not there have a reason to skip them.
std::vector<lambda_case> load_lambda_cases(const data::value& document);

/// What differs from the recording; empty: nothing. Where `ours` is recorded it rules.
std::vector<std::string> differences(const lambda_case& from, const lambda_outcome& got, std::uint16_t lambda_port);

/// Every occurrence of `from`.
std::string replaced(std::string text, std::string_view from, std::string_view to);

} // namespace lambent::vectors
