// refused: no match for .operator<<|invalid operands to binary expression
#include <lambent/aws/credentials.hpp>

#include <ostream>

using namespace lambent;

void show(std::ostream& out, const aws::secret_string& secret)
{
#ifdef REFUSED
    out << secret;
#else
    out << (secret.empty() ? "none" : "set");
#endif
}
