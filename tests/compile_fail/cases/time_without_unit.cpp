// refused: no matching function|no matching member function|cannot convert|could not convert
#include <lambent/aws/lambda_client.hpp>

using namespace lambent;

awaitable<core::result<aws::invocation_reply>> begin(aws::lambda_client& lambda, const aws::invocation& call)
{
#ifdef REFUSED
    return lambda.invoke(call, 80);
#else
    return lambda.invoke(call, std::chrono::milliseconds(80));
#endif
}
