// refused: use of deleted function|attempt to use a deleted function|call to deleted
#include <lambent/aws/lambda_client.hpp>

using namespace lambent;

// The awaitable outlives the statement; a temporary call would not.
awaitable<core::result<aws::invocation_reply>> begin(aws::lambda_client& lambda, const aws::invocation& kept)
{
#ifdef REFUSED
    static_cast<void>(kept);
    return lambda.invoke(aws::invocation{.function = "f"}, std::chrono::seconds(1));
#else
    return lambda.invoke(kept, std::chrono::seconds(1));
#endif
}
