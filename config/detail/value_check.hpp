#pragma once

#include <lambent/config/errc.hpp>
#include <lambent/config/spec.hpp>

namespace lambent::config::detail {

core::error failed(errc code, std::string detail);
/// Puts "field 'name': " in front.
core::error inside(std::string_view field, core::error e);
/// "line 4: expected array value, got !!str"
core::error not_a(const char* wanted, const node& value);

/// One value as the original decodes it; null and absent are empty, zero, false. Errors have Go's words.
core::result<std::string> to_string(const node& value);
core::result<std::int64_t> to_integer(const node& value);
core::result<double> to_real(const node& value);
core::result<bool> to_boolean(const node& value);

/// Lists and maps that are not given are empty.
bool is_required(const field_spec& field);
/// The first value of a wrong type in the order they are written, then the first required field that is missing.
core::result<void> check_fields(const spec& fields, const node& value);
core::result<void> check_value(const field_spec& field, const node& value);

} // namespace lambent::config::detail
