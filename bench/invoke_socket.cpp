// bench_invoke_socket: what whole invocations over a socket allocate, once everything that is kept for later calls is there.
//
//   bench_invoke_socket --endpoint https://127.0.0.1:9444 --ca-file ca.pem [--in-flight 8] [--calls 20000]
//
// One JSON line of counts a call, no times: heap allocations of ours (OpenSSL's own buffers come from malloc and are not counted) and frames
// that Asio could not recycle. Beside bench_invoke_memory it tells what the transport adds.
#include "allocations.hpp"

#include <lambent/aws/credentials_sources.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/core/task_group.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace lambent;
using namespace std::chrono_literals;

struct options
{
    std::string endpoint;
    std::string ca_file;
    std::size_t in_flight = 8;
    std::size_t calls = 20000;
};

awaitable<void> call_again(aws::lambda_client& client, const aws::invocation& call, std::size_t times, std::size_t& errors)
{
    for (std::size_t i = 0; i < times; ++i) {
        const auto reply = co_await client.invoke(call, 30s);
        if (!reply && ++errors == 1)
            std::fprintf(stderr, "bench_invoke_socket: %s\n", reply.error().text().c_str());
    }
}

awaitable<void> everybody(core::shard& on, aws::lambda_client& client, const aws::invocation& call, const options& asked, std::size_t times, std::size_t& errors)
{
    core::task_group group(on);
    for (std::size_t i = 0; i < asked.in_flight; ++i)
        group.start(call_again(client, call, times, errors));
    co_await group.join();
}

awaitable<void> measure(core::shard& on, aws::lambda_client& client, const options& asked, std::size_t& errors)
{
    const std::string payload(256, 'x');
    aws::invocation call;
    call.function = "bench";
    call.payload = payload;
    co_await everybody(on, client, call, asked, 200, errors); // connections, and buffers at their working size
    const std::uint64_t allocations = bench::allocations();
    const std::uint64_t frames = bench::frame_allocations();
    const std::size_t times = std::max<std::size_t>(1, asked.calls / asked.in_flight);
    co_await everybody(on, client, call, asked, times, errors);
    const auto calls = static_cast<double>(times * asked.in_flight);
    std::printf("{\"calls\":%.0f,\"errors\":%zu,\"allocations\":%.3f,\"frames_allocated\":%.3f}\n", calls, errors,
        static_cast<double>(bench::allocations() - allocations) / calls, static_cast<double>(bench::frame_allocations() - frames) / calls);
    const core::deadline soon = on.time().in(5s);
    co_await client.close(soon);
}

} // namespace

int main(int count, char** words)
{
    options asked;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view name = words[i];
        const char* const value = words[i + 1];
        if (name == "--endpoint")
            asked.endpoint = value;
        else if (name == "--ca-file")
            asked.ca_file = value;
        else if (name == "--in-flight")
            asked.in_flight = std::strtoul(value, nullptr, 10);
        else if (name == "--calls")
            asked.calls = std::strtoul(value, nullptr, 10);
        else
            return std::fprintf(stderr, "bench_invoke_socket: unknown argument %s\n", words[i]), 2;
    }
    if (asked.endpoint.empty() || asked.in_flight == 0 || asked.calls == 0)
        return std::fprintf(stderr, "bench_invoke_socket: needs --endpoint, and numbers above 0\n"), 2;
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    aws::lambda_options settings;
    settings.region = "eu-west-1";
    settings.endpoint = asked.endpoint;
    settings.http.tls.ca_file = asked.ca_file;
    settings.http.connections_max = asked.in_flight;
    aws::credentials keys{"AKIDEXAMPLE", aws::secret_string("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), {}, std::nullopt};
    aws::lambda_client client(shard, settings, aws::make_static_source(std::move(keys)));
    std::size_t errors = 0;
    core::task_group group(shard);
    group.start(measure(shard, client, asked, errors));
    loop.run();
    group.disown();
    return errors == 0 ? 0 : 1;
}
