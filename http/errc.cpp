#include <lambent/http/errc.hpp>

namespace lambent::http {
namespace {

const char* advice(errc e) noexcept
{
    switch (e) {
    case errc::invalid_url:
        return "the URL cannot be used; write scheme://host[:port][/path] with http or https";
    case errc::invalid_request:
        return "the request holds bytes that must not be sent; check method, target and header values for blanks and controls";
    case errc::resolve_failed:
        return "the host name could not be resolved; check the endpoint's spelling and the system's DNS settings";
    case errc::resolve_timeout:
        return "the host name was not resolved in time; check the system's DNS settings or allow more time";
    case errc::connect_failed:
        return "no connection could be made; check that the endpoint listens and that no firewall refuses it";
    case errc::connect_timeout:
        return "no connection was made in time; check that the endpoint is reachable or allow more time";
    case errc::tls_handshake_failed:
        return "the TLS handshake failed; check that the endpoint speaks TLS 1.2 or 1.3 on this port";
    case errc::tls_handshake_timeout:
        return "the TLS handshake did not end in time; check that the endpoint speaks TLS on this port";
    case errc::certificate_refused:
        return "the server's certificate was refused; check the host name, its dates and the CA file";
    case errc::queue_full:
        return "too many requests wait for a connection; raise queue_max or connections_max, or send less at once";
    case errc::queue_timeout:
        return "no connection became free in time; raise connections_max or allow more time";
    case errc::write_failed:
        return "the connection broke while the request was written";
    case errc::write_timeout:
        return "the request could not be written in time; the peer does not read, or the network is too slow for its size";
    case errc::response_timeout:
        return "no complete response header came in time";
    case errc::body_timeout:
        return "the response header came in time, its body did not";
    case errc::reset_before_response:
        return "the connection broke before the first byte of the response";
    case errc::truncated_response:
        return "the connection broke inside the response";
    case errc::malformed_response:
        return "the response breaks HTTP/1.1's grammar and was refused";
    case errc::header_too_large:
        return "the response's header is larger than header_bytes_max";
    case errc::body_too_large:
        return "the response's body is larger than body_bytes_max";
    case errc::unsolicited_response:
        return "the server sent bytes that answer no request";
    }
    return "unknown lambent.http error";
}

// Identity is the fixed id, not the address: a second copy in another shared object compares equal.
class http_category final : public boost::system::error_category
{
public:
    constexpr http_category() noexcept : error_category(0x6c616d62'68747470) {}
    const char* name() const noexcept override { return "lambent.http"; }
    std::string message(int value) const override { return advice(static_cast<errc>(value)); }

    boost::system::error_condition default_error_condition(int value) const noexcept override
    {
        switch (static_cast<errc>(value)) {
        case errc::resolve_timeout:
        case errc::connect_timeout:
        case errc::tls_handshake_timeout:
        case errc::queue_timeout:
        case errc::write_timeout:
        case errc::response_timeout:
        case errc::body_timeout:
            return make_error_condition(core::condition::timed_out);
        case errc::resolve_failed:
        case errc::connect_failed:
        case errc::tls_handshake_failed:
        case errc::queue_full:
        case errc::write_failed:
        case errc::reset_before_response:
        case errc::truncated_response:
        case errc::unsolicited_response:
            return make_error_condition(core::condition::transient);
        default:
            return {value, *this};
        }
    }

    bool equivalent(int value, const boost::system::error_condition& condition) const noexcept override
    {
        const auto own = default_error_condition(value);
        // What ran out of time may fare better later: a time-out is transient too.
        return own == condition || (condition == make_error_condition(core::condition::transient)
                                       && own == make_error_condition(core::condition::timed_out));
    }
};

constexpr http_category the_category;

} // namespace

const boost::system::error_category& category() noexcept { return the_category; }

} // namespace lambent::http
