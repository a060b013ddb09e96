// refused: nodiscard|unused-result|ignoring return value
#include <lambent/aws/lambda_client.hpp>

using namespace lambent;

awaitable<void> ask(aws::lambda_client& lambda, const aws::invocation& call)
{
#ifdef REFUSED
    lambda.invoke(call, std::chrono::seconds(1));
    co_return;
#else
    [[maybe_unused]] auto reply = co_await lambda.invoke(call, std::chrono::seconds(1));
#endif
}
