// refused: unused-result|ignoring return value
// clang only
#include <lambent/aws/lambda_client.hpp>

using namespace lambent;

awaitable<void> ask(aws::lambda_client& lambda, const aws::invocation& call)
{
#ifdef REFUSED
    co_await lambda.invoke(call, std::chrono::seconds(1));
#else
    [[maybe_unused]] auto reply = co_await lambda.invoke(call, std::chrono::seconds(1));
#endif
}
