#include <lambent/sigv4/errc.hpp>

namespace lambent::sigv4 {
namespace {

// Identity is the fixed id, not the address: a second copy in another shared object compares equal.
class sigv4_category final : public boost::system::error_category
{
public:
    constexpr sigv4_category() noexcept : error_category(0x6c616d62'73696734) {}
    const char* name() const noexcept override { return "lambent.sigv4"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::invalid_method:
            return "the method is not an HTTP token; use GET, POST or another method name";
        case errc::invalid_header_name:
            return "a header name holds a character that HTTP does not allow there";
        case errc::invalid_header_value:
            return "a header value holds a control character; line breaks are allowed as folds only";
        case errc::reserved_field:
            return "a header or parameter to sign is one that the signer writes itself; leave it out";
        case errc::missing_host:
            return "the headers to sign lack host; every signature covers it";
        case errc::too_many_fields:
            return "too many headers or query parameters to sign";
        case errc::invalid_key:
            return "the access key id, secret or token is empty or holds a character that cannot stand in a signature";
        case errc::invalid_scope:
            return "the region or service holds a character that cannot stand in a credential scope";
        case errc::invalid_time:
            return "the signing time is outside the years 1 to 9999";
        case errc::invalid_expiry:
            return "a presigned request may live for 1 second to 7 days";
        case errc::invalid_payload_hash:
            return "the payload hash is neither 64 lower-case hex digits nor UNSIGNED-PAYLOAD";
        }
        return "unknown lambent.sigv4 error";
    }
};

constexpr sigv4_category the_category;

} // namespace

const boost::system::error_category& category() noexcept
{
    return the_category;
}

} // namespace lambent::sigv4
