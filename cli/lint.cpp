#include <lambent/cli/command.hpp>
#include <lambent/cli/lint_files.hpp>

#include <lambent/stream/schema.hpp>

#include <cstdio>
#include <memory>

namespace lambent::cli {
namespace {

struct lint_arguments
{
    std::vector<std::string> files;
    std::vector<std::string> resources;
    config::lint_options options;
};

int lint_all(const lint_arguments& arguments)
{
    std::vector<std::string> patterns = arguments.files;
    patterns.insert(patterns.end(), arguments.resources.begin(), arguments.resources.end());
    if (patterns.empty()) {
        std::fputs("lambent lint: no files were given (see `lambent lint --help`)\n", stderr);
        return 1;
    }
    const auto paths = expand_paths(patterns);
    if (!paths) {
        std::fprintf(stderr, "lambent lint: %s\n", paths.error().text().c_str());
        return 1;
    }
    if (paths->empty())
        std::fputs("lambent lint: no file fits the given patterns, nothing was linted\n", stderr);
    const config::lint_host& host = stream::schema();
    bool clean = true;
    for (const std::string& path : *paths) {
        bool sound = true;
        for (const config::finding& f : lint_file(path, aws::process_environment(), host, arguments.options)) {
            std::fprintf(stderr, "%s\n", f.text().c_str());
            sound = sound && f.advice;
        }
        if (arguments.options.advice)
            std::printf("%s: %s\n", path.c_str(), sound ? "OK" : "FAILED");
        clean = clean && sound;
    }
    return clean ? 0 : 1;
}

} // namespace

void add_lint(CLI::App& app, command& chosen)
{
    auto arguments = std::make_shared<lint_arguments>();
    CLI::App* lint = app.add_subcommand("lint", "Reports what is wrong in configuration files, with line and column");
    lint->add_option("files", arguments->files, "Files, globs, or `folder/...` for every .yaml and .yml below; .md: its yaml snippets");
    lint->add_option("-r,--resources", arguments->resources, "A glob of resource files to lint as well (repeatable)")->allow_extra_args(false);
    lint->add_flag("--deprecated", arguments->options.deprecated, "Report deprecated fields and components");
    lint->add_flag("--labels", arguments->options.labels_required, "Report components without a label");
    lint->add_flag("--skip-env-var-check", arguments->options.skip_env_var_check, "Do not report variables that are not set");
    lint->add_flag("--verbose", arguments->options.advice, "Print OK or FAILED for each file, and advice that is no lint");
    lint->footer("Each finding is one line `file(line,column) message` on stderr; the exit code is 1 when there is any.");
    lint->callback([arguments, &chosen] { chosen = [arguments] { return lint_all(*arguments); }; });
}

} // namespace lambent::cli
