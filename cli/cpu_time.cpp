#include <lambent/cli/cpu_time.hpp>

#include <sys/resource.h>

namespace lambent::cli {

double cpu_seconds() noexcept
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

} // namespace lambent::cli
