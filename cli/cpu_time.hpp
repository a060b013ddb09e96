#pragma once

namespace lambent::cli {

/// Seconds of CPU that this process has used, user and system, all threads.
double cpu_seconds() noexcept;

} // namespace lambent::cli
