#include <lambent/stream/paths.hpp>

#include <lambent/stream/errc.hpp>

#include <algorithm>
#include <filesystem>
#include <fnmatch.h>
#include <glob.h>

namespace lambent::stream {

namespace {

/// Named limit of what one pattern may give.
constexpr std::size_t matches_max = 1'000'000;

/// Below `folder`, any depth: files whose path behind the folder matches `rest`.
void find_deep(const std::string& folder, const std::string& rest, std::vector<std::string>& into)
{
    namespace fs = std::filesystem;
    std::error_code failed;
    const fs::path from = folder.empty() ? fs::path(".") : fs::path(folder);
    for (fs::recursive_directory_iterator at(from, fs::directory_options::skip_permission_denied, failed), end;
         !failed && at != end && into.size() < matches_max; at.increment(failed)) {
        if (at->is_directory(failed))
            continue;
        const std::string name = at->path().filename().string();
        if (::fnmatch(rest.c_str(), name.c_str(), 0) == 0)
            into.push_back(folder.empty() ? at->path().lexically_relative(".").string() : at->path().string());
    }
}

} // namespace

core::result<std::vector<std::string>> expand(const std::vector<std::string>& patterns)
{
    std::vector<std::string> paths;
    for (const std::string& pattern : patterns) {
        if (pattern.find_first_of("*?[") == std::string::npos) {
            if (std::find(paths.begin(), paths.end(), pattern) == paths.end())
                paths.push_back(pattern);
            continue;
        }
        std::vector<std::string> found;
        if (const auto deep = pattern.find("**/"); deep != std::string::npos) {
            find_deep(pattern.substr(0, deep), pattern.substr(deep + 3), found);
        } else {
            glob_t matches{};
            if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0)
                found.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
            ::globfree(&matches);
        }
        if (found.size() >= matches_max)
            return core::error{errc::invalid_config, "the pattern " + pattern + " matches more than " + std::to_string(matches_max) + " files"};
        std::sort(found.begin(), found.end());
        for (std::string& path : found)
            if (std::find(paths.begin(), paths.end(), path) == paths.end())
                paths.push_back(std::move(path));
    }
    return paths;
}

} // namespace lambent::stream
