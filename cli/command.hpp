#pragma once

#include <CLI/CLI.hpp>

#include <functional>

/// One file per command. A file `cli/<name>.cpp` defines `void add_<name>(CLI::App& app, command& chosen)`; its name goes into the
/// list in cli/CMakeLists.txt, and that is all. The function declares a subcommand and, from its callback, sets what is to be run:
///
///     void add_greet(CLI::App& app, command& chosen)
///     {
///         auto options = std::make_shared<greet_options>();
///         CLI::App* greet = app.add_subcommand("greet", "Says hello to a function");
///         greet->add_option("name", options->name, "Whom to greet")->required();
///         greet->callback([options, &chosen] { chosen = [options] { return greet_once(*options); }; });
///     }
///
/// Nothing is done while parsing. Results go to stdout, everything else to stderr; a failure is one line
/// `lambent <command>: <what and where>` and exit code 1 where contracts give no other.
namespace lambent::cli {

/// What was chosen; returns the process's exit code. Called once, after parsing, with nothing of CLI11 on the stack.
using command = std::function<int()>;

/// Parses `argv` and runs the chosen command. Usage errors are one line on stderr and exit code 1.
int dispatch(int argc, const char* const* argv);

} // namespace lambent::cli
