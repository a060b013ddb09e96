#include <lambent/processor/errc.hpp>

#include <string>

namespace lambent::processor {
namespace {

class processor_category final : public boost::system::error_category
{
public:
    constexpr processor_category() noexcept : error_category(0x6c616d62'70726f63) {}
    const char* name() const noexcept override { return "lambent.processor"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::not_built:
            return "a component could not be made from its configuration";
        case errc::invalid_config:
            return "a field of the configuration has a value that cannot be used";
        case errc::resource_missing:
            return "no resource of that kind and label is configured";
        case errc::key_not_found:
            return "key does not exist";
        case errc::key_exists:
            return "key already exists";
        case errc::invalid_message:
            return "the message's contents are not what the processor needs";
        }
        return "unknown lambent.processor error";
    }
};

constexpr processor_category the_category;

} // namespace

const boost::system::error_category& category() noexcept { return the_category; }

} // namespace lambent::processor
