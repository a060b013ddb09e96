#include <lambent/cli/command.hpp>

#include <support/catch.hpp>

#include <cstdio>
#include <initializer_list>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

/// Exit code and what was written to one descriptor while `dispatch` ran.
struct outcome
{
    int exit = -1;
    std::string out;
};

outcome run(int descriptor, std::initializer_list<const char*> arguments)
{
    std::vector<const char*> argv{"lambent"};
    argv.insert(argv.end(), arguments);
    std::FILE* file = std::tmpfile();
    std::fflush(nullptr);
    const int saved = dup(descriptor);
    dup2(fileno(file), descriptor);
    outcome result;
    result.exit = lambent::cli::dispatch(static_cast<int>(argv.size()), argv.data());
    std::fflush(nullptr);
    dup2(saved, descriptor);
    close(saved);
    std::rewind(file);
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file))
        result.out += static_cast<char>(c);
    std::fclose(file);
    return result;
}

outcome run_out(std::initializer_list<const char*> arguments) { return run(STDOUT_FILENO, arguments); }
outcome run_err(std::initializer_list<const char*> arguments) { return run(STDERR_FILENO, arguments); }

} // namespace

TEST_CASE("cli: an unknown command is one line that names the nearest, exit 1", "[cli]")
{
    const outcome result = run_err({"verison"});
    CHECK(result.exit == 1);
    CHECK(result.out == "lambent: unknown command 'verison', did you mean `version`?\n");
    CHECK(run_err({"zzzzzzzzz"}).out == "lambent: unknown command 'zzzzzzzzz'; `lambent --help` lists them\n");
}

TEST_CASE("cli: an unknown flag of a command is one line, exit 1", "[cli]")
{
    const outcome result = run_err({"version", "--hlep"});
    CHECK(result.exit == 1);
    CHECK(result.out == "lambent version: unknown flag '--hlep', did you mean `--help`? (see `lambent version --help`)\n");
    // Not that the right one is missing, nor that its value is no payload.
    CHECK(run_err({"invoke", "f", "--endpont", "x"}).out == "lambent invoke: unknown flag '--endpont', did you mean `--endpoint`? (see `lambent invoke --help`)\n");
    CHECK(run_err({"bench", "--functon", "f"}).out == "lambent bench: unknown flag '--functon', did you mean `--function`? (see `lambent bench --help`)\n");
}

TEST_CASE("cli: --version is the version command", "[cli]")
{
    const outcome result = run_out({"--version"});
    CHECK(result.exit == 0);
    CHECK(result.out.starts_with("lambent "));
    CHECK(result.out == run_out({"version"}).out);
}

TEST_CASE("cli: no arguments and --help teach the commands", "[cli]")
{
    CHECK(run_out({}).exit == 0);
    CHECK(run_out({}).out.find("lambent run orders.yaml") != std::string::npos);
    CHECK(run_out({"--help"}).out.find("version") != std::string::npos);
}
