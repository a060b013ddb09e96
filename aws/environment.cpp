#include <lambent/aws/environment.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace lambent::aws {
namespace {

// Configuration and CA bundles are far smaller (Debian's whole bundle: 0.2 MiB).
constexpr std::size_t file_bytes_max = 16 * 1024 * 1024;

struct closer
{
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

core::error failed(const std::string& path, int number)
{
    const core::error_code code(number, boost::system::generic_category());
    return {code, path + ": " + code.message()};
}

class process final : public environment
{
public:
    std::optional<std::string> variable(std::string_view name) const override
    {
        const char* value = std::getenv(std::string(name).c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    }

    core::result<std::string> read_file(const std::string& path) const override
    {
        const std::unique_ptr<std::FILE, closer> file(std::fopen(path.c_str(), "rbe"));
        if (!file)
            return failed(path, errno);
        std::string text;
        char piece[16384];
        while (const std::size_t got = std::fread(piece, 1, sizeof piece, file.get())) {
            text.append(piece, got);
            if (text.size() > file_bytes_max)
                return failed(path, EFBIG);
        }
        if (std::ferror(file.get()) != 0)
            return failed(path, errno);
        return text;
    }
};

} // namespace

const environment& process_environment()
{
    static const process the_process;
    return the_process;
}

} // namespace lambent::aws
