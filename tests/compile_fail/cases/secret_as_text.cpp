// refused: could not convert|no viable conversion|cannot convert
#include <lambent/aws/credentials.hpp>

using namespace lambent;

std::string_view text_of(const aws::secret_string& secret)
{
#ifdef REFUSED
    return secret;
#else
    return secret.reveal();
#endif
}
