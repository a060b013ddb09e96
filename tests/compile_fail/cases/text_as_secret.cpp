// refused: no match for .operator=|no viable overloaded|could not convert
#include <lambent/aws/credentials.hpp>

using namespace lambent;

// A literal does not become a secret by accident.
void fill(aws::credentials& keys, std::string text)
{
#ifdef REFUSED
    keys.secret = text;
#else
    keys.secret = aws::secret_string(std::move(text));
#endif
}
