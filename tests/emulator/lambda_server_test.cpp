#include "signed_request.hpp"

#include <lambent/core/task_group.hpp>
#include <lambent/emulator/lambda_server.hpp>
#include <lambent/http/client.hpp>

#include <sim/world.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace lambent;
using namespace lambent::emulator;
using namespace std::chrono_literals;

namespace {

struct recorder final : call_observer
{
    std::vector<call_record> calls;
    void record(const call_record& call) override { calls.push_back(call); }
};

/// A file with a PEM for as long as it is needed.
struct pem_file
{
    explicit pem_file(const std::string& pem)
    {
        static int number = 0;
        path = std::filesystem::temp_directory_path() / ("lambent-test-" + std::to_string(::getpid()) + "-" + std::to_string(number++) + ".pem");
        std::ofstream(path, std::ios::binary) << pem;
    }
    ~pem_file() { std::filesystem::remove(path); }
    std::filesystem::path path;
};

struct served
{
    sim::real_world world;
    recorder log;
    lambda_server_options options;
    std::unique_ptr<lambda_server> server;

    served()
    {
        options.account.keys = {example_key()};
        options.account.observer = &log;
        options.http.emplace();
        options.https.emplace();
    }

    function_options& add(const std::string& name)
    {
        function_options& added = options.account.functions[name];
        added.body = make_echo();
        return added;
    }

    core::result<void> start()
    {
        server = std::make_unique<lambda_server>(world.shard(), std::move(options));
        return world.run(server->start());
    }

    http::origin plain() const { return {false, "127.0.0.1", server->http_port()}; }
    http::origin secure(std::string host = "127.0.0.1") const { return {true, std::move(host), server->https_port()}; }

    void close(core::duration within = 10s) { world.run(server->close(world.shard().time().in(within))); }
};

/// One signed call over real sockets.
struct caller_of_server
{
    caller_of_server(served& to, std::string ca_file = {}) : world(to.world), client(to.world.shard(), with(std::move(ca_file))) {}
    ~caller_of_server() { world.run(client.close(world.shard().time().in(5s))); }

    static http::client_options with(std::string ca_file)
    {
        http::client_options options;
        options.tls.ca_file = std::move(ca_file);
        return options;
    }

    core::result<http::response> call(const http::origin& to, const std::string& function, const std::string& body = "{}", core::duration within = 20s)
    {
        http::server_request request = invoke_request(function, body);
        request.fields.set("Host", to.authority());
        signed_as how;
        how.at = world.shard().time().wall();
        sign(request, how);
        request.fields.erase("Host");
        http::request_view view;
        view.method = "POST";
        view.target = request.target;
        view.fields = &request.fields;
        view.body = request.body;
        return world.run(client.send(to, view, world.shard().time().in(within)));
    }

    sim::real_world& world;
    http::client client;
};

} // namespace

TEST_CASE("lambda server: the same functions over HTTP and over TLS with its own CA", "[emulator][sockets]")
{
    served s;
    s.add("foo");
    REQUIRE(s.start());
    CHECK(s.server->http_port() != 0);
    CHECK(s.server->https_port() != s.server->http_port());
    {
        const pem_file ca(s.server->ca_pem());
        caller_of_server caller(s, ca.path.string());
        for (const http::origin& to : {s.plain(), s.secure(), s.secure("localhost")}) {
            const std::string body = R"({"port":)" + std::to_string(to.port) + "}";
            const auto answer = caller.call(to, "foo", body);
            INFO((answer ? answer->body : answer.error().text()));
            REQUIRE(answer);
            CHECK(answer->status == 200);
            CHECK(answer->body == body);
            CHECK(answer->fields.contains("Date"));
            CHECK(answer->fields.get("Content-Type") == "application/json");
        }
        const auto refused = caller.call(s.plain(), "nope");
        REQUIRE(refused);
        CHECK(refused->status == 404);
        CHECK(refused->fields.get("x-amzn-ErrorType") == "ResourceNotFoundException");
    }
    s.close();
    CHECK(s.log.calls.size() == 4);
}

TEST_CASE("lambda server: without its CA nobody trusts it", "[emulator][sockets]")
{
    served s;
    s.add("foo");
    REQUIRE(s.start());
    {
        caller_of_server caller(s);
        const auto answer = caller.call(s.secure(), "foo");
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == http::errc::certificate_refused);
    }
    s.close();
    CHECK(s.log.calls.empty());
}

TEST_CASE("lambda server: the largest payload comes back whole, a larger one is refused as the service does", "[emulator][sockets]")
{
    served s;
    s.add("foo");
    REQUIRE(s.start());
    {
        caller_of_server caller(s);
        const std::string largest = '"' + std::string(request_bytes_max - 2, 'x') + '"';
        const auto answer = caller.call(s.plain(), "foo", largest);
        REQUIRE(answer);
        CHECK(answer->body == largest);
        const auto refused = caller.call(s.plain(), "foo", largest + " ");
        REQUIRE(refused);
        CHECK(refused->status == 413);
        CHECK(refused->fields.get("x-amzn-ErrorType") == "RequestTooLargeException");
    }
    s.close();
}

TEST_CASE("lambda server: faults of the connection reach the client as such", "[emulator][sockets]")
{
    served s;
    s.add("reset").faults.reset_before = 1;
    s.add("cut").faults.reset_after = 1;
    s.add("short").faults.truncate = 1;
    s.add("slow").faults.slow_body = 1;
    s.add("hang").faults.hang = 1;
    s.options.account.slow_body_pause = 1ms;
    REQUIRE(s.start());
    {
        caller_of_server caller(s);
        const std::string body = R"({"a":"a text that is long enough to be cut in two"})";
        const auto reset = caller.call(s.plain(), "reset", body);
        REQUIRE_FALSE(reset);
        CHECK(reset.error().code == http::errc::reset_before_response);
        for (const char* name : {"cut", "short"}) {
            const auto broken = caller.call(s.plain(), name, body);
            REQUIRE_FALSE(broken);
            INFO(name << ": " << broken.error().text());
            CHECK((broken.error().code == http::errc::truncated_response || broken.error().code == http::errc::reset_before_response));
        }
        const auto slow = caller.call(s.plain(), "slow", body);
        REQUIRE(slow);
        CHECK(slow->body == body);
        const auto hang = caller.call(s.plain(), "hang", body, 50ms);
        REQUIRE_FALSE(hang);
        CHECK(hang.error().code == core::condition::timed_out);
    }
    s.close();
    REQUIRE(s.log.calls.size() == 5);
    CHECK(s.log.calls[4].outcome == "hang");
}

TEST_CASE("lambda server: an address that cannot be listened on leaves nothing behind", "[emulator][sockets]")
{
    served first;
    first.add("foo");
    REQUIRE(first.start());
    served second;
    second.add("foo");
    second.options.http->port = first.server->http_port();
    const auto refused = second.start();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text().find("127.0.0.1:" + std::to_string(first.server->http_port())) != std::string::npos);
    CHECK(second.server->https_port() == 0);
    served nowhere;
    nowhere.options.http.reset();
    nowhere.options.https.reset();
    CHECK_FALSE(nowhere.start());
    first.close();
}

TEST_CASE("lambda server: closing lets events run, and its listener goes at once", "[emulator][sockets]")
{
    served s;
    function_options& foo = s.add("foo");
    foo.latency.mean = 50ms;
    REQUIRE(s.start());
    {
        caller_of_server caller(s);
        http::server_request request = invoke_request("foo", "{}");
        request.fields.set("Host", s.plain().authority());
        request.fields.add("X-Amz-Invocation-Type", "Event");
        signed_as how;
        how.at = s.world.shard().time().wall();
        sign(request, how);
        request.fields.erase("Host");
        http::request_view view;
        view.method = "POST";
        view.target = request.target;
        view.fields = &request.fields;
        view.body = request.body;
        const auto to = s.plain();
        const auto answer = s.world.run(caller.client.send(to, view, core::deadline::never()));
        REQUIRE(answer);
        CHECK(answer->status == 202);
    }
    s.close();
    REQUIRE(s.log.calls.size() == 1);
    CHECK(s.log.calls[0].outcome == "ok");
    caller_of_server late(s);
    CHECK_FALSE(late.call({false, "127.0.0.1", s.server->http_port()}, "foo"));
}
