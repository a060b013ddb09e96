// The HTTP half of one invocation without a socket: the request's text, the answer's parser, the session's books.
#include "allocations.hpp"

#include <lambent/http/h1_session.hpp>
#include <lambent/http/headers.hpp>
#include <lambent/http/request.hpp>
#include <lambent/http/request_text.hpp>
#include <lambent/http/response_parser.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace lambent;

/// As Lambda's front door answers.
std::string answer_of(std::size_t body_bytes)
{
    return "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 12:32:51 GMT\r\nContent-Type: application/json\r\nContent-Length: "
        + std::to_string(body_bytes)
        + "\r\nConnection: keep-alive\r\nx-amzn-RequestId: fab78848-00e0-4c22-b3e0-7177b20d067d\r\nx-amzn-Remapped-Content-Length: 0\r\n"
          "X-Amz-Executed-Version: $LATEST\r\nX-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0\r\n\r\n"
        + std::string(body_bytes, 'x');
}

void count(benchmark::State& state, std::uint64_t before)
{
    state.counters["allocs"] = benchmark::Counter(static_cast<double>(bench::allocations() - before), benchmark::Counter::kAvgIterations);
}

void parse_again_and_again(benchmark::State& state, http::response_parser& parser, const std::string& bytes)
{
    const std::uint64_t before = bench::allocations();
    for (auto _ : state) {
        parser.begin(false);
        benchmark::DoNotOptimize(parser.feed(bytes));
        if (parser.where() != http::response_parser::state::complete)
            state.SkipWithError("the answer was not understood");
        benchmark::DoNotOptimize(parser.view().status);
    }
    count(state, before);
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes.size()));
}

void response_parsed_whole(benchmark::State& state)
{
    const std::string bytes = answer_of(static_cast<std::size_t>(state.range(0)));
    http::response_parser parser(http::response_limits{});
    parse_again_and_again(state, parser, bytes);
}
BENCHMARK(response_parsed_whole)->Arg(11)->Arg(256)->Arg(16 * 1024)->Arg(1024 * 1024);

/// The head is the one before, as it mostly is.
void response_remembered(benchmark::State& state)
{
    const std::string bytes = answer_of(static_cast<std::size_t>(state.range(0)));
    http::head_memory heads;
    http::response_parser parser(http::response_limits{}, &heads);
    parser.begin(false);
    parser.feed(bytes);
    parse_again_and_again(state, parser, bytes);
}
BENCHMARK(response_remembered)->Arg(256);

/// As it comes when the kernel cuts it: in the head, and in the body.
void response_parsed_in_parts(benchmark::State& state)
{
    const std::string bytes = answer_of(256);
    const std::span<const char> all(bytes);
    http::response_parser parser(http::response_limits{});
    const std::uint64_t before = bench::allocations();
    for (auto _ : state) {
        parser.begin(false);
        parser.feed(all.subspan(0, 100));
        parser.feed(all.subspan(100, bytes.size() - 200));
        parser.feed(all.subspan(bytes.size() - 100));
        if (parser.where() != http::response_parser::state::complete)
            state.SkipWithError("the answer was not understood");
    }
    count(state, before);
}
BENCHMARK(response_parsed_in_parts);

/// Head and body of a request with the fields an invocation has, signature apart.
void request_written(benchmark::State& state)
{
    const http::origin to{.tls = true, .host = "lambda.eu-west-1.amazonaws.com", .port = 443};
    const http::headers fields{{"Content-Type", "application/octet-stream"}, {"User-Agent", "lambent/0.1.0"},
        {"X-Amz-Invocation-Type", "RequestResponse"}, {"X-Amz-Date", "20261122T123251Z"}};
    const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
    const http::request_view request{
        .method = "POST", .target = "/2015-03-31/functions/bench/invocations", .fields = &fields, .body = body};
    std::string out;
    const std::uint64_t before = bench::allocations();
    for (auto _ : state) {
        out.clear();
        http::request_text text(to, request, nullptr);
        if (!text.check() || !text.write(out))
            state.SkipWithError("the request was refused");
        benchmark::DoNotOptimize(out.data());
    }
    count(state, before);
}
BENCHMARK(request_written)->Arg(256)->Arg(16 * 1024);

/// `depth` requests in, written, answered and taken: the books of a connection, parsing included.
void session_turn(benchmark::State& state)
{
    const auto depth = static_cast<std::size_t>(state.range(0));
    const std::string request(700, 'r');
    std::string answers;
    for (std::size_t i = 0; i < depth; ++i)
        answers += answer_of(11);
    http::h1_session session(http::response_limits{}, depth);
    std::vector<int> tags(depth);
    const std::uint64_t before = bench::allocations();
    for (auto _ : state) {
        for (int& tag : tags) {
            session.output() += request;
            session.submit(&tag, false);
        }
        session.wrote(session.pending().size());
        session.feed(answers);
        for (const int& tag : tags) {
            if (session.next() != http::h1_session::event::response || session.tag() != &tag)
                state.SkipWithError("the answers do not match the requests");
            benchmark::DoNotOptimize(session.view().status);
            session.taken();
        }
        benchmark::DoNotOptimize(session.next());
    }
    count(state, before);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(session_turn)->Arg(1)->Arg(4)->Arg(16);

} // namespace
