// HTTP in, Lambda out, on the caller's own loop. Beast is the server of this example; lambent brings none.
//   gateway --port 8080 --route /price=price-order --route /stock=stock-level:live       keys, region, endpoint: the usual AWS variables
// reply 200; function error 502, its own time-out 504; call timed out 504; throttled 429; queue full or draining 503; else 502
#include <lambent/aws/errc.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/aws/session.hpp>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <cstdio>
#include <map>
#include <set>

namespace asio = boost::asio;
namespace aws = lambent::aws;
namespace core = lambent::core;
namespace http = boost::beast::http;
using namespace std::chrono_literals;

struct gateway
{
    core::shard& shard;
    aws::lambda_client& lambda;
    std::map<std::string, std::string, std::less<>> routes; // path -> function
    core::duration timeout, grace;                          // of a call, all included; for what has begun when SIGTERM comes
    std::uint64_t body_max;
    std::set<struct connection*> connections{};
    bool draining = false;
};

struct connection
{
    connection(gateway& g, asio::ip::tcp::socket socket) : home(g), stream(std::move(socket)) { home.connections.insert(this); }
    ~connection() { home.connections.erase(this); }
    gateway& home;
    boost::beast::tcp_stream stream;
    enum { idle, reading, answering } phase = idle;
};

static unsigned status_of(const core::result<aws::invocation_reply>& reply)
{
    if (reply)
        return !reply->function_error ? 200 : reply->payload.find("Task timed out") == std::string::npos ? 502 : 504;
    const core::error_code why = reply.error().code;
    if (why == aws::errc::throttled)
        return 429;
    if (why == lambent::http::errc::queue_full || why == core::errc::shutting_down)
        return 503;
    return why == core::condition::timed_out ? 504 : 502;
}

static asio::awaitable<void> invoke(gateway& g, const std::string& function, const std::string& body, http::response<http::string_body>& out)
{
    aws::invocation call{.function = function, .payload = body};
    aws::call_report report;
    auto reply = co_await g.lambda.invoke(call, g.timeout, &report);
    out.result(status_of(reply));
    out.set("X-Request-Id", reply ? reply->request_id : report.request_id);
    if (out.result_int() == 429)
        out.set(http::field::retry_after, "1");
    if (!reply) // what happened is for the operator alone
        std::fprintf(stderr, "gateway: %s: %s\n", function.c_str(), reply.error().text().c_str());
    else
        out.body() = std::move(reply->payload);
}

static asio::awaitable<void> serve(gateway& g, asio::ip::tcp::socket socket)
{
    connection here(g, std::move(socket));
    boost::beast::flat_buffer buffer;
    boost::system::error_code broken;
    std::size_t bytes = 0;
    for (bool open = !g.draining; open; open = open && !broken) {
        here.stream.expires_after(60s);
        if (here.phase = connection::idle; buffer.size() == 0) {
            std::tie(broken, bytes) = co_await here.stream.async_read_some(buffer.prepare(16 * 1024), lambent::await_tuple);
            buffer.commit(bytes);
        }
        here.phase = connection::reading;
        http::request_parser<http::string_body> parser;
        parser.body_limit(g.body_max);
        while (!broken && !parser.is_done()) // piece by piece into what becomes the payload
            std::tie(broken, bytes) = co_await http::async_read_some(here.stream, buffer, parser, lambent::await_tuple);
        if (broken && broken.category() != make_error_code(http::error::bad_method).category())
            co_return; // the peer left, or was too slow
        here.phase = connection::answering;
        http::response<http::string_body> out(http::status::not_found, 11);
        if (const auto route = g.routes.find(std::string_view(parser.get().target()).substr(0, parser.get().target().find('?'))); broken)
            out.result(broken == http::error::body_limit ? 413 : 400);
        else if (route != g.routes.end())
            co_await invoke(g, route->second, parser.get().body(), out);
        open = !broken && parser.keep_alive() && !g.draining;
        out.keep_alive(open);
        out.prepare_payload();
        here.stream.expires_after(30s);
        std::tie(broken, bytes) = co_await http::async_write(here.stream, out, lambent::await_tuple);
    }
}

static asio::awaitable<void> run(gateway& g, asio::ip::tcp::acceptor& door, asio::signal_set& signals)
{
    const auto cut = [&g](auto phase) {
        for (connection* one : g.connections)
            if (one->phase == phase)
                one->stream.cancel();
    };
    signals.async_wait([&](auto...) { g.draining = true, door.close(), cut(connection::idle); });
    while (!g.draining) {
        auto [failed, socket] = co_await door.async_accept(lambent::await_tuple);
        if (!failed)
            asio::co_spawn(g.shard.executor(), serve(g, std::move(socket)), asio::detached);
        else if (!g.draining) // no descriptor left: one may come back
            [[maybe_unused]] auto slept = co_await g.shard.time().sleep(50ms);
    }
    const core::deadline until = g.shard.time().in(g.grace);
    while (!g.connections.empty() && !until.passed(g.shard.time().now()))
        [[maybe_unused]] auto slept = co_await g.shard.time().sleep(10ms);
    cut(connection::reading);
    co_await g.lambda.close(g.shard.time().in(0s)); // calls that are still out end now, as 503
}

int main(int count, char** arguments)
{
    std::map<std::string, std::string, std::less<>> routes;
    std::map<std::string, std::size_t> numbers{
        {"--port", 8080}, {"--timeout-ms", 1000}, {"--grace-ms", 5000}, {"--body-max", 6 << 20}, {"--connections", 256}, {"--queue", 1024}};
    for (int i = 1; i + 1 < count; i += 2) {
        if (const std::string name = arguments[i], value = arguments[i + 1]; numbers.contains(name))
            numbers[name] = std::strtoul(value.c_str(), nullptr, 10);
        else if (name == "--route")
            routes[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
        else
            return std::fprintf(stderr, "gateway: what is %s?\n", name.c_str()), 2;
    }
    aws::lambda_options options;
    options.http.connections_max = numbers["--connections"];
    options.http.queue_max = numbers["--queue"];
    const auto keys = aws::resolve(options, aws::process_environment(), {});
    if (!keys)
        return std::fprintf(stderr, "gateway: %s\n", keys.error().text().c_str()), 1;
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    aws::lambda_client lambda(shard, options, *keys);
    gateway g{shard, lambda, routes, numbers["--timeout-ms"] * 1ms, numbers["--grace-ms"] * 1ms, numbers["--body-max"]};
    asio::ip::tcp::acceptor door(loop, {asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(numbers["--port"])});
    asio::signal_set signals(loop, SIGTERM, SIGINT);
    asio::co_spawn(loop, run(g, door, signals), asio::detached);
    std::fprintf(stderr, "gateway: listening on port %u\n", door.local_endpoint().port());
    loop.run();
}
