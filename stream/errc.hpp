#pragma once

#include <boost/system/error_code.hpp>

namespace lambent::stream {

/// What the engine reports. Values are never renumbered.
enum class errc {
    invalid_config = 1, ///< the detail says which field and what is wrong with it
    not_built,          ///< a component could not be made; the detail names it
    not_found,          ///< a label without a resource
    file_failed,        ///< the operating system refused; the detail has path and reason
    bad_input,          ///< what was read cannot be cut into messages
    rejected,           ///< the `reject` output, and those like it
    write_failed,       ///< an output could not deliver
    mapping_failed,     ///< a mapping or interpolation failed at run time
};

const boost::system::error_category& category() noexcept;
inline boost::system::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

} // namespace lambent::stream

template <>
struct boost::system::is_error_code_enum<lambent::stream::errc> : std::true_type
{};
