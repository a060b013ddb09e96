#pragma once

#include <lambent/aws/environment.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lambent::sim {

/// The door of the environment as a test wants it: what was not put in is absent.
class fake_environment final : public aws::environment
{
public:
    std::map<std::string, std::string, std::less<>> variables;
    std::map<std::string, std::string, std::less<>> files; ///< by exact path

    std::optional<std::string> variable(std::string_view name) const override
    {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
    }
    core::result<std::string> read_file(const std::string& path) const override
    {
        const auto found = files.find(path);
        if (found != files.end())
            return found->second;
        const auto reason = make_error_code(boost::system::errc::no_such_file_or_directory);
        return core::error{reason, path + ": " + reason.message()};
    }
};

} // namespace lambent::sim
