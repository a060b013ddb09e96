#include <lambent/cli/command.hpp>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace lambent::cli {

// commands.inc holds LAMBENT_COMMAND(name) for each command in cli/CMakeLists.txt.
#define LAMBENT_COMMAND(name) void add_##name(CLI::App& app, command& chosen);
#include "commands.inc"
#undef LAMBENT_COMMAND

namespace {

constexpr std::string_view about = "Invokes AWS Lambda functions for a stream of messages, described by Benthos / Redpanda Connect YAML.";

constexpr std::string_view examples = R"(Examples:
  lambent run orders.yaml                      run a stream (the same as: lambent -c orders.yaml)
  lambent run -r resources.yaml orders.yaml    with resources from a file of their own
  lambent run -s pipeline.threads=64 orders.yaml
  lambent <command> --help                     all about one command
)";

void print_error(std::string_view text)
{
    std::fprintf(stderr, "lambent: %.*s\n", static_cast<int>(text.size()), text.data());
}

/// Levenshtein distance, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

/// The nearest of `names`, when it is near enough to have been meant.
std::string nearest(std::string_view wrong, const std::vector<std::string>& names)
{
    std::string best;
    std::size_t best_distance = wrong.size() / 3 + 2;
    for (const std::string& name : names) {
        const std::size_t d = distance(wrong, name);
        if (d < best_distance) {
            best_distance = d;
            best = name;
        }
    }
    return best;
}

std::vector<std::string> command_names(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(sub->get_name());
    return names;
}

std::vector<std::string> flag_names(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames())
            names.push_back("--" + name);
    return names;
}

int unknown_command(const CLI::App& app, const std::string& name)
{
    const std::string meant = nearest(name, command_names(app));
    print_error("unknown command '" + name + "'" +
                (meant.empty() ? "; `lambent --help` lists them" : ", did you mean `" + meant + "`?"));
    return 1;
}

/// One line for what was wrong with the arguments of `app` or of the subcommand that was being parsed.
int usage_error(const CLI::App& app, const CLI::ParseError& e)
{
    const CLI::App* at = &app;
    std::string name = "lambent";
    for (const CLI::App* sub : app.get_subcommands()) {
        at = sub;
        name += " " + sub->get_name();
    }
    std::string text = e.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    const std::vector<std::string> extra = app.remaining(true);
    const std::string first = extra.empty() ? std::string() : extra.front();
    const bool flag = first.starts_with('-');
    // A misspelt flag is often the reason for what else is wrong: the right one is missing, or its value was taken for an argument.
    if (flag || dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr) {
        text = (flag ? "unknown flag '" : "unexpected argument '") + first + "'";
        const std::string meant = flag ? nearest(first.substr(0, first.find('=')), flag_names(*at)) : std::string();
        if (!meant.empty())
            text += ", did you mean `" + meant + "`?";
    }
    std::fprintf(stderr, "%s: %s (see `%s --help`)\n", name.c_str(), text.c_str(), name.c_str());
    return 1;
}

/// `lambent -c FILE` is `lambent run -c FILE`: flags without a command belong to `run`.
std::vector<std::string> with_command(int argc, const char* const* argv)
{
    std::vector<std::string> arguments(argv + 1, argv + argc);
    if (!arguments.empty() && arguments.front().size() > 1 && arguments.front().front() == '-') {
        const std::string& first = arguments.front();
        if (first == "-v" || first == "--version")
            arguments.front() = "version";
        else if (first != "-h" && first != "--help")
            arguments.insert(arguments.begin(), "run");
    }
    return arguments;
}

} // namespace

int dispatch(int argc, const char* const* argv)
{
    command chosen;
    CLI::App app{std::string(about), "lambent"};
    app.footer(std::string(examples));
    app.add_flag("-v,--version")->description("Print the version");
    app.require_subcommand(0, 1);
#define LAMBENT_COMMAND(name) add_##name(app, chosen);
#include "commands.inc"
#undef LAMBENT_COMMAND

    std::vector<std::string> arguments = with_command(argc, argv);
    if (arguments.empty()) {
        std::fputs(app.help().c_str(), stdout);
        return 0;
    }
    const std::vector<std::string> names = command_names(app);
    if (!arguments.front().starts_with('-') && std::find(names.begin(), names.end(), arguments.front()) == names.end())
        return unknown_command(app, arguments.front());
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them from the back
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& e) {
        return usage_error(app, e);
    }
    return chosen ? chosen() : 0;
}

} // namespace lambent::cli
