// Client and emulated Lambda in one process, on one loop, over TLS: what an embedder's own tests look like.
#include <lambent/aws/credentials_sources.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/emulator/lambda_server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <fstream>
#include <string>

namespace asio = boost::asio;
namespace aws = lambent::aws;
namespace core = lambent::core;
namespace emulator = lambent::emulator;
using namespace std::chrono_literals;

static emulator::function_reply doubled(const emulator::function_call& call)
{
    return {.payload = "[" + std::string(call.payload) + "," + std::string(call.payload) + "]"};
}

static emulator::lambda_server_options account()
{
    emulator::lambda_server_options options;
    options.account.keys = {{.id = "AKIDEXAMPLE", .secret = "not a secret"}};
    options.account.functions["double"].body = emulator::make_function(&doubled);
    options.https.emplace();
    return options;
}

static asio::awaitable<bool> ask(core::shard& shard, const emulator::lambda_server& server, std::string ca_file)
{
    std::ofstream(ca_file) << server.ca_pem();
    aws::credentials keys;
    keys.id = "AKIDEXAMPLE";
    keys.secret = aws::secret_string("not a secret");
    aws::lambda_options options;
    options.region = "eu-west-1";
    options.endpoint = "https://localhost:" + std::to_string(server.https_port());
    options.http.tls.ca_file = ca_file;
    aws::lambda_client lambda(shard, options, aws::make_static_source(std::move(keys)));
    aws::invocation call{.function = "double", .payload = R"({"order":7})"};
    auto reply = co_await lambda.invoke(call, 20s);
    if (!reply)
        std::fprintf(stderr, "%s\n", reply.error().text().c_str());
    co_await lambda.close(shard.time().in(5s));
    co_return reply && reply->payload == R"([{"order":7},{"order":7}])" && reply->status == 200 && !reply->function_error;
}

static asio::awaitable<void> run(core::shard& shard, std::string ca_file, bool& good)
{
    emulator::lambda_server server(shard, account());
    auto started = co_await server.start();
    if (!started) {
        std::fprintf(stderr, "%s\n", started.error().text().c_str());
        co_return;
    }
    good = co_await ask(shard, server, ca_file);
    co_await server.close(shard.time().in(5s));
}

int main(int count, char** arguments)
{
    if (count != 2)
        return 2;
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    bool good = false;
    asio::co_spawn(loop, run(shard, arguments[1], good), asio::detached);
    loop.run();
    std::puts(good ? "answered" : "no good answer");
    return good ? 0 : 1;
}
