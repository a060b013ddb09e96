#include <lambent/stream/process_world.hpp>

#include <array>
#include <climits>
#include <unistd.h>

namespace lambent::stream {

bool process_world::variable(std::string_view name, std::string& out) const
{
    auto value = variables_.variable(name);
    if (!value)
        return false;
    out = std::move(*value);
    return true;
}

std::string process_world::hostname() const
{
    std::array<char, HOST_NAME_MAX + 1> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

} // namespace lambent::stream
