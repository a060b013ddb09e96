#include <lambent/http/status.hpp>

#include <ostream> // for the next header, which leaves it out

#include <boost/beast/http/status.hpp>

namespace lambent::http {

std::string_view reason_phrase(int status) noexcept
{
    namespace beast = boost::beast::http;
    const beast::status known = beast::int_to_status(static_cast<unsigned>(status));
    if (known != beast::status::unknown)
        return beast::obsolete_reason(known);
    switch (status / 100) {
    case 1:
        return "Informational";
    case 2:
        return "Success";
    case 3:
        return "Redirection";
    case 4:
        return "Client Error";
    default:
        return "Server Error";
    }
}

} // namespace lambent::http
