#include <support/catch.hpp>
#include <support/child_process.hpp>

#include <string>
#include <vector>

using namespace lambent::support;

namespace {

/// The scripted endpoint of the recorded cases: the function's name selects the behaviour.
class fake_lambda
{
public:
    fake_lambda() : port_(free_port()), process_(options())
    {
        REQUIRE(wait_until_listening(port_));
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    child_options options() const
    {
        child_options with;
        with.arguments = {"python3", LAMBENT_SOURCE_DIR "/tests/vectors/aws_lambda/fake_lambda.py", std::to_string(port_)};
        with.quiet = true;
        return with;
    }

    std::uint16_t port_;
    child_process process_;
};

struct ended
{
    int code = 0;
    std::string first_line;
};

ended run(std::vector<std::string> arguments, bool has_output)
{
    child_options with;
    with.arguments = {LAMBENT_BIN_DIR "/lambent"};
    with.arguments.insert(with.arguments.end(), arguments.begin(), arguments.end());
    with.environment = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_CONFIG_FILE", "/nonexistent"},
        {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}, {"AWS_REGION", ""}, {"AWS_PROFILE", ""}};
    with.read_output = has_output;
    with.quiet = true;
    child_process process(with);
    ended result;
    if (has_output)
        result.first_line = process.line();
    result.code = process.wait();
    return result;
}

} // namespace

TEST_CASE("invoke command: the answer is on stdout and the outcome is the exit code", "[cli][invoke]")
{
    const fake_lambda server;
    const auto invoke = [&](const std::string& function, bool has_output = false, std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"invoke", function, "-d", "{\"id\":1}\n", "--endpoint", server.url(), "--region", "us-east-1", "--retries", "0"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(std::move(arguments), has_output);
    };
    const ended echo = invoke("echo", true);
    CHECK(echo.code == 0);
    CHECK(echo.first_line == "{\"id\":1}");
    CHECK(invoke("204").code == 0);
    CHECK(invoke("fail-handled").code == 10);
    CHECK(invoke("e429").code == 11);
    CHECK(invoke("e403").code == 12);
    CHECK(invoke("e404").code == 12);
    CHECK(invoke("slow-20000", false, {"--timeout", "50ms"}).code == 13);
    CHECK(invoke("close-before").code == 14);
    CHECK(invoke("e500").code == 15);
    CHECK(invoke("e502").code == 15);
}

TEST_CASE("invoke command: nobody listening, nothing to say, nonsense", "[cli][invoke]")
{
    const std::string nowhere = "http://127.0.0.1:" + std::to_string(free_port());
    CHECK(run({"invoke", "f", "--endpoint", nowhere, "--region", "us-east-1", "--retries", "0"}, false).code == 14);
    CHECK(run({"invoke", "f"}, false).code == 1); // no region
    CHECK(run({"invoke"}, false).code == 1);
    CHECK(run({"invoke", "f", "--endpoint", nowhere, "--timeout", "5"}, false).code == 1);
    CHECK(run({"invoke", "f", "--endpoint", nowhere, "-f", "/nonexistent"}, false).code == 1);
    CHECK(run({"invoke", "f", "--endpoint", nowhere, "-d", "a", "-f", "b"}, false).code == 1);
}

namespace {

/// `lambent emulate` with a function for each outcome.
class emulated
{
public:
    emulated() : process_(options())
    {
        const std::string ready = process_.line();
        const std::string key = "\"http\":\"";
        const std::size_t at = ready.find(key);
        REQUIRE(at != std::string::npos);
        url_ = ready.substr(at + key.size(), ready.find('"', at + key.size()) - at - key.size());
        if (url_.find("://") == std::string::npos)
            url_ = "http://" + url_;
    }
    const std::string& url() const { return url_; }

private:
    static child_options options()
    {
        child_options with;
        with.arguments = {LAMBENT_BIN_DIR "/lambent", "emulate", LAMBENT_SOURCE_DIR "/tests/cli/outcomes.yaml", "--http", "127.0.0.1:0", "--ready-json"};
        with.read_output = true;
        return with;
    }

    child_process process_;
    std::string url_;
};

/// The command's stderr, whole.
std::string told(const std::string& url, const std::string& arguments)
{
    child_options with;
    with.arguments = {"sh", "-c", LAMBENT_BIN_DIR "/lambent invoke " + arguments + " --endpoint " + url + " --region eu-west-1 2>&1 >/dev/null; echo END"};
    with.environment = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
        {"AWS_CONFIG_FILE", "/nonexistent"}, {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}, {"AWS_SESSION_TOKEN", ""}};
    with.read_output = true;
    child_process process(with);
    std::string all;
    for (std::string line = process.line(); line != "END"; line = process.line())
        all += line + "\n";
    return all;
}

int outcome(const std::string& url, std::vector<std::string> arguments)
{
    child_options with;
    with.arguments = {LAMBENT_BIN_DIR "/lambent", "invoke"};
    with.arguments.insert(with.arguments.end(), arguments.begin(), arguments.end());
    with.arguments.insert(with.arguments.end(), {"--endpoint", url, "--region", "eu-west-1", "--retries", "0"});
    with.environment = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
        {"AWS_CONFIG_FILE", "/nonexistent"}, {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}, {"AWS_SESSION_TOKEN", ""}};
    with.quiet = true;
    child_process process(with);
    return process.wait();
}

} // namespace

TEST_CASE("invoke command: each outcome of the emulator has its exit code", "[cli][invoke]")
{
    const emulated server;
    CHECK(outcome(server.url(), {"fine", "-d", "{}"}) == 0);
    CHECK(outcome(server.url(), {"throwing", "-d", "{}"}) == 10);
    CHECK(outcome(server.url(), {"throttled", "-d", "{}"}) == 11);
    CHECK(outcome(server.url(), {"missing", "-d", "{}"}) == 12);
    CHECK(outcome(server.url(), {"hanging", "-d", "{}", "--timeout", "100ms"}) == 13);
    CHECK(outcome(server.url(), {"resetting", "-d", "{}"}) == 14);
    CHECK(outcome(server.url(), {"failing", "-d", "{}"}) == 15);
    CHECK(outcome(server.url(), {"bad name", "-d", "{}"}) == 1);
}

TEST_CASE("invoke command: -v tells request, version, attempts, phases and certainty", "[cli][invoke]")
{
    const emulated server;
    const std::string fine = told(server.url(), "fine -d '{}' -v");
    for (const char* part : {"connecting to 127.0.0.1:", "last attempt, ms: limiter ", ", resolve ", ", connect ", ", handshake ", ", sign ", ", write ", ", wait ",
             ", read ", "answered 200, request ", "version $LATEST", "1 attempts"})
        CHECK(fine.find(part) != std::string::npos);
    const std::string failing = told(server.url(), "failing -d '{}' -v");
    CHECK(failing.find("answered 500 ServiceException, request ") != std::string::npos);
    CHECK(failing.find("the function may have run") != std::string::npos);
    const std::string throttled = told(server.url(), "throttled -d '{}' -v --retries 1");
    CHECK(throttled.find("back-off between 2 attempts, ms: ") != std::string::npos);
    CHECK(throttled.find("the function did not run") != std::string::npos);
    CHECK(told(server.url(), "fine -d '{}'").empty());
}
