#include <lambent/stream/process_world.hpp>

#include <array>
#include <climits>
#include <filesystem>
#include <system_error>
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

core::result<std::string> process_world::read_file(const std::string& path) const
{
    auto text = variables_.read_file(path);
    if (text)
        return text;
    std::error_code ignored;
    const std::string full = std::filesystem::absolute(path, ignored).lexically_normal().string();
    std::string why = text.error().code.message();
    if (!why.empty() && why.front() >= 'A' && why.front() <= 'Z')
        why.front() = static_cast<char>(why.front() - 'A' + 'a');
    return core::error{text.error().code, "open " + full + ": " + why};
}

std::string process_world::hostname() const
{
    std::array<char, HOST_NAME_MAX + 1> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

} // namespace lambent::stream
