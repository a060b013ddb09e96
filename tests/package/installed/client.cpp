// Invokes a function and prints its answer: client ENDPOINT FUNCTION PAYLOAD. Keys and region come from the environment.
#include <lambent/aws/lambda_client.hpp>
#include <lambent/aws/session.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <string_view>

namespace asio = boost::asio;
namespace aws = lambent::aws;
namespace core = lambent::core;
using namespace std::chrono_literals;

static asio::awaitable<void> run(core::shard& shard, aws::lambda_client& lambda, aws::invocation call, int& exit_code)
{
    auto reply = co_await lambda.invoke(call, 20s);
    exit_code = reply && !reply->function_error ? 0 : 1;
    if (reply)
        std::printf("%s\n", reply->payload.c_str());
    else
        std::fprintf(stderr, "%s\n", reply.error().text().c_str());
    co_await lambda.close(shard.time().in(5s));
}

int main(int count, char** arguments)
{
    if (count != 4)
        return 2;
    aws::lambda_options options;
    aws::session_settings settings;
    settings.endpoint = arguments[1];
    auto keys = aws::resolve(options, aws::process_environment(), settings);
    if (!keys) {
        std::fprintf(stderr, "%s\n", keys.error().text().c_str());
        return 2;
    }
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    aws::lambda_client lambda(shard, options, *keys);
    int exit_code = 1;
    asio::co_spawn(loop, run(shard, lambda, {.function = arguments[2], .payload = arguments[3]}, exit_code), asio::detached);
    loop.run();
    return exit_code;
}
