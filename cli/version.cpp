#include <lambent/cli/command.hpp>

#include <cstdio>

namespace lambent::cli {

void add_version(CLI::App& app, command& chosen)
{
    CLI::App* version = app.add_subcommand("version", "Print the version");
    version->callback([&chosen] {
        chosen = [] {
            std::puts("lambent " LAMBENT_VERSION);
            return 0;
        };
    });
}

} // namespace lambent::cli
