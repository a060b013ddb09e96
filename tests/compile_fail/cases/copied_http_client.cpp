// refused: use of deleted function|call to deleted
#include <lambent/http/client.hpp>

using namespace lambent;

#ifdef REFUSED
http::client twin(const http::client& lambda) { return lambda; }
#else
const http::client& twin(const http::client& lambda) { return lambda; }
#endif
