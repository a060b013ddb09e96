#include <lambent/core/error.hpp>

#include <boost/system/system_error.hpp>

namespace lambent::core {
namespace {

// Identity is the fixed id, not the address: a second copy in another shared object compares equal.
class core_category final : public boost::system::error_category
{
public:
    constexpr core_category() noexcept : error_category(0x6c616d62'636f7265) {}
    const char* name() const noexcept override { return "lambent.core"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::deadline_exceeded:
            return "the deadline passed; allow more time or make fewer calls at once";
        case errc::cancelled:
            return "the call was cancelled by its caller";
        case errc::shutting_down:
            return "the client is shutting down and takes no new calls";
        case errc::limit_exceeded:
            return "a configured limit was reached";
        case errc::closed:
            return "the other side is closed";
        }
        return "unknown lambent.core error";
    }
    boost::system::error_condition default_error_condition(int value) const noexcept override
    {
        switch (static_cast<errc>(value)) {
        case errc::deadline_exceeded:
            return make_error_condition(condition::timed_out);
        case errc::cancelled:
        case errc::shutting_down:
            return make_error_condition(condition::cancelled);
        default:
            return {value, *this};
        }
    }
};

class conditions final : public boost::system::error_category
{
public:
    constexpr conditions() noexcept : error_category(0x6c616d62'636f6e64) {}
    const char* name() const noexcept override { return "lambent.condition"; }
    std::string message(int value) const override
    {
        switch (static_cast<condition>(value)) {
        case condition::timed_out:
            return "timed out";
        case condition::cancelled:
            return "cancelled";
        case condition::transient:
            return "transient";
        }
        return "unknown condition";
    }
};

constexpr core_category the_category;
constexpr conditions the_conditions;

} // namespace

const boost::system::error_category& category() noexcept { return the_category; }
const boost::system::error_category& condition_category() noexcept { return the_conditions; }

void throw_exception_from_error(const error& e, const boost::source_location& where)
{
    (void)where;
    throw boost::system::system_error(e.code, e.detail);
}

} // namespace lambent::core
