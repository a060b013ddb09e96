// Signing one Invoke request with a cached key. `sha_blocks` is the time in units of one SHA-256 block of the same run,
// so that figures of different machines compare; `allocs` counts heap allocations per signature.
#define OPENSSL_SUPPRESS_DEPRECATED // SHA256_Transform, to measure it

#include "allocations.hpp"

#include <lambent/sigv4/digest.hpp>
#include <lambent/sigv4/signer.hpp>

#include <benchmark/benchmark.h>
#include <openssl/sha.h>

#include <array>
#include <chrono>
#include <string>
#include <time.h>

namespace {

using namespace lambent;

constexpr std::string_view path = "/2015-03-31/functions/price-order/invocations";
constexpr core::wall_time at{std::chrono::seconds(1'795'300'000)};

double thread_cpu_ns()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Nanoseconds of one `SHA256_Transform`: the unit in which signatures on different machines compare.
double block_ns()
{
    static const double measured = [] {
        SHA256_CTX state;
        SHA256_Init(&state);
        const std::array<unsigned char, 64> block{};
        constexpr int count = 20'000;
        double best = 1e9;
        for (int round = 0; round < 50; ++round) {
            const double start = thread_cpu_ns();
            for (int i = 0; i < count; ++i)
                SHA256_Transform(&state, block.data());
            benchmark::DoNotOptimize(state);
            best = std::min(best, (thread_cpu_ns() - start) / count);
        }
        return best;
    }();
    return measured;
}

void sign(benchmark::State& state, std::string_view token)
{
    const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
    const std::array headers{sigv4::field_view{"host", "lambda.eu-west-1.amazonaws.com"},
        sigv4::field_view{"content-type", "application/octet-stream"}};
    const sigv4::scope where{"eu-west-1", "lambda"};
    const sigv4::key_view key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token};
    sigv4::signer signer;
    sigv4::signature out;
    const auto sign_once = [&] {
        std::array<unsigned char, 64> hash;
        sigv4::write_hex(hash.data(), sigv4::sha256_of(payload));
        const std::string_view digits(reinterpret_cast<const char*>(hash.data()), hash.size());
        const sigv4::request_view request{.method = "POST", .path = path, .query = {}, .headers = headers, .payload_sha256 = digits};
        if (!signer.sign(request, where, key, at, out))
            state.SkipWithError("refused");
        benchmark::DoNotOptimize(out.signature_hex);
    };
    sign_once(); // derives the key, and its buffers reach their size
    const std::uint64_t before = bench::allocations();
    for (auto _ : state)
        sign_once();
    state.counters["allocs"] =
        benchmark::Counter(static_cast<double>(bench::allocations() - before), benchmark::Counter::kAvgIterations);
    state.counters["sha_blocks"] = benchmark::Counter(static_cast<double>(state.iterations()) * block_ns() * 1e-9,
        benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void from_template(benchmark::State& state)
{
    const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
    const std::string token(static_cast<std::size_t>(state.range(1)), 't');
    const std::array headers{sigv4::field_view{"host", "lambda.eu-west-1.amazonaws.com"},
        sigv4::field_view{"content-type", "application/octet-stream"}};
    const sigv4::scope where{"eu-west-1", "lambda"};
    const sigv4::key_view key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token};
    const sigv4::request_view request{.method = "POST", .path = path, .query = {}, .headers = headers, .payload_sha256 = {}};
    sigv4::signer signer;
    sigv4::request_template form;
    if (!signer.prepare(request, where, key, at, form))
        return state.SkipWithError("refused");
    std::array<char, 64> digits{};
    const std::uint64_t before = bench::allocations();
    for (auto _ : state) {
        form.sign(payload, digits.data());
        benchmark::DoNotOptimize(digits);
    }
    state.counters["allocs"] =
        benchmark::Counter(static_cast<double>(bench::allocations() - before), benchmark::Counter::kAvgIterations);
    state.counters["sha_blocks"] = benchmark::Counter(static_cast<double>(state.iterations()) * block_ns() * 1e-9,
        benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(from_template)->Args({256, 0})->Args({256, 900})->Args({16 << 10, 0})->Args({16 << 10, 900})->Args({1 << 20, 0})->Args({1 << 20, 900});

void without_token(benchmark::State& state) { sign(state, {}); }
void with_token(benchmark::State& state)
{
    static const std::string token(900, 't');
    sign(state, token);
}
BENCHMARK(without_token)->Arg(256)->Arg(16 << 10)->Arg(1 << 20);
BENCHMARK(with_token)->Arg(256)->Arg(16 << 10)->Arg(1 << 20);

void one_sha256_block(benchmark::State& state)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(block_ns());
    state.counters["ns"] = block_ns();
}
BENCHMARK(one_sha256_block);

} // namespace
