// `lambent bench` as a user sees it, against `lambent emulate`.

#include <lambent/data/json.hpp>

#include <support/catch.hpp>
#include <support/child_process.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

using namespace lambent;
using namespace std::chrono_literals;

namespace {

class emulator
{
public:
    emulator() : process_(options())
    {
        const auto ready = data::read_json(process_.line());
        REQUIRE(ready);
        https = std::string(ready->peek("https")->text());
        ca_file = std::string(ready->peek("ca_file")->text());
    }
    std::string https;
    std::string ca_file;

private:
    static support::child_options options()
    {
        support::child_options with;
        with.arguments = {LAMBENT_BIN_DIR "/lambent", "emulate", "--https", "127.0.0.1:0", "--ready-json"};
        with.read_output = true;
        return with;
    }
    support::child_process process_;
};

struct ended
{
    int code = 0;
    std::string first_line;
};

ended bench(std::vector<std::string> more, bool has_output = true)
{
    support::child_options with;
    with.arguments = {LAMBENT_BIN_DIR "/lambent", "bench"};
    with.arguments.insert(with.arguments.end(), more.begin(), more.end());
    with.environment = {{"AWS_CONFIG_FILE", "/nonexistent"}, {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}, {"AWS_ACCESS_KEY_ID", ""},
        {"AWS_SECRET_ACCESS_KEY", ""}, {"AWS_REGION", ""}, {"AWS_PROFILE", ""}};
    with.read_output = has_output;
    with.quiet = true;
    support::child_process process(with);
    ended result;
    if (has_output)
        result.first_line = process.line();
    result.code = process.wait();
    return result;
}

double number(const data::value& from, const char* name)
{
    INFO(name);
    REQUIRE(from.peek(name) != nullptr);
    return std::stod(data::write_json(*from.peek(name)).value());
}

} // namespace

TEST_CASE("bench command: a closed loop is answered, signed with the example key, and reported as JSON and as a page", "[cli][bench]")
{
    const emulator server;
    const std::string page = (std::filesystem::temp_directory_path() / ("lambent_bench_" + std::to_string(::getpid()) + ".html")).string();
    const ended done = bench({"--endpoint", server.https, "--ca-file", server.ca_file, "--function", "echo", "-c", "8", "--warmup", "50ms",
        "--duration", "300ms", "--json", "--html", page});
    INFO(done.first_line);
    CHECK(done.code == 0);
    const auto read = data::read_json(done.first_line);
    REQUIRE(read);
    CHECK(number(*read, "requests") > 0);
    CHECK(number(*read, "errors") == 0);
    CHECK(number(*read, "attempts") >= number(*read, "requests") - 8); // 8 were under way when counting began
    CHECK(number(*read, "cpu_us_per_request") > 0);
    const data::value* latency = read->peek("latency_us");
    REQUIRE(latency != nullptr);
    CHECK(number(*latency, "p50") > 0);
    CHECK(number(*latency, "p50") <= number(*latency, "p99"));
    CHECK(number(*latency, "p99") <= number(*latency, "max"));
    // A call is signed, waits for its answer, and found its connection open.
    CHECK(number(*read->peek("phases_us"), "wait") > 0);
    CHECK(number(*read->peek("phases_us"), "sign") > 0);
    std::ifstream file(page);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    CHECK(text.find("</html>") != std::string::npos);
    CHECK(text.find("<svg") != std::string::npos);
    std::filesystem::remove(page);
}

TEST_CASE("bench command: an open loop sends what is due, on two threads, with payloads from a mapping", "[cli][bench]")
{
    const emulator server;
    const ended done = bench({"--endpoint", server.https, "--ca-file", server.ca_file, "--function", "echo", "-c", "32", "--shards", "2", "-r", "400",
        "--warmup", "0s", "--duration", "500ms", "--payload-template", "root.id = this.index", "--json"});
    INFO(done.first_line);
    CHECK(done.code == 0);
    const auto read = data::read_json(done.first_line);
    REQUIRE(read);
    // 200 were due; those that a slow machine did not get to are told.
    CHECK(number(*read, "requests") + number(*read, "unsent") == 200);
}

TEST_CASE("bench command: pipelined calls are all answered", "[cli][bench]")
{
    const emulator server;
    const ended done = bench({"--endpoint", server.https, "--ca-file", server.ca_file, "--function", "echo", "-c", "16", "--depth", "4", "--warmup", "0s",
        "--duration", "200ms", "--json"});
    INFO(done.first_line);
    CHECK(done.code == 0);
    CHECK(done.first_line.find("\"errors\":0") != std::string::npos);
}

TEST_CASE("bench command: when nothing is answered the errors are counted by name and the exit says so", "[cli][bench]")
{
    const emulator server;
    const ended done = bench({"--endpoint", server.https, "--ca-file", server.ca_file, "--function", "nobody", "-c", "2", "--warmup", "0s",
        "--duration", "1s", "--json"});
    CHECK(done.code == 1);
    CHECK(done.first_line.find("\"function_not_found\":") != std::string::npos);
    CHECK(bench({"--function", "f", "--endpoint", server.https, "--duration", "soon"}, false).code == 1);
    CHECK(bench({"--function", "f", "--endpoint", server.https, "--payload-template", "root = "}, false).code == 1);
}
