#include <lambent/core/assert.hpp>

#include <cstdio>
#include <cstdlib>

namespace lambent::core {

void assertion_failed(const char* what, const char* file, int line) noexcept
{
    std::fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, what);
    std::abort();
}

} // namespace lambent::core
