// One invocation a line, so many at a time: batch FUNCTION FILE [CONCURRENCY]
// Keys, region and endpoint come from the usual AWS variables and files. Answers as "LINE<tab>PAYLOAD" in the order in which they come;
// failures on stderr with what is known of them. Exit 0 when every line was answered without a function error.
#include <lambent/aws/lambda_client.hpp>
#include <lambent/aws/session.hpp>
#include <lambent/core/task_group.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace asio = boost::asio;
namespace aws = lambent::aws;
namespace core = lambent::core;
using namespace std::chrono_literals;

struct batch
{
    core::shard& shard;
    aws::lambda_client& lambda;
    std::string function;
    std::ifstream lines;
    std::size_t concurrency;
    unsigned long taken = 0, failed = 0;
};

// Each worker has one call out at a time, and takes the next line when that is answered.
static asio::awaitable<void> work(batch& b)
{
    for (std::string line; std::getline(b.lines, line);) {
        const unsigned long number = ++b.taken;
        aws::invocation call{.function = b.function, .payload = line};
        aws::call_report report;
        auto reply = co_await b.lambda.invoke(call, 60s, &report);
        if (reply && !reply->function_error) {
            std::printf("%lu\t%s\n", number, reply->payload.c_str());
            continue;
        }
        ++b.failed;
        if (reply)
            std::fprintf(stderr, "line %lu: function error: %s\n", number, reply->payload.c_str());
        else
            std::fprintf(stderr, "line %lu: %s (%.*s)\n", number, reply.error().text().c_str(),
                static_cast<int>(aws::to_text(report.certainty).size()), aws::to_text(report.certainty).data());
    }
}

static asio::awaitable<void> run(batch& b)
{
    core::task_group workers(b.shard);
    for (std::size_t i = 0; i < b.concurrency; ++i)
        workers.start(work(b));
    co_await workers.join();
    co_await b.lambda.close(b.shard.time().in(5s));
}

int main(int count, char** arguments)
{
    if (count < 3 || count > 4)
        return std::fprintf(stderr, "usage: batch FUNCTION FILE [CONCURRENCY]\n"), 2;
    std::ifstream lines(arguments[2]);
    const std::size_t concurrency = count > 3 ? std::strtoul(arguments[3], nullptr, 10) : 64;
    if (!lines || concurrency == 0)
        return std::fprintf(stderr, "batch: %s\n", lines ? "the concurrency is a number above 0" : "the file cannot be read"), 2;

    aws::lambda_options options;
    options.http.connections_max = concurrency;
    const auto keys = aws::resolve(options, aws::process_environment(), {});
    if (!keys)
        return std::fprintf(stderr, "batch: %s\n", keys.error().text().c_str()), 1;
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    aws::lambda_client lambda(shard, options, *keys);
    batch b{shard, lambda, arguments[1], std::move(lines), concurrency};
    asio::co_spawn(loop, run(b), asio::detached);
    loop.run();
    const aws::lambda_stats& stats = lambda.stats();
    std::fprintf(stderr, "%lu lines, %lu failed, %lu attempts over %lu connections\n", b.taken, b.failed,
        static_cast<unsigned long>(stats.attempts), static_cast<unsigned long>(lambda.transport_stats().opened));
    return b.failed == 0 ? 0 : 1;
}
