#pragma once

#include <lambent/core/error.hpp>

namespace lambent::config {

/// What reading a configuration reports. The detail says where and why. Values are never renumbered.
enum class errc {
    malformed_yaml = 1,  ///< not YAML at all
    too_large,           ///< a limit of `document_limits` was reached
    wrong_type,          ///< a value does not fit its field
    field_missing,       ///< a required field was not given
    field_unknown,       ///< a path or field name that no spec knows
    invalid_duration,    ///< not a duration as Go writes them
    invalid_variable,    ///< ${VAR|function} cannot be resolved
    type_not_inferred,   ///< a component object without one clear type
};

const boost::system::error_category& category() noexcept;
inline core::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

} // namespace lambent::config

template <>
struct boost::system::is_error_code_enum<lambent::config::errc> : std::true_type
{};
