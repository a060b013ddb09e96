#include <lambent/aws/errc.hpp>

namespace lambent::aws {
namespace {

// Identity is the fixed id, not the address: a second copy in another shared object compares equal.
class aws_category final : public boost::system::error_category
{
public:
    constexpr aws_category() noexcept : error_category(0x6c616d62'61777320) {}
    const char* name() const noexcept override { return "lambent.aws"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::throttled:
            return "Lambda throttled the call (429). Lower the rate_limit resource or raise the function's concurrency.";
        case errc::access_denied:
            return "AWS refused the keys, the signature or the permission (403). Check the credentials and lambda:InvokeFunction.";
        case errc::function_not_found:
            return "the function does not exist in this region and account (404)";
        case errc::payload_too_large:
            return "the payload is larger than Lambda takes (413)";
        case errc::refused:
            return "Lambda refused the request";
        case errc::service_error:
            return "Lambda failed to serve the request (5xx)";
        case errc::misconfigured_function:
            return "the function's own configuration keeps Lambda from running it (502)";
        case errc::malformed_response:
            return "Lambda's answer could not be decoded";
        case errc::invalid_call:
            return "the call has a part that must not be sent";
        case errc::invalid_configuration:
            return "the AWS configuration is not usable";
        case errc::no_credentials:
            return "no AWS credentials were found";
        }
        return "unknown lambent.aws error";
    }
    boost::system::error_condition default_error_condition(int value) const noexcept override
    {
        switch (static_cast<errc>(value)) {
        case errc::throttled:
        case errc::service_error:
            return make_error_condition(core::condition::transient);
        default:
            return {value, *this};
        }
    }
};

constexpr aws_category the_category;

} // namespace

const boost::system::error_category& category() noexcept
{
    return the_category;
}

} // namespace lambent::aws
