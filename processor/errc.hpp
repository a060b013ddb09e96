#pragma once

#include <lambent/core/error.hpp>

namespace lambent::processor {

/// What the processors themselves report. Values are never renumbered.
enum class errc {
    not_built = 1,     ///< a component could not be made; the detail is complete and names the component
    invalid_config,    ///< a field's value cannot be used; the detail is the bare reason
    resource_missing,  ///< no resource of that kind and label
    key_not_found,     ///< of a cache
    key_exists,        ///< of a cache
    invalid_message,   ///< a message's contents are not what the processor needs
};

const boost::system::error_category& category() noexcept;
inline core::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

} // namespace lambent::processor

template <>
struct boost::system::is_error_code_enum<lambent::processor::errc> : std::true_type
{};
