// refused: use of deleted function|call to deleted
#include <lambent/aws/lambda_client.hpp>

using namespace lambent;

#ifdef REFUSED
aws::lambda_client twin(const aws::lambda_client& lambda) { return lambda; }
#else
const aws::lambda_client& twin(const aws::lambda_client& lambda) { return lambda; }
#endif
