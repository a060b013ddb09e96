#include <lambent/config/errc.hpp>

namespace lambent::config {
namespace {

// Identity is the fixed id, not the address: a second copy in another shared object compares equal.
class config_category final : public boost::system::error_category
{
public:
    constexpr config_category() noexcept : error_category(0x6c616d62'636f6e66) {}
    const char* name() const noexcept override { return "lambent.config"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::malformed_yaml:
            return "the configuration is not valid YAML";
        case errc::too_large:
            return "the configuration is larger or deeper than allowed";
        case errc::wrong_type:
            return "a configuration value has the wrong type";
        case errc::field_missing:
            return "a required configuration field is missing";
        case errc::field_unknown:
            return "a configuration field is not known";
        case errc::invalid_duration:
            return "not a duration; write for example 100ms, 5s or 1h30m";
        case errc::invalid_variable:
            return "an environment variable reference cannot be resolved";
        case errc::type_not_inferred:
            return "a component object must name exactly one known type";
        }
        return "unknown lambent.config error";
    }
};

constexpr config_category the_category;

} // namespace

const boost::system::error_category& category() noexcept { return the_category; }

} // namespace lambent::config
