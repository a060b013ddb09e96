// Clients with different TLS settings in one process, one after the other, towards one server that answers whether a session was resumed.
// usage: tls_resumption PORT CA_FILE OTHER_CA_FILE      prints one line for each request: who, and the answer or the error
#include <lambent/core/shard.hpp>
#include <lambent/core/task_group.hpp>
#include <lambent/http/client.hpp>

#include <boost/asio/io_context.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using namespace lambent;

struct caller
{
    const char* name;
    http::client& client;
};

awaitable<void> ask(core::shard& on, caller who, http::origin to)
{
    http::request_view request;
    request.method = "GET";
    request.target = "/";
    const core::deadline until = on.time().in(std::chrono::seconds(10));
    const auto answer = co_await who.client.send(to, request, until);
    std::printf("%s: %s\n", who.name, answer ? answer->body.c_str() : answer.error().text().c_str());
}

awaitable<void> ask_all(core::shard& on, caller careless, caller strict, caller stranger, http::origin to)
{
    co_await ask(on, careless, to);
    co_await ask(on, careless, to);
    co_await ask(on, strict, to);
    co_await ask(on, strict, to);
    co_await ask(on, stranger, to);
    co_await ask(on, careless, to);
    for (const caller& who : {careless, strict, stranger}) {
        const core::deadline soon = on.time().in(std::chrono::seconds(1));
        co_await who.client.close(soon);
    }
}

http::client_options trusting(const char* ca_file)
{
    http::client_options options;
    options.tls.ca_file = ca_file;
    return options;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 4)
        return 2;
    std::signal(SIGPIPE, SIG_IGN);
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    http::client_options blind;
    blind.tls.dangerously_skip_certificate_verification = true;
    http::client careless(shard, blind);
    http::client strict(shard, trusting(argv[2]));
    http::client stranger(shard, trusting(argv[3]));
    http::origin to;
    to.tls = true;
    to.host = "127.0.0.1";
    to.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    core::task_group group(shard);
    group.start(ask_all(shard, {"careless", careless}, {"strict", strict}, {"stranger", stranger}, to));
    loop.run();
    return 0;
}
