// refused: use of deleted function|attempt to use a deleted function|call to deleted
#include <lambent/aws/lambda_client.hpp>

using namespace lambent;

awaitable<bool> ask(aws::lambda_client& lambda)
{
#ifdef REFUSED
    auto reply = co_await lambda.invoke({.function = "f"}, std::chrono::seconds(1));
#else
    aws::invocation call{.function = "f"};
    auto reply = co_await lambda.invoke(call, std::chrono::seconds(1));
#endif
    co_return reply.has_value();
}
