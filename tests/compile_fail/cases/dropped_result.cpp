// refused: nodiscard|unused-result|ignoring return value
#include <lambent/http/url.hpp>

using namespace lambent;

bool sound(std::string_view text)
{
#ifdef REFUSED
    http::url::parse(text);
    return true;
#else
    return http::url::parse(text).has_value();
#endif
}
