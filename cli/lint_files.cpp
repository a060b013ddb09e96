#include <lambent/cli/lint_files.hpp>

#include <lambent/config/known.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>

#include <glob.h>

namespace lambent::cli {
namespace {

constexpr std::string_view fence = "```";
constexpr std::string_view yaml_fence = "```yaml";

config::finding unreadable(const std::string& path, std::size_t line, std::string message)
{
    config::finding f;
    f.where.file = path;
    f.where.line = line;
    f.message = std::move(message);
    f.fatal = true;
    return f;
}

/// "open x.yaml: no such file or directory", as the original says it.
std::string open_error(const std::string& path, const core::error& e)
{
    std::string why = e.code.message();
    if (!why.empty() && why[0] >= 'A' && why[0] <= 'Z')
        why[0] = static_cast<char>(why[0] | 0x20);
    const bool folder = e.code == boost::system::errc::is_a_directory;
    return (folder ? "read " : "open ") + path + ": " + why;
}

core::error walk_error(const std::string& folder, const std::error_code& code)
{
    core::error e;
    e.code = core::error_code(code.value(), boost::system::generic_category());
    e.detail = open_error(folder, e);
    return e;
}

core::result<void> walk(const std::string& folder, std::vector<std::string>& out)
{
    namespace fs = std::filesystem;
    std::vector<std::string> found;
    std::error_code code;
    for (fs::recursive_directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
        const std::string path = at->path().lexically_normal().string();
        std::error_code ignored; // a file that went away meanwhile is no file
        if (!at->is_directory(ignored) && (path.ends_with(".yaml") || path.ends_with(".yml")))
            found.push_back(path);
    }
    if (code)
        return walk_error(folder, code);
    std::sort(found.begin(), found.end());
    out.insert(out.end(), found.begin(), found.end());
    return {};
}

core::result<void> expand_glob(const std::string& pattern, std::vector<std::string>& out)
{
    ::glob_t found{};
    const int code = ::glob(pattern.c_str(), 0, nullptr, &found);
    const std::unique_ptr<::glob_t, void (*)(::glob_t*)> owner(&found, [](::glob_t* g) { ::globfree(g); });
    if (code == GLOB_NOMATCH)
        return {};
    if (code != 0)
        return walk_error(pattern, std::make_error_code(std::errc::io_error));
    for (std::size_t i = 0; i < found.gl_pathc; ++i)
        out.emplace_back(found.gl_pathv[i]);
    return {};
}

std::vector<config::finding> lint_snippets(const std::string& path, std::string_view text, const config::lint_host& host,
    const config::lint_options& options)
{
    std::vector<config::finding> out;
    for (const snippet& part : yaml_snippets(text)) {
        if (!part.closed) {
            out.push_back(unreadable(path, part.line, "markdown snippet not terminated"));
            continue;
        }
        auto checked = config::check_text(part.text, path, nullptr, config::stream_spec(), host, options);
        for (config::finding& f : checked.findings) {
            f.where.line = std::max(f.where.line, part.line); // what concerns the whole snippet stands at its fence
            out.push_back(std::move(f));
        }
    }
    return out;
}

} // namespace

std::vector<snippet> yaml_snippets(std::string_view markdown)
{
    std::vector<snippet> out;
    for (std::size_t at = markdown.find(yaml_fence); at != std::string_view::npos;) {
        const std::size_t start = at + yaml_fence.size();
        snippet part;
        part.line = 1 + static_cast<std::size_t>(std::count(markdown.begin(), markdown.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
        const std::size_t end = markdown.find(fence, start);
        part.closed = end != std::string_view::npos;
        part.text.assign(part.line - 1, '\n');
        part.text += markdown.substr(start, part.closed ? end - start : end);
        out.push_back(std::move(part));
        at = out.back().closed ? markdown.find(yaml_fence, end + fence.size()) : std::string_view::npos;
    }
    return out;
}

core::result<std::vector<std::string>> expand_paths(const std::vector<std::string>& patterns)
{
    std::vector<std::string> out;
    for (const std::string& pattern : patterns) {
        core::result<void> done;
        if (pattern.ends_with("...")) {
            std::string folder = pattern.substr(0, pattern.size() - 3);
            while (folder.size() > 1 && folder.ends_with('/'))
                folder.pop_back();
            done = walk(folder.empty() ? "." : folder, out);
        } else if (pattern.find_first_of("*?[\\") != std::string::npos) {
            done = expand_glob(pattern, out);
        } else {
            out.push_back(pattern);
        }
        if (!done)
            return done.error();
    }
    return out;
}

std::vector<config::finding> lint_file(const std::string& path, const aws::environment& environment, const config::lint_host& host,
    const config::lint_options& options)
{
    const auto text = environment.read_file(path);
    if (!text)
        return {unreadable(path, 1, open_error(path, text.error()))};
    if (path.ends_with(".md"))
        return lint_snippets(path, *text, host, options);
    const auto variable = [&](std::string_view name) { return environment.variable(name); };
    return config::check_text(*text, path, variable, config::stream_spec(), host, options).findings;
}

} // namespace lambent::cli
