#include <lambent/stream/errc.hpp>

#include <string>

namespace lambent::stream {

namespace {

class stream_category final : public boost::system::error_category
{
public:
    constexpr stream_category() noexcept : boost::system::error_category(0x6c616d6265737472U) {}
    const char* name() const noexcept override { return "lambent.stream"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::invalid_config: return "the configuration is not valid";
        case errc::not_built: return "a component could not be made";
        case errc::not_found: return "there is no resource of that label";
        case errc::file_failed: return "a file could not be opened, read or written";
        case errc::bad_input: return "the input cannot be cut into messages";
        case errc::rejected: return "the message was rejected";
        case errc::write_failed: return "the message could not be delivered";
        case errc::mapping_failed: return "a mapping failed";
        }
        return "unknown error";
    }
};

constexpr stream_category instance;

} // namespace

const boost::system::error_category& category() noexcept { return instance; }

} // namespace lambent::stream
