// refused: no match for .operator==|invalid operands to binary expression
#include <lambent/aws/credentials.hpp>

using namespace lambent;

bool same(const aws::secret_string& a, const aws::secret_string& b)
{
#ifdef REFUSED
    return a == b;
#else
    return a.reveal() == b.reveal();
#endif
}
