#include <support/catch.hpp>
#include <support/child_process.hpp>

#include <csignal>
#include <stdexcept>

using namespace lambent::support;
using namespace std::chrono_literals;

namespace {

child_options shell(std::string script)
{
    child_options options;
    options.arguments = {"sh", "-c", std::move(script)};
    options.read_output = true;
    return options;
}

} // namespace

TEST_CASE("child process: its lines are read, its exit code is told", "[support]")
{
    child_options options = shell("echo one; printf 'two\\nthr'; echo ee; echo $GREETING; pwd; exit 7");
    options.environment = {{"GREETING", "hello"}};
    options.directory = "/";
    child_process child(options);
    for (const char* expected : {"one", "two", "three", "hello", "/"})
        CHECK(child.line() == expected);
    CHECK_THROWS_AS(child.line(), std::runtime_error);
    CHECK(child.wait() == 7);
}

TEST_CASE("child process: it dies with its object, even when it does not want to", "[support]")
{
    ::pid_t id = 0;
    {
        child_process child(shell("trap '' TERM; echo ready; while :; do sleep 0.1; done"));
        CHECK(child.line() == "ready");
        id = child.id();
        CHECK(::kill(id, 0) == 0);
    }
    CHECK(::kill(id, 0) != 0);
}

TEST_CASE("child process: its life is bounded, a silent one is noticed, a missing program is an exit code", "[support]")
{
    child_options brief;
    brief.arguments = {"sleep", "60"};
    brief.life = 1s;
    brief.read_output = true;
    child_process child(brief);
    CHECK_THROWS_AS(child.line(10ms), std::runtime_error);
    CHECK(child.wait() == 128 + SIGALRM);
    child_options missing;
    missing.arguments = {"/nonexistent/program"};
    CHECK(child_process(missing).wait() == 127);
}

TEST_CASE("child process: a free port is free", "[support]")
{
    const auto port = free_port();
    CHECK(port != 0);
    CHECK_FALSE(wait_until_listening(port, 0ms));
}
