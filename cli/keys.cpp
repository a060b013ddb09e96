#include <lambent/cli/keys.hpp>

#include <lambent/core/task_group.hpp>

#include <cerrno>
#include <optional>
#include <utility>

namespace lambent::cli {
namespace {

using keys_result = core::result<std::shared_ptr<const aws::credentials>>;

awaitable<void> fetch_into(std::optional<keys_result>& place, aws::credentials_source& from)
{
    auto fetched = co_await from.fetch(core::deadline::never());
    place.emplace(std::move(fetched));
}

} // namespace

core::result<std::string> read_all(std::FILE* from, std::size_t bytes_max)
{
    std::string text;
    char piece[65536];
    while (const std::size_t got = std::fread(piece, 1, sizeof piece, from)) {
        text.append(piece, got);
        if (text.size() > bytes_max)
            return core::error{core::errc::limit_exceeded, "it is larger than " + std::to_string(bytes_max) + " bytes"};
    }
    if (std::ferror(from) != 0)
        return core::error{core::error_code(errno, boost::system::generic_category()), {}};
    return text;
}

core::result<std::string> read_file(const std::string& path, std::size_t bytes_max)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
    if (!file) {
        const core::error_code why(errno, boost::system::generic_category());
        return core::error{why, path + ": " + why.message()};
    }
    auto text = read_all(file.get(), bytes_max);
    return text ? std::move(text) : core::error{text.error().code, path + ": " + text.error().text()};
}

keys_result fetch_keys(asio::io_context& loop, core::shard& on, aws::credentials_source& from)
{
    std::optional<keys_result> fetched;
    core::task_group group(on);
    group.start(fetch_into(fetched, from));
    loop.run();
    loop.restart();
    return std::move(*fetched);
}

} // namespace lambent::cli
