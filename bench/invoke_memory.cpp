#include "allocations.hpp"

#include <lambent/aws/credentials_sources.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/core/shard.hpp>
#include <lambent/http/dialer.hpp>
#include <lambent/http/transport.hpp>

#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

// Whole invocations, everything on, over a transport in memory that answers each request in the next turn of the loop: what
// the client itself costs, in time, in allocations and in bytes of frames. The counts are stable under load, the times are not.
namespace {

using namespace lambent;

constexpr std::string_view response = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-amzn-RequestId: 6f1a3a0e-0d5e-4c1b-9e0a-5a4b3c2d1e0f\r\n"
                                      "X-Amz-Executed-Version: $LATEST\r\nContent-Length: 64\r\nConnection: keep-alive\r\n\r\n"
                                      "{\"statusCode\":200,\"body\":\"012345678901234567890123456789012345\"}";

class echo_wire final : public http::transport
{
public:
    explicit echo_wire(asio::any_io_executor on) : executor_(std::move(on)) {}

    http::io try_read(std::span<char> into) noexcept override
    {
        if (left_.empty())
            return {http::io::outcome::not_yet, 0};
        const std::size_t n = std::min(into.size(), left_.size());
        std::memcpy(into.data(), left_.data(), n);
        left_.remove_prefix(n);
        return {http::io::outcome::moved, n};
    }
    http::io try_write(std::span<const char> from) noexcept override
    {
        asio::post(executor_, [this] {
            left_ = response;
            if (owner_ != nullptr)
                owner_->on_transport_ready();
        });
        return {http::io::outcome::moved, from.size()};
    }
    bool look() noexcept override { return !left_.empty(); }
    void attend(http::transport_owner* owner) noexcept override { owner_ = owner; }
    void close(bool) noexcept override { owner_ = nullptr; }
    core::error failure() const override { return {}; }

private:
    asio::any_io_executor executor_;
    http::transport_owner* owner_ = nullptr;
    std::string_view left_;
};

class echo_dialer final : public http::dialer
{
public:
    explicit echo_dialer(asio::any_io_executor on) : executor_(std::move(on)) {}
    awaitable<core::result<std::unique_ptr<http::transport>>> dial(const http::origin&, http::dial_attempt&) override
    {
        co_return std::unique_ptr<http::transport>(std::make_unique<echo_wire>(executor_));
    }

private:
    asio::any_io_executor executor_;
};

struct counts
{
    std::uint64_t allocations = 0;
    std::uint64_t frames = 0;       ///< that Asio could not recycle
    std::uint64_t calls = 0;
};

awaitable<void> call_for(benchmark::State& bench, aws::lambda_client& client, const aws::invocation& call, counts& out)
{
    for (int i = 0; i < 100; ++i) // fills what is kept for later calls
        static_cast<void>(co_await client.invoke(call, std::chrono::seconds(5)));
    bench::reset_largest_frame();
    const std::uint64_t allocations = bench::allocations();
    const std::uint64_t frames = bench::frame_allocations();
    for (auto _ : bench) {
        const auto reply = co_await client.invoke(call, std::chrono::seconds(5));
        if (!reply)
            bench.SkipWithError(reply.error().text().c_str());
        ++out.calls;
    }
    out.allocations = bench::allocations() - allocations;
    out.frames = bench::frame_allocations() - frames;
    co_await client.close(core::deadline::never());
}

void invoke_in_memory(benchmark::State& bench)
{
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    aws::lambda_options options;
    options.region = "eu-west-1";
    options.endpoint = "http://lambda.invalid";
    options.attempt_timeout = std::chrono::seconds(5);
    aws::credentials keys{"AKIDEXAMPLE", aws::secret_string("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), {}, std::nullopt};
    aws::lambda_client client(
        shard, options, aws::make_static_source(std::move(keys)), nullptr, std::make_unique<echo_dialer>(loop.get_executor()));
    const std::string payload(static_cast<std::size_t>(bench.range(0)), 'x');
    aws::invocation call;
    call.function = "my-function";
    call.payload = payload;
    counts out;
    asio::co_spawn(loop, call_for(bench, client, call, out), [](const std::exception_ptr&) {});
    loop.run();
    const auto calls = static_cast<double>(std::max<std::uint64_t>(out.calls, 1));
    bench.counters["allocations"] = static_cast<double>(out.allocations) / calls;
    bench.counters["frames_allocated"] = static_cast<double>(out.frames) / calls;
    bench.counters["largest_frame"] = static_cast<double>(bench::largest_frame());
}
BENCHMARK(invoke_in_memory)->Arg(256)->Arg(16384);
// Of known length, for bench/instructions.
BENCHMARK(invoke_in_memory)->Arg(256)->Iterations(500);
BENCHMARK(invoke_in_memory)->Arg(256)->Iterations(1500);

} // namespace
