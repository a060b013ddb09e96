#pragma once

#include <string_view>
#include <utility>
#include <vector>
#include <string>

namespace lambent::core {

enum class log_level { trace, debug, info, warn, error, fatal, off };

/// Fields in insertion order; the sink sorts.
using log_fields = std::vector<std::pair<std::string, std::string>>;

/// Where log lines go. The bytes half never logs: it returns errors and keeps statistics.
class log_sink
{
public:
    virtual ~log_sink() = default;
    virtual bool enabled(log_level level) const noexcept = 0;
    virtual void write(log_level level, std::string_view message, const log_fields& fields) = 0;
};

} // namespace lambent::core
