// Without coroutines: callbacks on the loop's thread, futures for other threads, and a call that is cancelled.
//   callbacks FUNCTION PAYLOAD COUNT        keys, region and endpoint: the usual AWS variables
#include <lambent/aws/lambda_client.hpp>
#include <lambent/aws/session.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>

namespace asio = boost::asio;
namespace aws = lambent::aws;
namespace core = lambent::core;
using namespace std::chrono_literals;
using outcome = core::result<aws::invocation_reply>;

// One call after the other, each begun by the callback of the last. Lives until `done` is told.
class chain
{
public:
    chain(aws::lambda_client& lambda, aws::invocation call, unsigned count) : lambda_(lambda), call_(call), left_(count) {}

    void begin() { lambda_.async_invoke(call_, 5s, [this](outcome got) { ended(std::move(got)); }); }
    std::future<unsigned> done() { return done_.get_future(); }

private:
    void ended(outcome got)
    {
        answered_ += got && !got->function_error;
        if (--left_ > 0)
            begin();
        else
            done_.set_value(answered_);
    }

    aws::lambda_client& lambda_;
    aws::invocation call_; // views: what they name outlives the chain
    unsigned left_;
    unsigned answered_ = 0;
    std::promise<unsigned> done_;
};

static void tell(const char* what, const outcome& got)
{
    std::printf("%s: %s\n", what, got ? got->payload.c_str() : got.error().text().c_str());
}

int main(int count, char** arguments)
{
    if (count != 4 || std::atoi(arguments[3]) < 1)
        return std::fprintf(stderr, "usage: callbacks FUNCTION PAYLOAD COUNT\n"), 2;
    aws::lambda_options options;
    const auto keys = aws::resolve(options, aws::process_environment(), {});
    if (!keys)
        return std::fprintf(stderr, "callbacks: %s\n", keys.error().text().c_str()), 1;

    asio::io_context loop(1);
    core::shard shard(loop.get_executor());
    aws::lambda_client lambda(shard, options, *keys);
    auto work = asio::make_work_guard(loop);
    std::thread thread([&loop] { loop.run(); });

    const aws::invocation call{.function = arguments[1], .payload = arguments[2]};
    // From this thread: the answer as a future.
    std::future<outcome> future = lambda.async_invoke(call, 5s, asio::use_future);
    const outcome first = future.get();
    tell("future", first);

    // Callbacks, on the loop's thread.
    chain calls(lambda, call, static_cast<unsigned>(std::atoi(arguments[3])));
    std::future<unsigned> done = calls.done();
    calls.begin();
    std::printf("callbacks: %u answered\n", done.get());

    // A call that is given up. A signal is emitted on the executor of the handler: here the loop's.
    asio::cancellation_signal signal;
    std::promise<void> told;
    lambda.async_invoke(call, 5s, asio::bind_cancellation_slot(signal.slot(), [&told](outcome got) {
        tell(got ? "cancelled too late" : "cancelled", got);
        told.set_value();
    }));
    asio::post(loop, [&signal] { signal.emit(asio::cancellation_type::terminal); });
    told.get_future().wait();

    asio::co_spawn(loop, lambda.close(core::deadline::never()), asio::use_future).get();
    work.reset();
    thread.join();
    return first && !first->function_error ? 0 : 1;
}
