#include <lambent/aws/credentials_sources.hpp>
#include <lambent/aws/lambda_client.hpp>
#include <lambent/core/shard_set.hpp>
#include <lambent/emulator/lambda_server.hpp>

#include <support/catch.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace lambent;
using namespace lambent::aws;
using namespace std::chrono_literals;

// The client on each kind of loop that it promises to work on, against the emulator over sockets. Assertions are the test's
// thread's alone: what happens elsewhere is counted.
namespace {

constexpr const char* key_id = "AKIDEXAMPLE";
constexpr const char* key_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// The emulator on a thread of its own: `echo` answers at once, `never` does not in time.
class served
{
public:
    served()
    {
        emulator::lambda_server_options options;
        emulator::access_key key;
        key.id = key_id;
        key.secret = key_secret;
        options.account.keys = {key};
        options.http.emplace();
        options.account.functions["echo"].body = emulator::make_echo();
        emulator::function_options& never = options.account.functions["never"];
        never.body = emulator::make_echo();
        never.faults.hang = 1;
        server_ = std::make_unique<emulator::lambda_server>(shard_, std::move(options));
        thread_ = std::thread([this] { loop_.run(); });
        REQUIRE(asio::co_spawn(loop_, server_->start(), asio::use_future).get());
    }
    ~served()
    {
        asio::co_spawn(loop_, server_->close(core::deadline(core::instant::min())), asio::use_future).get();
        work_.reset();
        thread_.join();
    }

    std::unique_ptr<lambda_client> client(core::shard& on) const
    {
        lambda_options options;
        options.region = "eu-west-1";
        options.endpoint = "http://127.0.0.1:" + std::to_string(server_->http_port());
        options.http.connections_max = 8;
        return std::make_unique<lambda_client>(
            on, std::move(options), make_static_source({key_id, secret_string(key_secret), {}, std::nullopt}));
    }

private:
    asio::io_context loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
    core::shard shard_{loop_.get_executor()};
    std::unique_ptr<emulator::lambda_server> server_;
    std::thread thread_;
};

invocation echo(std::string_view payload = R"({"id":1})")
{
    invocation call;
    call.function = "echo";
    call.payload = payload;
    return call;
}

invocation never()
{
    invocation call;
    call.function = "never";
    return call;
}

struct counts
{
    std::atomic<int> answered{0};
    std::atomic<int> failed{0};
    std::atomic<int> elsewhere{0}; ///< handlers called off their executor

    void count(const core::result<invocation_reply>& got) { ++(got && got->payload == R"({"id":1})" ? answered : failed); }
};

awaitable<void> coroutine_calls(lambda_client& client, int calls, counts& out)
{
    for (int i = 0; i < calls; ++i) {
        const invocation call = echo();
        const auto got = co_await client.invoke(call, 20s);
        out.count(got);
    }
}

/// The next call from the last one's handler.
struct chained_calls
{
    lambda_client& client;
    int left;
    counts& out;

    void operator()(const core::result<invocation_reply>& got)
    {
        out.count(got);
        if (--left > 0)
            client.async_invoke(echo(), 20s, std::move(*this));
    }
};

awaitable<void> all_kinds(const served& server, core::shard& shard, counts& out)
{
    const auto client = server.client(shard);
    for (int i = 0; i < 5; ++i)
        client->async_invoke(echo(), 20s, chained_calls{*client, 10, out});
    co_await coroutine_calls(*client, 20, out);
    const invocation call = echo();
    const auto awaited = co_await client->async_invoke(call, 20s, asio::use_awaitable);
    out.count(awaited);
    const auto operation = client->async_invoke(call, 20s, asio::deferred);
    const auto deferred = co_await operation(asio::use_awaitable);
    out.count(deferred);
    while (out.answered + out.failed < 72)
        static_cast<void>(co_await shard.time().sleep(1ms));
    const core::deadline soon = shard.time().in(5s);
    co_await client->close(soon);
}

} // namespace

TEST_CASE("embedding: one client per shard, on several threads", "[aws][sockets]")
{
    const served server;
    core::shard_set shards(3);
    std::vector<counts> out(3);
    shards.run([&](std::size_t index) { return all_kinds(server, shards.at(index), out[index]); });
    for (const counts& one : out) {
        CHECK(one.answered == 72);
        CHECK(one.failed == 0);
    }
}

TEST_CASE("embedding: a caller's single-threaded loop, called from outside by futures", "[aws][sockets]")
{
    const served server;
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    const auto client = server.client(shard);
    auto work = asio::make_work_guard(loop);
    std::thread thread([&] { loop.run(); });
    std::vector<std::future<core::result<invocation_reply>>> futures;
    for (int i = 0; i < 50; ++i)
        futures.push_back(client->async_invoke(echo(), 20s, asio::use_future));
    int answered = 0;
    for (auto& one : futures) {
        const auto got = one.get();
        answered += got && got->payload == R"({"id":1})";
    }
    CHECK(answered == 50);
    const auto late = client->async_invoke(never(), 50ms, asio::use_future).get();
    REQUIRE_FALSE(late);
    CHECK(late.error().code == core::errc::deadline_exceeded);
    CHECK(late.error().certainty == certainty::maybe_executed);
    asio::co_spawn(loop, client->close(core::deadline::never()), asio::use_future).get();
    const auto refused = client->async_invoke(echo(), 20s, asio::use_future).get();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == core::errc::shutting_down);
    work.reset();
    thread.join();
}

TEST_CASE("embedding: a strand of a loop that four threads run", "[aws][sockets]")
{
    const served server;
    asio::thread_pool pool(4);
    const auto strand = asio::make_strand(pool);
    core::shard shard(strand);
    counts out;
    asio::co_spawn(strand, all_kinds(server, shard, out), asio::use_future).get();
    CHECK(out.answered == 72);
    CHECK(out.failed == 0);
    pool.join();
}

TEST_CASE("embedding: called from four threads at once, each handler comes on its own executor", "[aws][sockets]")
{
    const served server;
    asio::thread_pool pool(4);
    const auto strand = asio::make_strand(pool);
    core::shard shard(strand);
    const auto client = server.client(shard);
    counts out;
    asio::io_context mine(1);
    auto work = asio::make_work_guard(mine);
    std::thread listener([&] { mine.run(); });
    std::vector<std::thread> callers;
    for (int t = 0; t < 4; ++t)
        callers.emplace_back([&] {
            for (int i = 0; i < 25; ++i)
                client->async_invoke(echo(), 20s, asio::bind_executor(mine, [&](const core::result<invocation_reply>& got) {
                    out.elsewhere += !mine.get_executor().running_in_this_thread();
                    out.count(got);
                }));
        });
    for (auto& one : callers)
        one.join();
    asio::co_spawn(strand, client->close(core::deadline::never()), asio::use_future).get();
    work.reset();
    listener.join();
    CHECK(out.answered == 100);
    CHECK(out.elsewhere == 0);
    pool.join();
}

TEST_CASE("embedding: stackful coroutines", "[aws][sockets]")
{
    const served server;
    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    const auto client = server.client(shard);
    counts out;
    asio::spawn(
        loop,
        [&](asio::yield_context yield) {
            for (int i = 0; i < 10; ++i) {
                const auto got = client->async_invoke(echo(), 20s, yield);
                out.count(got);
            }
        },
        [&](const std::exception_ptr&) { asio::co_spawn(loop, client->close(core::deadline::never()), [](const std::exception_ptr&) {}); });
    loop.run();
    CHECK(out.answered == 10);
}

namespace {

awaitable<void> until_cancelled(lambda_client& client, std::optional<core::result<invocation_reply>>& out)
{
    co_await asio::this_coro::throw_if_cancelled(false);
    const invocation call = never();
    auto got = co_await client.async_invoke(call, core::forever, asio::use_awaitable);
    out.emplace(std::move(got));
}

} // namespace

TEST_CASE("embedding: slots are honoured from another executor, and a coroutine's is", "[aws][sockets]")
{
    const served server;
    asio::thread_pool pool(4);
    const auto strand = asio::make_strand(pool);
    core::shard shard(strand);
    const auto client = server.client(shard);
    asio::io_context mine(1);
    asio::cancellation_signal stop_call;
    asio::cancellation_signal stop_coroutine;
    std::optional<core::result<invocation_reply>> called;
    std::optional<core::result<invocation_reply>> awaited;
    client->async_invoke(never(), core::forever,
        asio::bind_cancellation_slot(stop_call.slot(), asio::bind_executor(mine, [&](core::result<invocation_reply> got) { called.emplace(std::move(got)); })));
    asio::co_spawn(mine, until_cancelled(*client, awaited), asio::bind_cancellation_slot(stop_coroutine.slot(), [](const std::exception_ptr&) {}));
    // A call that ends at its deadline has gone the way that the two others took: both are under way by then.
    REQUIRE_FALSE(client->async_invoke(never(), 20ms, asio::use_future).get());
    mine.poll();
    asio::post(mine, [&] {
        stop_call.emit(asio::cancellation_type::total);
        stop_call.emit(asio::cancellation_type::partial);
        stop_coroutine.emit(asio::cancellation_type::terminal);
    });
    mine.run();
    REQUIRE(called);
    REQUIRE_FALSE(*called);
    CHECK(called->error().code == core::errc::cancelled);
    REQUIRE(awaited);
    REQUIRE_FALSE(*awaited);
    CHECK(awaited->error().code == core::errc::cancelled);
    asio::co_spawn(strand, client->close(core::deadline::never()), asio::use_future).get();
    pool.join();
}

TEST_CASE("embedding: a loop that is destroyed with calls in flight takes them with it", "[aws][sockets]")
{
    const served server;
    const auto alive = std::make_shared<int>(0);
    {
        asio::io_context loop(1);
        core::shard shard(loop.get_executor());
        const auto client = server.client(shard);
        for (int i = 0; i < 3; ++i)
            client->async_invoke(never(), core::forever, [alive](const core::result<invocation_reply>&) { ++*alive; });
        bool sent = false;
        client->async_invoke(echo(), 20s, [&sent](const core::result<invocation_reply>&) { sent = true; });
        while (!sent)
            loop.run_one();
        CHECK(alive.use_count() == 4);
    }
    CHECK(alive.use_count() == 1);
    CHECK(*alive == 0);
}
